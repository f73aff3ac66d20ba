//! The alert feed.

use std::collections::HashSet;

use app::api::alerts::{AlertItem, Feed, FeedLine, FeedLines};
use app::api::standing::StandingScope;
use domain::limits;
use vocabulary::{Severity, wording};

use super::Dashboard;
use crate::store::{StoreError, TransitionRecord};
use crate::watch::value_in_words;

impl Dashboard {
    /// The latest alert transitions, newest first; with a state only those that ended in it.
    pub async fn read_feed(&self, limit: u32, state: Option<Severity>) -> Result<Feed, StoreError> {
        let as_of_ms = self.now_ms();
        let firing: HashSet<(String, u64)> = self
            .store()
            .open_instances()
            .await?
            .into_iter()
            .filter(|instance| instance.severity > Severity::Ok)
            .map(|instance| (instance.incident_key(), instance.sequence))
            .collect();
        let records = self.store().transitions(limit, state).await?;
        let oldest_ms =
            records.iter().map(|record| record.transition.event_time_ms).min().unwrap_or(as_of_ms);
        let items = records.into_iter().map(|record| {
            let open = firing.contains(&(record.transition.incident_key.clone(), record.transition.sequence));
            item(record, open)
        });
        Ok(Feed { items: items.collect(), as_of_ms, zone: self.zone(oldest_ms, as_of_ms) })
    }

    /// The same in words.
    pub(super) async fn feed_lines(&self, limit: u32) -> Result<FeedLines, StoreError> {
        let Feed { items, as_of_ms, zone } = self.read_feed(limit, None).await?;
        let line = |item: AlertItem| {
            let AlertItem { severity, open, event_time_ms: at_ms, .. } = item;
            FeedLine { text: sentence(&item), severity, open, at_ms }
        };
        Ok(FeedLines { lines: items.into_iter().map(line).collect(), as_of_ms, zone })
    }
}

fn sentence(item: &AlertItem) -> String {
    let scope = item.scope.value.as_ref();
    let scope = scope.map(|value| format!(" for {}", value_in_words(value))).unwrap_or_default();
    let of_what = wording::name(&item.limit_name) + &scope;
    if item.severity == Severity::Ok {
        let reason = match item.reason.as_str() {
            "usage_dropped" => "usage has dropped",
            "window_reset" => "a new window began",
            "limit_changed" => "the limit was changed",
            "limit_disabled" => "the limit was switched off",
            "limit_deleted" => "the limit was removed",
            "corrected" => "what was counted has been put right",
            other => other,
        };
        return format!("{of_what}: resolved, {reason}");
    }
    let share = if item.amount > 0.0 { item.used / item.amount } else { 1.0 };
    let (share, amount) = (wording::percent(share), wording::amount(item.amount, &item.unit));
    format!("{of_what}: {}, {share} of {amount}", item.severity)
}

fn item(record: TransitionRecord, open: bool) -> AlertItem {
    let unit = limits::kind(&record.kind).map(|kind| kind.unit);
    let display = |amount: i64| unit.map_or(amount as f64, |unit| unit.display(amount));
    let transition = record.transition;
    AlertItem {
        incident_key: transition.incident_key,
        sequence: transition.sequence,
        limit_id: record.limit_id,
        limit_name: record.limit_name,
        unit: unit.map(|unit| unit.word().to_owned()).unwrap_or_default(),
        kind: record.kind,
        scope: if record.scope_dimension.is_empty() {
            StandingScope::default()
        } else {
            StandingScope {
                dimension: Some(record.scope_dimension),
                value: Some(record.scope_value),
                ..StandingScope::default()
            }
        },
        previous_severity: transition.previous,
        severity: transition.severity,
        reason: transition.reason.word().to_owned(),
        used: display(transition.used),
        amount: display(transition.amount),
        event_time_ms: transition.event_time_ms,
        detected_at_ms: transition.detected_at_ms,
        open,
    }
}
