//! The alert feed.

use std::collections::HashSet;

use app::api::alerts::{AlertItem, Feed};
use app::api::standing::{Severity, StandingScope};

use super::Dashboard;
use crate::limits;
use crate::store::{StoreError, TransitionRecord};

impl Dashboard {
    /// The latest alert transitions, newest first.
    pub async fn read_feed(&self, limit: u32) -> Result<Feed, StoreError> {
        let as_of_ms = self.now_ms();
        let records = self.store().transitions(limit).await?;
        let mut seen = HashSet::new();
        let items = records
            .into_iter()
            .map(|record| {
                // Newest first: the first one of an alert says how it stands.
                let latest = seen.insert((
                    record.limit_id.clone(),
                    record.scope_value.clone(),
                    record.window_start_ms,
                ));
                item(record, latest)
            })
            .collect();
        Ok(Feed { items, as_of_ms, utc_offset_s: self.utc_offset_s(as_of_ms) })
    }
}

fn item(record: TransitionRecord, latest: bool) -> AlertItem {
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
            StandingScope { dimension: Some(record.scope_dimension), value: Some(record.scope_value) }
        },
        previous_severity: transition.previous,
        severity: transition.severity,
        reason: transition.reason.word().to_owned(),
        used: display(transition.used),
        amount: display(transition.amount),
        event_time_ms: transition.event_time_ms,
        detected_at_ms: transition.detected_at_ms,
        open: latest && transition.severity != Severity::Ok,
    }
}
