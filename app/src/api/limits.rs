//! Limits as people see and edit them.

use serde::{Deserialize, Serialize};

use super::standing::{LearnedFrom, Standing, StandingScope};

/// The limits, and what can be added.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitsPage {
    /// In the order they were added: one's own first to be shown, then those learned limits that are worst or were met
    /// lately.
    pub limits: Vec<LimitItem>,
    /// Where they stand, the worst dozen of each, with names as they are shown.
    pub standings: Vec<Standing>,
    /// How often response headers named a limit that was not learned, since there were too many already.
    pub not_learned: u64,
    /// How many limits are not on the page.
    pub more: u64,
    /// The kinds of limit that can be added.
    pub kinds: Vec<KindItem>,
    /// The time zone that calendar windows follow unless a limit says otherwise.
    pub time_zone: String,
}

/// A kind of limit that can be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindItem {
    /// Its word.
    pub word: String,
    /// The word of its unit.
    pub unit: String,
}

/// One limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LimitItem {
    pub id: String,
    pub name: String,
    /// Word of its kind.
    pub kind: String,
    /// Unit of `amount`: `requests`, `tokens`, `usd`, `in_flight` or `percent`.
    pub unit: String,
    /// What a window allows.
    pub amount: f64,
    /// What it covers: everything, one value, or (without a value) each value of a dimension.
    pub scope: StandingScope,
    /// How its windows lie.
    pub window: LimitWindow,
    pub warn_percent: u32,
    pub critical_percent: u32,
    /// Where the amount comes from: `typed`, `file`, `preset`, `api` or `learned`.
    pub source: String,
    /// Whether it is evaluated.
    pub enabled: bool,
    /// Whether the proxy refuses calls while it is exhausted.
    pub enforce: bool,
    /// Which calls it counts, of a limit of one's own on requests: `messages` (what generates), `count_tokens`,
    /// `batches`, `files`, `agents`, `other`. Empty for other limits.
    pub endpoints: Vec<String>,
    /// Counts its changes: who changes it can say which state of it is meant.
    pub revision: u64,
    /// Whether it can be changed here; limits from `tacho.toml` cannot.
    pub editable: bool,
    /// Where it was learned from: its amount does not change here, only in what the provider's headers say.
    pub learned: Option<LearnedFrom>,
    /// The latest changes of a learned limit, newest first.
    pub history: Vec<LimitChange>,
}

/// One change of a learned limit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LimitChange {
    /// When the response came that told of it (RFC 3339).
    pub at: String,
    /// The same, Unix milliseconds.
    pub at_ms: i64,
    /// What held before, in the limit's unit; nothing when it was new.
    pub before: Option<f64>,
    /// What holds since.
    pub after: f64,
    /// The event whose headers told of it.
    pub event_id: String,
}

/// How a limit's windows lie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitWindow {
    /// The time zone that hours, days and months follow, an IANA name; nothing for the configured one.
    pub tz: Option<String>,
}

/// What the limit form sends. Numbers are text: they come from a form, and the server says what is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LimitForm {
    /// Empty to add a limit.
    pub id: String,
    /// Which state of it was changed: so that nobody's change in the meantime is lost. Empty for whichever there is.
    pub revision: String,
    pub name: String,
    /// Word of its kind; ignored when changing a limit.
    pub kind: String,
    /// What a window allows, in the kind's unit.
    pub amount: String,
    /// Word of a dimension, or empty for everything; ignored when changing a limit.
    pub scope_dimension: String,
    /// A value, or empty for each value; ignored when changing a limit.
    pub scope_value: String,
    /// IANA time zone for calendar windows, or empty for the default.
    pub time_zone: String,
    /// Warning threshold in percent, empty for 80.
    pub warn_percent: String,
    /// Critical threshold in percent, empty for 100.
    pub critical_percent: String,
    /// Anything but empty: the proxy refuses calls while the limit is exhausted.
    pub enforce: String,
    /// Words of endpoints, parted by commas; empty for what generates.
    pub endpoints: String,
}
