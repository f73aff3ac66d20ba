//! The first screen, and what every overview says first: what to paste until the first event arrives, that it has
//! come, and what is wrong with events on their way here.

use serde::{Deserialize, Serialize};

/// Whether Tacho has seen anything yet, and how to send it something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    /// At least one event is stored.
    pub has_events: bool,
    /// How to be seen, with this Tacho's address and key filled in.
    pub ways: Vec<Way>,
    /// The first event, for a few minutes.
    pub first_call: Option<FirstCall>,
    /// Events that were refused lately; nothing when all were taken.
    pub refused: Option<Refused>,
    /// What became of the proxy's events that are not stored.
    pub unstored: Unstored,
}

/// One way to be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// What calls the API.
    pub name: String,
    /// What some lines do, and the lines, which are pasted in one place.
    pub lines: Vec<(String, String)>,
    /// What in the lines stands for a key of the reader's own, and the command that makes one.
    pub keys: Vec<(String, String)>,
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
