//! Limits as people see and edit them.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::error::ApiError;
use super::standing::{LearnedFrom, StandingScope};

/// The limits, and what can be added.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LimitsPage {
    /// In the order they were added: one's own first to be shown, then those learned limits that are worst or were met
    /// lately.
    pub limits: Vec<LimitCard>,
    /// What else is to be known of them: how it looks (`notice` or `footnote`), and the words.
    pub notes: Vec<(String, String)>,
    /// The kinds of limit that can be added: the word of each, and what it is.
    pub kinds: Vec<(String, String)>,
    /// The time zone that calendar windows follow unless a limit says otherwise.
    pub time_zone: String,
}

/// A limit as its page shows it, in words as far as a browser need not make them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LimitCard {
    pub id: String,
    /// Its name, as it is shown.
    pub title: String,
    /// Kind, amount, what it covers and thresholds.
    pub facts: String,
    /// Its name, exactly.
    pub name: String,
    /// What a window allows, as it is typed.
    pub amount: String,
    pub warn_percent: u32,
    pub critical_percent: u32,
    /// The time zone of its windows; empty for the configured one.
    pub time_zone: String,
    /// The one that it follows otherwise.
    pub default_zone: String,
    /// Whether the proxy refuses calls while it is exhausted.
    pub enforce: bool,
    /// Words of the endpoints it counts, parted by commas; empty where that is no question.
    pub endpoints: String,
    /// Whether it is evaluated.
    pub enabled: bool,
    /// Whether it can be changed here; limits from `tacho.toml` cannot.
    pub editable: bool,
    /// Whether its amount is what the provider's headers say, and not typed.
    pub learned: bool,
    /// When it changed lately, Unix milliseconds, and how, newest first.
    pub history: Vec<(i64, String)>,
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

/// Adds or changes a limit, then shows the limits.
#[server(endpoint = "save_limit")]
pub async fn save_limit(form: LimitForm) -> Result<(), ApiError> {
    super::backend().save_limit(form).await?;
    super::backend().go_back_to("/limits");
    Ok(())
}

/// Removes a limit, then shows the limits.
#[server(endpoint = "remove_limit")]
pub async fn remove_limit(id: String) -> Result<(), ApiError> {
    super::backend().remove_limit(id).await?;
    super::backend().go_back_to("/limits");
    Ok(())
}
