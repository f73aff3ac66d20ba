//! Alerts, their history, and the outbox.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use async_trait::async_trait;
use domain::alert::machine::{Instance, Transition};
use vocabulary::Severity;

use super::{MemoryStore, taken};
use crate::alert::outbox::{Attempt, Due, Next, Outbox, OutboxError};
use crate::store::{
    AlertChanges, Alerts, ChannelRecord, DeliveryRecord, OutgoingMessage, Removal, StoreError,
    ToldTransition, TransitionRecord,
};

#[derive(Default, Clone)]
pub(super) struct State {
    /// By limit, scope value and start of the window.
    instances: BTreeMap<(String, String, i64), Instance>,
    transitions: Vec<TransitionRecord>,
    pub(super) deliveries: Vec<Delivery>,
}

impl State {
    /// The latest transitions of some by a time, newest first.
    fn latest(
        &self,
        limit: u32,
        of: impl Fn(&TransitionRecord) -> bool,
        at_ms: impl Fn(&Transition) -> i64,
    ) -> Vec<ToldTransition> {
        let mut transitions = self.transitions.clone();
        transitions.retain(of);
        transitions.sort_by_key(|record| {
            let TransitionRecord { limit_id, scope_value, window_start_ms, transition, .. } = record;
            let newest = Reverse((at_ms(transition), transition.detected_at_ms, transition.sequence));
            (newest, limit_id.clone(), scope_value.clone(), *window_start_ms)
        });
        transitions.truncate(limit as usize);
        transitions.into_iter().map(|record| self.told(record)).collect()
    }

    fn told(&self, record: TransitionRecord) -> ToldTransition {
        let key = (record.limit_id.clone(), record.scope_value.clone(), record.window_start_ms);
        let firing = self.instances.get(&key).filter(|instance| {
            instance.closed_reason.is_none()
                && instance.severity > Severity::Ok
                && instance.incident_key() == record.transition.incident_key
        });
        let open_at = firing.map(|instance| instance.sequence);
        ToldTransition { record, open_at }
    }
}

#[derive(Clone)]
pub(super) struct Delivery {
    pub(super) record: DeliveryRecord,
    message: OutgoingMessage,
    /// The number of the last.
    attempts: u32,
    first_attempt_at_ms: Option<i64>,
}

impl Delivery {
    fn new(id: String, channel_id: &str, message: &OutgoingMessage, at_ms: i64) -> Self {
        let record = DeliveryRecord {
            id,
            channel_id: channel_id.to_owned(),
            channel_name: String::new(),
            message_id: message.message_id.clone(),
            message_type: message.message_type.clone(),
            subject: message.subject.clone(),
            body: message.body.clone(),
            state: "pending".to_owned(),
            created_at_ms: at_ms,
            next_attempt_at_ms: Some(at_ms),
            attempts: Vec::new(),
        };
        Delivery { record, message: message.clone(), attempts: 0, first_attempt_at_ms: None }
    }

    fn is_pending(&self) -> bool {
        self.record.state == "pending"
    }

    fn place(&self) -> (u64, &str) {
        (self.message.position, &self.record.id)
    }
}

impl State {
    fn send(&mut self, delivery: Delivery) -> Result<(), StoreError> {
        if self.deliveries.iter().any(|known| known.record.id == delivery.record.id) {
            return Err(taken("delivery", &delivery.record.id));
        }
        self.deliveries.push(delivery);
        Ok(())
    }
}

impl super::State {
    /// The oracle does not forgive what a database refuses; whoever calls this gives up what it has changed then.
    pub(super) fn change_alerts(&mut self, changes: &AlertChanges) -> Result<(), StoreError> {
        let place = |record: &TransitionRecord| {
            let TransitionRecord { limit_id, scope_value, window_start_ms, transition, .. } = record;
            (limit_id.clone(), scope_value.clone(), *window_start_ms, transition.sequence)
        };
        self.registry.learn(&changes.learned);
        for Removal { revision, note } in &changes.removed {
            if self.registry.remove(&note.subject, Some(*revision)) {
                self.note(note.clone());
            }
        }
        for record in &changes.transitions {
            if self.alerts.transitions.iter().any(|known| place(known) == place(record)) {
                return Err(taken("transition", place(record)));
            }
            let mut record = record.clone();
            record.transition.incomplete = false;
            self.alerts.transitions.push(record);
        }
        for instance in &changes.instances {
            let start_ms = instance.span.start_ms();
            let key = (instance.limit_id.clone(), instance.scope_value.clone(), start_ms);
            self.alerts.instances.insert(key, instance.clone());
        }
        for message in &changes.messages {
            for record in &self.registry.channels {
                let id = &record.channel.id;
                let told = self.alerts.deliveries.iter().any(|delivery| {
                    delivery.record.channel_id == *id
                        && delivery.message.incident_key == message.incident_key
                        && delivery.record.state != "dropped"
                });
                if told || (record.enabled && !message.only_if_told) {
                    let delivery_id = format!("{}~{id}", message.message_id);
                    let delivery = Delivery::new(delivery_id, id, message, message.created_at_ms);
                    self.alerts.send(delivery)?;
                }
            }
        }
        Ok(())
    }

    /// The oldest pending delivery of each incident and channel that is not switched off.
    fn heads(&self) -> impl Iterator<Item = &Delivery> {
        let pending = || self.alerts.deliveries.iter().filter(|delivery| delivery.is_pending());
        pending().filter(move |delivery| {
            let same = |other: &&Delivery| {
                other.record.channel_id == delivery.record.channel_id
                    && other.message.incident_key == delivery.message.incident_key
            };
            let enabled =
                |known: &ChannelRecord| known.enabled && known.channel.id == delivery.record.channel_id;
            self.registry.channels.iter().any(enabled)
                && !pending().filter(same).any(|other| other.place() < delivery.place())
        })
    }
}

#[async_trait]
impl Alerts for MemoryStore {
    async fn change_alerts(&self, changes: AlertChanges) -> Result<(), StoreError> {
        self.change(|state| state.change_alerts(&changes))
    }

    async fn open_instances(&self) -> Result<Vec<Instance>, StoreError> {
        let state = self.state();
        Ok(state.alerts.instances.values().filter(|known| known.closed_reason.is_none()).cloned().collect())
    }

    async fn closed_instances(&self, now_ms: i64) -> Result<Vec<Instance>, StoreError> {
        let state = self.state();
        let reopens = |known: &&Instance| known.closed_reason.is_some() && !known.span.is_gone(now_ms);
        Ok(state.alerts.instances.values().filter(reopens).cloned().collect())
    }

    async fn transitions(
        &self,
        limit: u32,
        state: Option<Severity>,
    ) -> Result<Vec<ToldTransition>, StoreError> {
        let is_in = |record: &TransitionRecord| state.is_none_or(|state| record.transition.severity == state);
        Ok(self.state().alerts.latest(limit, is_in, |transition| transition.detected_at_ms))
    }

    async fn transitions_until(&self, until_ms: i64, limit: u32) -> Result<Vec<ToldTransition>, StoreError> {
        let is_before = |record: &TransitionRecord| record.transition.event_time_ms < until_ms;
        Ok(self.state().alerts.latest(limit, is_before, |transition| transition.event_time_ms))
    }

    async fn last_transition(&self, instance: &Instance) -> Result<Option<TransitionRecord>, StoreError> {
        let start_ms = instance.span.start_ms();
        let of_instance = |record: &&TransitionRecord| {
            record.limit_id == instance.limit_id
                && record.scope_value == instance.scope_value
                && record.window_start_ms == start_ms
        };
        let state = self.state();
        let own = state.alerts.transitions.iter().filter(of_instance);
        Ok(own.max_by_key(|record| record.transition.sequence).cloned())
    }

    async fn deliveries(&self, limit: u32) -> Result<Vec<DeliveryRecord>, StoreError> {
        let state = self.state();
        let mut deliveries: Vec<&Delivery> = state.alerts.deliveries.iter().collect();
        deliveries.sort_by(|a, b| {
            let (newer, later) = (b.record.created_at_ms, b.message.position);
            newer
                .cmp(&a.record.created_at_ms)
                .then(later.cmp(&a.message.position))
                .then_with(|| a.record.id.cmp(&b.record.id))
        });
        let named = deliveries.into_iter().take(limit as usize).map(|delivery| {
            let mut record = delivery.record.clone();
            let channels = &state.registry.channels;
            let channel = channels.iter().find(|known| known.channel.id == record.channel_id);
            record.channel_name = channel.map_or(&record.channel_id, |known| &known.channel.name).clone();
            record
        });
        Ok(named.collect())
    }

    async fn last_arrival_ms(&self) -> Result<Option<i64>, StoreError> {
        let state = self.state();
        let attempts = state.alerts.deliveries.iter().flat_map(|delivery| &delivery.record.attempts);
        Ok(attempts.filter(|attempt| attempt.error.is_empty()).map(|attempt| attempt.at_ms).max())
    }

    async fn send_to(&self, channel_id: &str, message: OutgoingMessage) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.registry.channels.iter().any(|known| known.channel.id == channel_id) {
            let id = format!("{}~{channel_id}", message.message_id);
            let delivery = Delivery::new(id, channel_id, &message, message.created_at_ms);
            state.alerts.send(delivery)?;
        }
        Ok(())
    }

    async fn redeliver(&self, delivery_id: &str, new_id: &str, now_ms: i64) -> Result<bool, StoreError> {
        let mut state = self.state();
        let channels = &state.registry.channels;
        let has_channel =
            |record: &DeliveryRecord| channels.iter().any(|known| known.channel.id == record.channel_id);
        let mut deliveries = state.alerts.deliveries.iter();
        let past =
            deliveries.find(|known| known.record.id == delivery_id && has_channel(&known.record)).cloned();
        let Some(past) = past else { return Ok(false) };
        let again = Delivery::new(new_id.to_owned(), &past.record.channel_id, &past.message, now_ms);
        state.alerts.send(again)?;
        Ok(true)
    }
}

#[async_trait]
impl Outbox for MemoryStore {
    async fn due(&self, now_ms: i64, per_channel: usize) -> Result<Vec<Due>, OutboxError> {
        let state = self.state();
        let mut due: Vec<&Delivery> = state
            .heads()
            .filter(|delivery| delivery.record.next_attempt_at_ms.is_some_and(|at_ms| at_ms <= now_ms))
            .collect();
        due.sort_by(|a, b| {
            let place =
                |delivery: &Delivery| (delivery.record.next_attempt_at_ms, delivery.record.id.clone());
            place(a).cmp(&place(b))
        });
        let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
        due.retain(|delivery| {
            let taken = taken.entry(&delivery.record.channel_id).or_default();
            *taken += 1;
            *taken <= per_channel
        });
        let due = due.into_iter().filter_map(|delivery| {
            let channels = &state.registry.channels;
            let known = channels.iter().find(|known| known.channel.id == delivery.record.channel_id)?;
            Some(Due {
                delivery_id: delivery.record.id.clone(),
                channel: known.channel.clone(),
                message_id: delivery.message.message_id.clone(),
                body: delivery.message.body.clone(),
                attempt_number: delivery.attempts + 1,
                first_attempt_at_ms: delivery.first_attempt_at_ms,
            })
        });
        Ok(due.collect())
    }

    async fn next_due_ms(&self) -> Result<Option<i64>, OutboxError> {
        Ok(self.state().heads().filter_map(|delivery| delivery.record.next_attempt_at_ms).min())
    }

    async fn record_attempt(
        &self,
        delivery_id: &str,
        attempt: &Attempt,
        next: &Next,
    ) -> Result<(), OutboxError> {
        let mut state = self.state();
        let Some(delivery) = state.alerts.deliveries.iter_mut().find(|known| known.record.id == delivery_id)
        else {
            return Ok(());
        };
        let record = &mut delivery.record;
        if record.attempts.iter().any(|known| known.number == attempt.number) {
            return Err(taken("attempt", (delivery_id, attempt.number)).into());
        }
        record.attempts.push(attempt.clone());
        record.attempts.sort_by_key(|attempt| attempt.number);
        let (word, next_at_ms) = match next {
            Next::Delivered => ("delivered", None),
            Next::Retry { at_ms } => ("pending", Some(*at_ms)),
            Next::Exhausted | Next::DisableChannel { .. } => ("exhausted", None),
        };
        if record.state == "pending" {
            word.clone_into(&mut record.state);
            record.next_attempt_at_ms = next_at_ms;
            delivery.attempts = attempt.number;
            delivery.first_attempt_at_ms.get_or_insert(attempt.at_ms);
        }
        let channel_id = record.channel_id.clone();
        let known = state.registry.channels.iter_mut().find(|known| known.channel.id == channel_id);
        if let Some(known) = known {
            match next {
                Next::Delivered => {
                    known.channel.failing_since_ms = None;
                    known.channel.failed_attempts = 0;
                }
                _ => {
                    known.channel.failing_since_ms.get_or_insert(attempt.at_ms);
                    known.channel.failed_attempts += 1;
                }
            }
            if let Next::DisableChannel { reason } = next {
                known.enabled = false;
                known.disabled_reason = Some(reason.clone());
            }
        }
        Ok(())
    }
}
