//! Where limits stand now, also served as `GET /v1/limits/status`.

use serde::{Deserialize, Serialize};
use vocabulary::Severity;

/// Where one limit stands for one scope value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    pub limit_id: String,
    pub name: String,
    /// Word of the limit kind, e.g. `requests_per_minute`.
    pub kind: String,
    /// `requests`, `tokens`, `usd`, `in_flight` or `percent`.
    pub unit: String,
    /// What the standing covers.
    pub scope: StandingScope,
    /// What the window has used, in `unit`: the worst of what is measured.
    pub used: f64,
    /// What the window allows, in `unit`.
    pub amount: f64,
    /// `used / amount`; may exceed 1.
    pub fraction: f64,
    /// The worst threshold reached.
    pub state: Severity,
    /// How many standings its limit has: one for each value, of a limit on each value.
    pub values: u64,
    /// Percent of the amount at which a warning is raised.
    pub warn_percent: u32,
    /// Percent of the amount at which it becomes critical.
    pub critical_percent: u32,
    /// Whether the proxy refuses calls while it is exhausted.
    pub enforced: bool,
    /// The window that `used` covers.
    pub window: Window,
    /// Its start, Unix milliseconds.
    pub window_start_ms: i64,
    /// When a calendar window starts anew (RFC 3339); nothing for rolling windows.
    pub resets_at: Option<String>,
    /// The same, Unix milliseconds.
    pub resets_at_ms: Option<i64>,
    /// Where the amount comes from: `typed`, `file`, `preset`, `api` or `learned`.
    pub source: String,
    /// Some events in the window had unknown usage: `used` is a lower bound.
    pub usage_incomplete: bool,
    /// Which measurement `used` is: `count` (what Tacho has counted), `replica` (its model of the provider's token
    /// bucket, corrected by response headers) or `headers` (what they said, as it was).
    pub spoke: String,
    /// What Tacho has counted itself, in `unit`; nothing where no event is counted.
    pub count_used: Option<f64>,
    /// What the replica says; nothing when no response has said anything for a few minutes.
    pub replica: Option<ReplicaStanding>,
    /// What was spent of the same bucket unseen by Tacho; nothing when that cannot be told.
    pub unseen: Option<UnseenTraffic>,
    /// The alert that is still open though usage has fallen below what raised it; only for pages.
    #[serde(skip)]
    pub held: Option<HeldAlert>,
    /// Where the limit was learned from; nothing when it was typed.
    pub learned: Option<LearnedFrom>,
}

impl Standing {
    /// What the usage of this moment is, whatever alert is still open.
    pub fn present(&self) -> Severity {
        let reaches = |percent: u32| self.used > 0.0 && self.fraction >= f64::from(percent) / 100.0;
        if reaches(self.critical_percent) {
            Severity::Critical
        } else if reaches(self.warn_percent) {
            Severity::Warning
        } else {
            Severity::Ok
        }
    }
}

/// An alert that is still open though usage has fallen below what raised it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldAlert {
    /// When usage got as bad as the alert is, Unix milliseconds.
    pub since_ms: i64,
    /// It ends once usage is below so many percent of the amount.
    pub below_percent: u32,
    /// And has been there for so long, in milliseconds.
    pub for_ms: i64,
}

/// What a replica of the provider's token bucket says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReplicaStanding {
    /// What is missing from a full bucket, in the standing's unit.
    pub used: f64,
    pub remaining: f64,
    /// How far both may be off, either way: the provider rounds tokens to the nearest 1,000, and what a response says may
    /// have been true at any moment until its head came.
    pub band: f64,
    /// When the request was sent whose response it goes by (RFC 3339).
    pub as_of: String,
    /// When it will be full if nothing more is spent (RFC 3339); nothing for a bucket that never fills.
    pub full_at: Option<String>,
}

/// Traffic on the same bucket that Tacho has not seen, or does not know to be of this workspace: other applications,
/// other keys, other workspaces of the organization, the Console, and calls that have not ended yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnseenTraffic {
    /// What they have spent at the least, in the standing's unit.
    pub amount: f64,
    /// It may be so much more.
    pub band: f64,
    /// Since when (RFC 3339).
    pub since: String,
}

/// Where a limit was learned from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnedFrom {
    /// The organization; empty when nothing tells.
    pub organization: String,
    /// The workspace; empty when nothing tells.
    pub workspace: String,
    /// What shares the limit: models, an endpoint, a tier.
    pub pool: String,
    /// What it limits, e.g. `requests`, `input_tokens` or `unified_5h`.
    pub limiter: String,
    /// When the first request was sent whose response named it (RFC 3339).
    pub first_seen: String,
    /// When the last one was (RFC 3339).
    pub last_seen: String,
    /// The same, Unix milliseconds.
    pub last_seen_ms: i64,
    pub header: String,
}

/// Which events a standing covers; all empty for everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingScope {
    /// Word of the dimension.
    pub dimension: Option<String>,
    pub value: Option<String>,
    /// The models, endpoint or tier that share one limit of the provider.
    pub pool: Option<String>,
    /// The organization of a pool, if that is known.
    pub organization: Option<String>,
    /// The workspace of a pool, if that is known.
    pub workspace: Option<String>,
}

/// A stretch of time as RFC 3339 instants.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// First instant covered.
    pub start: String,
    /// First instant no longer covered; for rolling windows, now.
    pub end: String,
}

/// The worst standings.
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
    /// How often response headers named a limit that was not learned, or for which another made room, since there were
    /// too many already.
    pub not_learned: u64,
    /// Worst first.
    pub standings: Vec<Standing>,
}
