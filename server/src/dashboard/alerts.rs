//! The alert feed.

use app::api::alerts::{AlertItem, Feed};
use app::api::standing::StandingScope;
use domain::limits;
use vocabulary::Severity;

use super::Dashboard;
use crate::store::{StoreError, ToldTransition};

impl Dashboard {
    /// The latest alert transitions, newest first; with a state only those that ended in it.
    pub async fn read_feed(&self, limit: u32, state: Option<Severity>) -> Result<Feed, StoreError> {
        let as_of_ms = self.now_ms();
        let told = self.store().transitions(limit, state).await?;
        let oldest_ms =
            told.iter().map(|told| told.record.transition.event_time_ms).min().unwrap_or(as_of_ms);
        let items = told.into_iter().map(item).collect();
        Ok(Feed { items, as_of_ms, zone: self.zone(oldest_ms, as_of_ms) })
    }
}

fn item(ToldTransition { record, open_at }: ToldTransition) -> AlertItem {
    let unit = limits::kind(&record.kind).map(|kind| kind.unit);
    let display = |amount: i64| unit.map_or(amount as f64, |unit| unit.display(amount));
    let transition = record.transition;
    let open = open_at == Some(transition.sequence);
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
