//! Limits: listing, adding, changing, removing.

use app::api::ApiError;
use app::api::limits::{LimitChange as Change, LimitItem, LimitWindow};
use domain::limits::{KINDS, Limit, Scope, Source, Unit, kind_to_add, learned};
use domain::time::{new_id, rfc3339};
use domain::usage::Endpoints;
use serde::Deserialize;
use vocabulary::{Dimension, wording};

use super::{Dashboard, not_answered, not_found, not_recorded};
use crate::store::{Action, Author};
use crate::watch;

/// Changes listed with a limit; the others are in its history.
const LISTED_CHANGES: usize = 5;
/// Changes that the history of a limit answers, the newest; more are kept.
const ANSWERED_CHANGES: usize = 1_000;

/// A limit to add.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewLimit {
    /// Its name.
    pub name: String,
    /// Word of its kind.
    pub kind: String,
    /// What a window allows, in the kind's unit.
    pub amount: f64,
    /// What it covers.
    #[serde(default)]
    pub scope: ScopeField,
    /// Its time zone.
    #[serde(default)]
    pub window: WindowField,
    /// Warning threshold in percent.
    #[serde(default = "default_warn")]
    pub warn_percent: u32,
    /// Critical threshold in percent.
    #[serde(default = "default_critical")]
    pub critical_percent: u32,
    /// Whether the proxy refuses calls while it is exhausted.
    #[serde(default)]
    pub enforce: bool,
    /// Words of the endpoints it covers, of a limit on requests; nothing for what generates.
    #[serde(default)]
    pub endpoints: Option<Vec<String>>,
}

pub(super) fn default_warn() -> u32 {
    80
}

pub(super) fn default_critical() -> u32 {
    100
}

/// `{"dimension":"user","value":null}`: no dimension is everything, no value is each value.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeField {
    /// Word of a dimension.
    #[serde(default)]
    pub dimension: Option<String>,
    /// One value.
    #[serde(default)]
    pub value: Option<String>,
}

/// `{"tz":"Asia/Seoul"}`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowField {
    /// IANA time zone of calendar windows.
    #[serde(default)]
    pub tz: Option<String>,
}

/// What to change about a limit; what is left out stays. Kind and scope may be given, but do not change: that is
/// another limit.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitChange {
    /// Its new name.
    pub name: Option<String>,
    /// Its new amount.
    pub amount: Option<f64>,
    /// Its kind.
    pub kind: Option<String>,
    /// Its scope.
    pub scope: Option<ScopeField>,
    /// Its new time zone; `null` in it for the default one.
    pub window: Option<WindowField>,
    /// Its new warning threshold.
    pub warn_percent: Option<u32>,
    /// Its new critical threshold.
    pub critical_percent: Option<u32>,
    /// Whether it is evaluated.
    pub enabled: Option<bool>,
    /// Whether the proxy refuses calls while it is exhausted.
    pub enforce: Option<bool>,
    /// Words of the endpoints it covers now.
    pub endpoints: Option<Vec<String>>,
}

impl Dashboard {
    /// Every limit.
    pub async fn list_limits(&self) -> Result<Vec<LimitItem>, ApiError> {
        self.items(self.store().limits().await.map_err(not_answered)?).await
    }

    /// Limits with their latest changes.
    pub(super) async fn items(&self, limits: Vec<Limit>) -> Result<Vec<LimitItem>, ApiError> {
        let mut items = Vec::with_capacity(limits.len());
        for limit in &limits {
            items.push(self.item(limit).await?);
        }
        Ok(items)
    }

    /// The changes of a learned limit, newest first, also of one that was removed; of any other there are none.
    pub async fn limit_history(&self, id: &str) -> Result<Vec<Change>, ApiError> {
        let limits = self.store().limits().await.map_err(not_answered)?;
        let history = self.store().limit_history(id, ANSWERED_CHANGES).await.map_err(not_answered)?;
        let kind = match limits.iter().find(|limit| limit.id == id) {
            Some(limit) => limit.kind,
            None => self.sources.recorder.watch().learned_kind(id).ok_or_else(|| not_found("limit", id))?,
        };
        Ok(history.iter().map(|change| shown(change, kind.unit)).collect())
    }

    /// Adds a limit.
    pub async fn add_limit(&self, new: NewLimit, by: Author) -> Result<LimitItem, ApiError> {
        let now_ms = self.now_ms();
        let kind = kind_to_add(&new.kind).ok_or_else(|| {
            let words: Vec<&str> = KINDS.iter().map(|kind| kind.word).collect();
            ApiError::new(
                "unknown_kind",
                format!(
                    "`{}` is no kind of limit; there are: {}",
                    wording::name(&new.kind),
                    words.join(", ")
                ),
            )
        })?;
        let limit = Limit {
            id: new_id("lim", now_ms),
            name: new.name,
            kind,
            amount: amount(kind.unit.parse(new.amount))?,
            scope: scope(new.scope)?,
            time_zone: new.window.tz,
            warn_percent: new.warn_percent,
            critical_percent: new.critical_percent,
            source: Source::Typed,
            enabled: true,
            enforce: new.enforce,
            endpoints: endpoints(new.endpoints.as_deref())?,
            revision: 1,
        };
        let added = self.keep(limit).await?;
        self.noted(by, Action::LimitAdded, &added.id, None, Some(told(&added))).await;
        Ok(added)
    }

    /// Changes a limit.
    pub async fn change_limit(
        &self,
        id: &str,
        change: LimitChange,
        by: Author,
    ) -> Result<LimitItem, ApiError> {
        let mut limit = self.editable(id).await?;
        let before = told(&self.item(&limit).await?);
        let other_kind = change.kind.is_some_and(|kind| kind != limit.kind.word);
        let other_scope = change.scope.map(scope).transpose()?.is_some_and(|scope| scope != limit.scope);
        if other_kind || other_scope {
            let message = "the kind and the scope of a limit do not change; remove it and add another";
            return Err(ApiError::new("fixed_field", message));
        }
        if let Some(new) = change.amount {
            let new = amount(limit.kind.unit.parse(new))?;
            if new != limit.amount {
                if limit.source == Source::Learned {
                    return Err(ApiError::new(
                        "learned_amount",
                        format!(
                            "the amount of `{}` is what the provider's response headers say: change its thresholds, switch it off, or add a limit of your own beside it",
                            wording::name(&limit.name)
                        ),
                    ));
                }
                (limit.amount, limit.source) = (new, Source::Typed);
            }
        }
        limit.name = change.name.unwrap_or(limit.name);
        limit.time_zone = change.window.map_or(limit.time_zone, |window| window.tz);
        limit.warn_percent = change.warn_percent.unwrap_or(limit.warn_percent);
        limit.critical_percent = change.critical_percent.unwrap_or(limit.critical_percent);
        limit.enabled = change.enabled.unwrap_or(limit.enabled);
        limit.enforce = change.enforce.unwrap_or(limit.enforce);
        if change.endpoints.is_some() {
            limit.endpoints = endpoints(change.endpoints.as_deref())?;
        }
        limit.revision += 1;
        let changed = self.keep(limit).await?;
        self.noted(by, Action::LimitChanged, id, Some(before), Some(told(&changed))).await;
        Ok(changed)
    }

    /// Removes a limit; its open incidents are resolved.
    pub async fn delete_limit(&self, id: &str, by: Author) -> Result<(), ApiError> {
        let before = told(&self.item(&self.editable(id).await?).await?);
        self.store().delete_limit(id).await.map_err(not_answered)?;
        self.noted(by, Action::LimitRemoved, id, Some(before), None).await;
        self.sources.recorder.limits_changed().await.map_err(not_recorded)
    }

    async fn keep(&self, limit: Limit) -> Result<LimitItem, ApiError> {
        limit.check().map_err(|error| ApiError::new(error.code(), error.to_string()))?;
        self.store().put_limit(&limit, self.now_ms()).await.map_err(not_answered)?;
        self.sources.recorder.limits_changed().await.map_err(not_recorded)?;
        self.item(&limit).await
    }

    async fn editable(&self, id: &str) -> Result<Limit, ApiError> {
        let limits = self.store().limits().await.map_err(not_answered)?;
        let limit = limits.into_iter().find(|limit| limit.id == id).ok_or_else(|| not_found("limit", id))?;
        if limit.source == Source::File {
            return Err(ApiError::new(
                "managed_by_file",
                format!(
                    "the limit `{}` comes from tacho.toml: change it there and start Tacho again",
                    wording::name(&limit.name)
                ),
            ));
        }
        Ok(limit)
    }

    async fn item(&self, limit: &Limit) -> Result<LimitItem, ApiError> {
        let unit = limit.kind.unit;
        // Only of what is learned there is a history.
        let history = match limit.source {
            Source::Learned => self.store().limit_history(&limit.id, LISTED_CHANGES).await,
            _ => Ok(Vec::new()),
        };
        let history = history.map_err(not_answered)?;
        Ok(LimitItem {
            id: limit.id.clone(),
            name: limit.name.clone(),
            kind: limit.kind.word.to_owned(),
            unit: unit.word().to_owned(),
            amount: unit.display(limit.amount),
            scope: watch::scope(&limit.scope, None),
            window: LimitWindow { tz: limit.time_zone.clone() },
            warn_percent: limit.warn_percent,
            critical_percent: limit.critical_percent,
            source: limit.source.word().to_owned(),
            enabled: limit.enabled,
            enforce: limit.enforce,
            endpoints: covered(limit),
            editable: limit.source != Source::File,
            learned: self.sources.recorder.watch().learned(&limit.id),
            history: history.iter().map(|change| shown(change, unit)).collect(),
        })
    }
}

/// The endpoints that calls it counts go to. What comes out of a pool the provider says; and tokens and money count
/// wherever they were used.
fn covered(limit: &Limit) -> Vec<String> {
    if !limit.kind.counts_requests() || matches!(limit.scope, Scope::Pool { .. }) {
        return Vec::new();
    }
    limit.endpoints.classes().map(|class| class.word().to_owned()).collect()
}

/// A limit as the audit log tells of it: what somebody decides.
fn told(item: &LimitItem) -> serde_json::Value {
    serde_json::json!({
        "name": item.name, "kind": item.kind, "amount": item.amount, "scope": item.scope, "window": item.window,
        "warn_percent": item.warn_percent, "critical_percent": item.critical_percent, "enabled": item.enabled,
        "enforce": item.enforce, "endpoints": item.endpoints,
    })
}

fn shown(change: &learned::Change, unit: Unit) -> Change {
    Change {
        at: rfc3339(change.at_ms),
        at_ms: change.at_ms,
        before: change.before.map(|before| unit.display(before)),
        after: unit.display(change.after),
        event_id: change.event_id.clone(),
    }
}

fn amount<E: std::fmt::Display>(parsed: Result<i64, E>) -> Result<i64, ApiError> {
    parsed.map_err(|error| ApiError::new("invalid_amount", error.to_string()))
}

/// Endpoints by their words; what generates, where there are none.
pub(crate) fn endpoints(words: Option<&[String]>) -> Result<Endpoints, ApiError> {
    let Some(words) = words else { return Ok(Endpoints::default()) };
    Endpoints::of_words(words.iter().map(String::as_str))
        .map_err(|error| ApiError::new("invalid_endpoints", error.to_string()))
}

pub(crate) fn scope(field: ScopeField) -> Result<Scope, ApiError> {
    let Some(word) = field.dimension else {
        return match field.value {
            None => Ok(Scope::Everything),
            Some(_) => Err(ApiError::new("invalid_scope", "a scope with a `value` needs a `dimension`")),
        };
    };
    let dimension: Dimension = word.parse().map_err(|reason: String| {
        ApiError::new("invalid_scope", format!("the scope's dimension {reason}"))
    })?;
    Ok(match field.value {
        Some(value) => Scope::One(dimension, value),
        None => Scope::Each(dimension),
    })
}
