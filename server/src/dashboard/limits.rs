//! Limits, and how they have changed.

use std::collections::HashMap;

use app::api::limits::{LimitChange, LimitItem, LimitWindow};
use domain::limits::{Limit, Source, Unit, learned};
use domain::time::rfc3339;
use vocabulary::Problem;

use super::standings::{learned as learned_from, scope};
use super::{Dashboard, not_found};
use crate::watch::snapshot::Snapshot;

/// Changes listed with a limit; the others are in its history.
const LISTED_CHANGES: usize = 5;
/// Changes that the history of a limit answers, the newest; more are kept.
const ANSWERED_CHANGES: usize = 1_000;

impl Dashboard {
    /// Every limit.
    pub async fn list_limits(&self) -> Result<Vec<LimitItem>, Problem> {
        self.items(&self.store().limits().await?).await
    }

    /// Limits with their latest changes.
    pub(super) async fn items(&self, limits: &[Limit]) -> Result<Vec<LimitItem>, Problem> {
        let snapshot = self.snapshot().await;
        // Only of what is learned there is a history.
        let learned = limits.iter().filter(|limit| limit.source == Source::Learned);
        let learned: Vec<&str> = learned.map(|limit| limit.id.as_str()).collect();
        let mut histories = match learned.as_slice() {
            [] => HashMap::new(),
            learned => self.store().limit_histories(learned, LISTED_CHANGES).await?,
        };
        let item = |limit: &Limit| item(limit, &histories.remove(&limit.id).unwrap_or_default(), &snapshot);
        Ok(limits.iter().map(item).collect())
    }

    /// The changes of a learned limit, newest first, also of one that was removed; of any other there are none.
    pub async fn limit_history(&self, id: &str) -> Result<Vec<LimitChange>, Problem> {
        let limits = self.store().limits().await?;
        let history = self.store().limit_history(id, ANSWERED_CHANGES).await?;
        let kind = match limits.iter().find(|limit| limit.id == id) {
            Some(limit) => limit.kind,
            None => {
                let snapshot = self.snapshot().await;
                let learned = snapshot.learned.get(id).ok_or_else(|| not_found("limit", id))?;
                learned.place.limiter.kind()
            }
        };
        Ok(history.iter().map(|change| shown(change, kind.unit)).collect())
    }

    /// A limit with its latest changes.
    pub async fn item(&self, limit: &Limit) -> Result<LimitItem, Problem> {
        let history = match limit.source {
            Source::Learned => self.store().limit_history(&limit.id, LISTED_CHANGES).await?,
            _ => Vec::new(),
        };
        Ok(item(limit, &history, &*self.snapshot().await))
    }
}

fn item(limit: &Limit, history: &[learned::Change], snapshot: &Snapshot) -> LimitItem {
    let unit = limit.kind.unit;
    LimitItem {
        id: limit.id.clone(),
        name: limit.name.clone(),
        kind: limit.kind.word.to_owned(),
        unit: unit.word().to_owned(),
        amount: unit.display(limit.amount),
        scope: scope(&limit.scope, None),
        window: LimitWindow { tz: limit.time_zone.clone() },
        warn_percent: limit.warn_percent,
        critical_percent: limit.critical_percent,
        source: limit.source.word().to_owned(),
        enabled: limit.enabled,
        enforce: limit.enforce,
        endpoints: limit.endpoint_words(),
        revision: limit.revision,
        editable: limit.source != Source::File,
        learned: snapshot.learned.get(&limit.id).map(learned_from),
        history: history.iter().map(|change| shown(change, unit)).collect(),
    }
}

fn shown(change: &learned::Change, unit: Unit) -> LimitChange {
    LimitChange {
        at: rfc3339(change.at_ms),
        at_ms: change.at_ms,
        before: change.before.map(|before| unit.display(before)),
        after: unit.display(change.after),
        event_id: change.event_id.clone(),
    }
}
