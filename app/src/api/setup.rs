//! The first screen: what to paste until the first event arrives.

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
    /// Events that were refused lately; nothing when all were taken.
    pub refused: Option<Refused>,
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
