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
    /// The models that were refused.
    pub models: Mostly,
    /// The projects that were refused.
    pub projects: Mostly,
    pub calls: u64,
}

/// What most of some calls have in common, if they do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mostly {
    /// The value that more calls have than any other, as it is shown; empty for none.
    pub name: String,
    /// How many calls have it.
    pub calls: u64,
    /// How many values there are.
    pub values: u64,
}
