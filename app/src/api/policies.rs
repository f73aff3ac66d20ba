//! What the proxy's policies did over a range, also served as `GET /v1/policies`.

use serde::{Deserialize, Serialize};

/// What policies did. Calls that Tacho answered itself never reached the API, and are in no other sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyReport {
    /// Start (RFC 3339), inclusive.
    pub from: String,
    /// End (RFC 3339), exclusive.
    pub to: String,
    /// Those that did something.
    pub policies: Vec<PolicyItem>,
}

/// What one policy did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyItem {
    /// Its word: `queue`, `retry`, `cache`, `cooldown` or `enforce`.
    pub policy: String,
    /// Attempts that it added: calls that were sent to the API again.
    pub retries: u64,
    /// Calls that Tacho answered itself: the hits of `cache`.
    pub answered: u64,
    pub refused: u64,
    /// Calls whose callers went away while they waited.
    pub given_up: u64,
    /// Calls that waited, and were sent then.
    pub waited: u64,
    /// What half of those waited at most; null when none waited.
    pub wait_p50_ms: Option<u64>,
    /// What 99 of 100 of those waited at most; null when none waited.
    pub wait_p99_ms: Option<u64>,
}
