//! What happened to alerts: the feed on the overview, also served as `GET /v1/alerts`.

use serde::{Deserialize, Serialize};
use vocabulary::Severity;

use super::standing::StandingScope;
use super::zone::Zone;

/// One transition of an alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertItem {
    pub incident_key: String,
    /// Its number within the alert, from 1.
    pub sequence: u64,
    pub limit_id: String,
    pub limit_name: String,
    /// Word of the limit kind.
    pub kind: String,
    /// `requests`, `tokens`, `usd` or `in_flight`.
    pub unit: String,
    /// What the alert covers.
    pub scope: StandingScope,
    /// Before.
    pub previous_severity: Severity,
    /// After.
    pub severity: Severity,
    /// Why: `threshold`, `usage_dropped`, `window_reset`, `limit_changed`, `limit_disabled`, `limit_deleted`, `corrected`.
    pub reason: String,
    /// Usage at the transition, in `unit`.
    pub used: f64,
    /// Amount of the limit then, in `unit`.
    pub amount: f64,
    /// When it happened, by the events' own time, Unix milliseconds.
    pub event_time_ms: i64,
    /// When Tacho found out, Unix milliseconds.
    pub detected_at_ms: i64,
    /// This is the latest transition of an alert that is still warning or critical.
    pub open: bool,
}

/// The latest transitions, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Feed {
    /// Newest first.
    pub items: Vec<AlertItem>,
    /// When this was true, Unix milliseconds.
    pub as_of_ms: i64,
    /// The display time zone.
    pub zone: Zone,
}
