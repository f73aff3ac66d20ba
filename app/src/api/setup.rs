//! The first screen, and what every overview says first: what to paste until the first event arrives, that it has
//! come, and what is wrong with events on their way here.

use serde::{Deserialize, Serialize};

/// Whether Tacho has seen anything yet, and how to send it something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    /// At least one event is stored.
    pub has_events: bool,
    /// The address of this Tacho, e.g. `http://127.0.0.1:8787`.
    pub base_url: String,
    /// An ingest key made at this start, or a placeholder with how to make one.
    pub ingest_key: String,
    /// The key is a real one, so that the lines work when pasted.
    pub key_is_real: bool,
    /// Calls through the proxy need a key for Tacho beside the API's own.
    pub proxy_needs_key: bool,
    /// The first event, for a few minutes.
    pub first_call: Option<FirstCall>,
    /// Events that were refused lately; nothing when all were taken.
    pub refused: Option<Refused>,
    /// What became of the proxy's events that are not stored.
    pub unstored: Unstored,
}

/// The first event there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstCall {
    /// Its model.
    pub model: String,
    /// What it has read, of every kind; nothing when that is unknown.
    pub input_tokens: Option<u64>,
    /// Its HTTP status, if it is an error.
    pub error_status: Option<u16>,
    /// The limits that response headers have told of by now, in words: `1,000 requests per minute`.
    pub learned: Vec<String>,
}

/// Events that were refused in the last 24 hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// How many there were.
    pub count: u64,
    /// Public part of the key that sent the latest.
    pub key: String,
    /// What is wrong with the latest and how to put it right.
    pub message: String,
}

/// Events of the proxy that storage did not take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unstored {
    /// Bytes of them that wait in a file.
    pub spilled_bytes: u64,
    /// Those that are lost, since the start.
    pub lost: u64,
}
