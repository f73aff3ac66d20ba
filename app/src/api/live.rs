//! What `GET /v1/live` sends, event by event.

use serde::{Deserialize, Serialize};

use super::breakdown::BreakdownSums;

/// `hello`: sent first on every connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    pub version: String,
    /// Names the built files of the interface; a change means the page should be reloaded.
    pub build: String,
    /// The server's clock, Unix milliseconds.
    pub now_ms: i64,
    /// As in [`Tick`].
    pub revision: u64,
}

/// `tick`: once a second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tick {
    /// The server's clock, Unix milliseconds.
    pub now_ms: i64,
    /// Grows with every commit that changed what a page shows: ask again when it has.
    pub revision: u64,
}

/// `bucket`: a minute whose sums have changed, over all events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    /// Its start, Unix seconds.
    pub at: i64,
    pub step_s: i64,
    /// It is still filling.
    pub partial: bool,
    /// What it holds now.
    #[serde(flatten)]
    pub sums: BreakdownSums,
}
