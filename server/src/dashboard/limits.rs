//! Limits: listing, adding, changing, removing.

use app::api::ApiError;
use app::api::limits::{KindItem, LimitForm, LimitItem, LimitWindow, LimitsPage};
use app::api::standing::StandingScope;
use app::api::vocabulary::Dimension;
use serde::Deserialize;

use super::{Dashboard, new_id, not_answered, not_found, not_recorded};
use crate::limits::{KINDS, Limit, Scope, Source, kind};

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
}

fn default_warn() -> u32 {
    80
}

fn default_critical() -> u32 {
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
}

impl Dashboard {
    /// Every limit.
    pub async fn list_limits(&self) -> Result<Vec<LimitItem>, ApiError> {
        let limits = self.store().limits().await.map_err(not_answered)?;
        Ok(limits.iter().map(|limit| self.item(limit)).collect())
    }

    /// Adds a limit.
    pub async fn add_limit(&self, new: NewLimit) -> Result<LimitItem, ApiError> {
        let now_ms = self.now_ms();
        let kind = kind(&new.kind).ok_or_else(|| {
            let words: Vec<&str> = KINDS.iter().map(|kind| kind.word).collect();
            ApiError::new(
                "unknown_kind",
                format!("`{}` is no kind of limit; there are: {}", new.kind, words.join(", ")),
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
            revision: 1,
        };
        self.keep(limit).await
    }

    /// Changes a limit.
    pub async fn change_limit(&self, id: &str, change: LimitChange) -> Result<LimitItem, ApiError> {
        let mut limit = self.editable(id).await?;
        let other_kind = change.kind.is_some_and(|kind| kind != limit.kind.word);
        let other_scope = change.scope.map(scope).transpose()?.is_some_and(|scope| scope != limit.scope);
        if other_kind || other_scope {
            let message = "the kind and the scope of a limit do not change; remove it and add another";
            return Err(ApiError::new("fixed_field", message));
        }
        if let Some(new) = change.amount {
            limit.amount = amount(limit.kind.unit.parse(new))?;
        }
        limit.name = change.name.unwrap_or(limit.name);
        limit.time_zone = change.window.map_or(limit.time_zone, |window| window.tz);
        limit.warn_percent = change.warn_percent.unwrap_or(limit.warn_percent);
        limit.critical_percent = change.critical_percent.unwrap_or(limit.critical_percent);
        limit.enabled = change.enabled.unwrap_or(limit.enabled);
        limit.revision += 1;
        self.keep(limit).await
    }

    /// Removes a limit; its open incidents are resolved.
    pub async fn delete_limit(&self, id: &str) -> Result<(), ApiError> {
        self.editable(id).await?;
        self.store().delete_limit(id).await.map_err(not_answered)?;
        self.sources.recorder.limits_changed().await.map_err(not_recorded)
    }

    pub(super) async fn limits_page(&self) -> Result<LimitsPage, ApiError> {
        Ok(LimitsPage {
            limits: self.list_limits().await?,
            kinds: KINDS
                .iter()
                .map(|kind| KindItem {
                    word: kind.word.to_owned(),
                    label: kind.label.to_owned(),
                    unit: kind.unit.word().to_owned(),
                    window: kind.window.words(),
                })
                .collect(),
            time_zone: self.time_zone_name(),
        })
    }

    pub(super) async fn take_limit_form(&self, form: LimitForm) -> Result<(), ApiError> {
        let percent = |name: &str, text: &str, default: u32| -> Result<u32, ApiError> {
            match text.trim() {
                "" => Ok(default),
                text => text.parse().map_err(|_| {
                    ApiError::new(
                        "invalid_threshold",
                        format!("the {name} threshold is a whole number of percent"),
                    )
                }),
            }
        };
        let amount: f64 = form.amount.trim().replace([',', '_', ' '], "").parse().map_err(|_| {
            ApiError::new("invalid_amount", "the amount is a number, such as 1000 or 1000000")
        })?;
        let warn_percent = percent("warning", &form.warn_percent, default_warn())?;
        let critical_percent = percent("critical", &form.critical_percent, default_critical())?;
        let time_zone = filled(form.time_zone);
        if form.id.is_empty() {
            let scope =
                ScopeField { dimension: filled(form.scope_dimension), value: filled(form.scope_value) };
            let window = WindowField { tz: time_zone };
            let (name, kind) = (form.name, form.kind);
            self.add_limit(NewLimit { name, kind, amount, scope, window, warn_percent, critical_percent })
                .await?;
        } else {
            let change = LimitChange {
                name: Some(form.name),
                amount: Some(amount),
                window: Some(WindowField { tz: time_zone }),
                warn_percent: Some(warn_percent),
                critical_percent: Some(critical_percent),
                ..LimitChange::default()
            };
            self.change_limit(&form.id, change).await?;
        }
        Ok(())
    }

    async fn keep(&self, limit: Limit) -> Result<LimitItem, ApiError> {
        limit.check().map_err(|error| ApiError::new(error.code(), error.to_string()))?;
        self.store().put_limit(&limit, self.now_ms()).await.map_err(not_answered)?;
        self.sources.recorder.limits_changed().await.map_err(not_recorded)?;
        Ok(self.item(&limit))
    }

    async fn editable(&self, id: &str) -> Result<Limit, ApiError> {
        let limits = self.store().limits().await.map_err(not_answered)?;
        let limit = limits.into_iter().find(|limit| limit.id == id).ok_or_else(|| not_found("limit", id))?;
        if limit.source == Source::File {
            return Err(ApiError::new(
                "managed_by_file",
                format!(
                    "the limit `{}` comes from tacho.toml: change it there and start Tacho again",
                    limit.name
                ),
            ));
        }
        Ok(limit)
    }

    fn item(&self, limit: &Limit) -> LimitItem {
        LimitItem {
            id: limit.id.clone(),
            name: limit.name.clone(),
            kind: limit.kind.word.to_owned(),
            unit: limit.kind.unit.word().to_owned(),
            amount: limit.kind.unit.display(limit.amount),
            scope: StandingScope {
                dimension: limit.scope.dimension().map(|dimension| dimension.word().to_owned()),
                value: limit.scope.value().map(str::to_owned),
            },
            window: LimitWindow { tz: limit.time_zone.clone() },
            warn_percent: limit.warn_percent,
            critical_percent: limit.critical_percent,
            source: limit.source.word().to_owned(),
            enabled: limit.enabled,
            editable: limit.source != Source::File,
        }
    }
}

fn filled(text: String) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn amount<E: std::fmt::Display>(parsed: Result<i64, E>) -> Result<i64, ApiError> {
    parsed.map_err(|error| ApiError::new("invalid_amount", error.to_string()))
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
