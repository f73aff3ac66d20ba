//! Where limits stand as pages draw it: in words, since a browser that could make them would have to be sent that, too.

use serde::{Deserialize, Serialize};
use vocabulary::Severity;

/// Where one limit stands, for one of its values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GaugeLine {
    pub limit_id: String,
    /// Name of the limit, as it is shown.
    pub name: String,
    /// What it covers, where that is not everything.
    pub scope: Option<String>,
    /// The worst threshold reached.
    pub state: Severity,
    /// How much of the amount is used; may exceed 1.
    pub fraction: f64,
    /// Percent of the amount at which a warning is raised.
    pub warn_percent: u32,
    /// `≥ 83 %`
    pub share: String,
    /// `at least 4.2k of 5k requests`
    pub used: String,
    /// The same with all digits.
    pub exact: String,
    /// When its window starts anew, of one that does.
    pub resets: Option<String>,
    /// Of a learned limit: how old its headers are, and whose word it takes.
    pub note: Option<String>,
    /// How many values its limit has.
    pub values: u64,
}

/// Where the limits of a page stand, worst first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gauges {
    /// When this was true, Unix milliseconds.
    pub as_of_ms: i64,
    /// One for each value that is told of.
    pub gauges: Vec<GaugeLine>,
}

/// How much room there is: what an overview says before anything else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Room {
    /// How the nearest limit stands, in a sentence.
    pub verdict: String,
    /// The page's title.
    pub title: String,
    /// What is said aloud, and only when it changes: no numbers. Empty while there is room.
    pub spoken: String,
    /// The state of the nearest.
    pub state: Severity,
    /// When this was true, as a clock shows it.
    pub as_of: String,
    /// The worst standing of each of the worst limits.
    pub gauges: Vec<GaugeLine>,
    /// How many limits there are beside these.
    pub more: u64,
}
