//! Limits: adding, changing, removing.

use app::api::limits::LimitItem;
use domain::limits::{KINDS, Limit, Scope, Source, kind_to_add};
use domain::time::new_id;
use domain::usage::Endpoints;
use serde::Deserialize;
use vocabulary::{Problem, ProblemKind, wording};

use super::{Commands, not_found, not_recorded};
use crate::store::{Action, Author, limit_told};

/// A limit to add.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewLimit {
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
    #[serde(default = "default_warn")]
    pub warn_percent: u32,
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
#[serde(deny_unknown_fields, rename = "LimitChange")]
pub struct LimitEdit {
    /// Which state of it is changed: where it is another by now, nothing is.
    pub revision: Option<u64>,
    pub name: Option<String>,
    pub amount: Option<f64>,
    pub kind: Option<String>,
    pub scope: Option<ScopeField>,
    /// Its new time zone; `null` in it for the default one.
    pub window: Option<WindowField>,
    pub warn_percent: Option<u32>,
    pub critical_percent: Option<u32>,
    /// Whether it is evaluated.
    pub enabled: Option<bool>,
    /// Whether the proxy refuses calls while it is exhausted.
    pub enforce: Option<bool>,
    /// Words of the endpoints it covers now.
    pub endpoints: Option<Vec<String>>,
}

impl Commands {
    /// Adds a limit.
    pub async fn add_limit(&self, new: NewLimit, by: Author) -> Result<LimitItem, Problem> {
        let now_ms = self.now_ms();
        let kind = kind_to_add(&new.kind).ok_or_else(|| {
            let words: Vec<&str> = KINDS.iter().map(|kind| kind.word).collect();
            Problem::invalid(
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
        let told = limit_told(&limit);
        self.keep(&limit).await?;
        self.noted(by, Action::LimitAdded, &limit.id, None, Some(told)).await;
        self.take_up(&limit).await
    }

    /// Changes a limit.
    pub async fn change_limit(&self, id: &str, change: LimitEdit, by: Author) -> Result<LimitItem, Problem> {
        let mut limit = self.editable(id).await?;
        if change.revision.is_some_and(|revision| revision != limit.revision) {
            let message = "this limit was changed in the meantime: load the page again, look at what it is now, and change that";
            return Err(Problem::new(ProblemKind::Conflict, "changed_meanwhile", message));
        }
        let before = limit_told(&limit);
        let other_kind = change.kind.is_some_and(|kind| kind != limit.kind.word);
        let other_scope = change.scope.map(scope).transpose()?.is_some_and(|scope| scope != limit.scope);
        if other_kind || other_scope {
            let message = "the kind and the scope of a limit do not change; remove it and add another";
            return Err(Problem::invalid("fixed_field", message));
        }
        if let Some(new) = change.amount {
            let new = amount(limit.kind.unit.parse(new))?;
            if new != limit.amount {
                if limit.source == Source::Learned {
                    return Err(Problem::new(
                        ProblemKind::Conflict,
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
        // Whoever touches an example wants it.
        if limit.source == Source::Preset {
            limit.source = Source::Typed;
        }
        let told = limit_told(&limit);
        self.keep(&limit).await?;
        self.noted(by, Action::LimitChanged, id, Some(before), Some(told)).await;
        self.take_up(&limit).await
    }

    /// Removes a limit; its open incidents are resolved.
    pub async fn delete_limit(&self, id: &str, by: Author) -> Result<(), Problem> {
        let before = limit_told(&self.editable(id).await?);
        self.store().delete_limit(id).await?;
        self.noted(by, Action::LimitRemoved, id, Some(before), None).await;
        self.means.recorder.limits_changed().await.map_err(not_recorded)
    }

    async fn keep(&self, limit: &Limit) -> Result<(), Problem> {
        limit.check().map_err(|error| Problem::invalid(error.code(), error.to_string()))?;
        Ok(self.store().put_limit(limit, self.now_ms()).await?)
    }

    /// Has it held against what arrives. It is noted by then: what it does to others is told after it.
    async fn take_up(&self, limit: &Limit) -> Result<LimitItem, Problem> {
        self.means.recorder.limits_changed().await.map_err(not_recorded)?;
        self.dashboard().item(limit).await
    }

    async fn editable(&self, id: &str) -> Result<Limit, Problem> {
        let limits = self.store().limits().await?;
        let limit = limits.into_iter().find(|limit| limit.id == id).ok_or_else(|| not_found("limit", id))?;
        if limit.source == Source::File {
            return Err(Problem::new(
                ProblemKind::Conflict,
                "managed_by_file",
                format!(
                    "the limit `{}` comes from tacho.toml: change it there and start Tacho again",
                    wording::name(&limit.name)
                ),
            ));
        }
        Ok(limit)
    }
}

fn amount<E: std::fmt::Display>(parsed: Result<i64, E>) -> Result<i64, Problem> {
    parsed.map_err(|error| Problem::invalid("invalid_amount", error.to_string()))
}

/// Endpoints by their words; what generates, where there are none.
fn endpoints(words: Option<&[String]>) -> Result<Endpoints, Problem> {
    let Some(words) = words else { return Ok(Endpoints::default()) };
    Endpoints::of_words(words.iter().map(String::as_str))
        .map_err(|error| Problem::invalid("invalid_endpoints", error.to_string()))
}

fn scope(ScopeField { dimension, value }: ScopeField) -> Result<Scope, Problem> {
    Scope::of_words(dimension.as_deref(), value)
        .map_err(|error| Problem::invalid("invalid_scope", error.to_string()))
}
