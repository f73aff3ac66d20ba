//! Where limits stand now, also served as `GET /v1/limits/status`.

use serde::{Deserialize, Serialize};

use super::vocabulary::words;

words! {
    /// The state of one standing against its thresholds.
    Severity {
        /// Below the warning threshold.
        Ok = "ok",
        /// At or above the warning threshold.
        Warning = "warning",
        /// At or above the critical threshold.
        Critical = "critical",
    }
}

/// Where one limit stands for one scope value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// Id of the limit.
    pub limit_id: String,
    /// Name of the limit.
    pub name: String,
    /// Word of the limit kind, e.g. `requests_per_minute`.
    pub kind: String,
    /// `requests`, `tokens`, `usd` or `in_flight`.
    pub unit: String,
    /// What the standing covers.
    pub scope: StandingScope,
    /// What the window has used, in `unit`.
    pub used: f64,
    /// What the window allows, in `unit`.
    pub amount: f64,
    /// `used / amount`; may exceed 1.
    pub fraction: f64,
    /// The worst threshold reached.
    pub state: Severity,
    /// Percent of the amount at which a warning is raised.
    pub warn_percent: u32,
    /// Percent of the amount at which it becomes critical.
    pub critical_percent: u32,
    /// The window that `used` covers.
    pub window: Window,
    /// When a calendar window starts anew (RFC 3339); nothing for rolling windows.
    pub resets_at: Option<String>,
    /// The same, Unix milliseconds.
    pub resets_at_ms: Option<i64>,
    /// Where the amount comes from: `typed`, `file`, `preset`, `api` or `learned`.
    pub source: String,
    /// Some events in the window had unknown usage: `used` is a lower bound.
    pub usage_incomplete: bool,
}

/// Which events a standing covers; both empty for everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingScope {
    /// Word of the dimension.
    pub dimension: Option<String>,
    /// Value of the dimension.
    pub value: Option<String>,
}

/// A stretch of time as RFC 3339 instants.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// First instant covered.
    pub start: String,
    /// First instant no longer covered; for rolling windows, now.
    pub end: String,
}

/// Every standing, worst first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standings {
    /// When this was true (RFC 3339).
    pub as_of: String,
    /// The same, Unix milliseconds.
    pub as_of_ms: i64,
    /// Offset of the display time zone from UTC, seconds east.
    pub utc_offset_s: i32,
    /// How many limits are evaluated; one on each value has no standing until an event comes under it.
    pub limits: u64,
    /// Worst first.
    pub standings: Vec<Standing>,
}
