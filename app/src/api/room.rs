//! How much room there is: what the first page says before anything else.

use super::standing::Standing;

/// Where the limits stand, and when calls were last refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Room {
    /// When this was true, Unix milliseconds.
    pub as_of_ms: i64,
    /// How many limits are evaluated.
    pub limits: u64,
    /// The worst standing of each limit, with names as they are shown.
    pub standings: Vec<Standing>,
    /// The latest minute of the last day in which the API refused calls.
    pub refusal: Option<RefusedMinute>,
}

/// A minute in which the API refused calls (status 429).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedMinute {
    /// Its start, Unix seconds.
    pub at_s: i64,
    /// The model that was refused most, as it is shown.
    pub model: String,
    /// The project that was refused most, as it is shown; empty for none.
    pub project: String,
    pub calls: u64,
}
