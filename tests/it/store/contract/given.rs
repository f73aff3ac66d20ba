//! What contracts put into stores.

use domain::alert::machine::{Instance, Reason, Transition};
use server::alert::outbox::Channel;
use server::secrets::signature::Secret;
use server::store::{AlertChanges, Entry, OutgoingMessage, Store, TransitionRecord};
use vocabulary::Severity;

use crate::harness::tacho::NOON_MS;

/// Stores events that nobody judges.
pub async fn store_all(store: &dyn Store, batch: &[Entry]) {
    store.ingest(batch, &mut |_: &[&Entry]| AlertChanges::default()).await.unwrap();
}

pub async fn keep(store: &dyn Store, instance: &Instance) {
    let instances = vec![instance.clone()];
    store.change_alerts(AlertChanges { instances, ..AlertChanges::default() }).await.unwrap();
}

pub async fn tell(store: &dyn Store, message: OutgoingMessage) {
    store.change_alerts(AlertChanges { messages: vec![message], ..AlertChanges::default() }).await.unwrap();
}

pub fn told(instance: &Instance, sequence: u64) -> TransitionRecord {
    TransitionRecord {
        limit_id: instance.limit_id.clone(),
        limit_name: "a limit".to_owned(),
        kind: "tokens_per_day".to_owned(),
        scope_dimension: "user".to_owned(),
        scope_value: instance.scope_value.clone(),
        window_start_ms: instance.span.start_ms(),
        transition: Transition {
            sequence,
            previous: Severity::Warning,
            severity: Severity::Critical,
            reason: Reason::Threshold,
            used: 10,
            amount: 9,
            event_time_ms: NOON_MS,
            detected_at_ms: NOON_MS + 1,
            incomplete: false,
            incident_key: instance.incident_key(),
        },
    }
}

/// A channel that is added at noon.
pub fn channel(id: &str) -> Channel {
    Channel {
        id: id.to_owned(),
        kind: "webhook".to_owned(),
        name: format!("{id}, on call"),
        url: format!("https://example.com/{id}"),
        secret: Secret::generate(),
        failing_since_ms: None,
        failed_attempts: 0,
        created_at_ms: NOON_MS,
    }
}

pub fn message(id: &str, incident: &str, position: u64, only_if_told: bool) -> OutgoingMessage {
    OutgoingMessage {
        message_id: id.to_owned(),
        message_type: "limit.warning".to_owned(),
        incident_key: incident.to_owned(),
        position,
        subject: "a limit".to_owned(),
        body: b"{}".to_vec(),
        only_if_told,
        created_at_ms: NOON_MS + position.cast_signed(),
    }
}
