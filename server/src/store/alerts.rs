//! Alerts: their state, their history, and the messages they send.

use async_trait::async_trait;
use domain::alert::machine::{Instance, Transition};
use vocabulary::Severity;

use super::{LearnedChanges, Note, StoreError};
use crate::alert::outbox::Attempt;

/// The state and history of alerts.
#[async_trait]
pub trait Alerts: Send + Sync {
    /// Stores changes that no event caused: window ends, edits, recoveries; all of them or, on an error, none. A
    /// transition, or a message to a channel, that is there already is an error.
    async fn change_alerts(&self, changes: AlertChanges) -> Result<(), StoreError>;

    /// Every instance that is not closed, in order of limit, scope value and window.
    async fn open_instances(&self) -> Result<Vec<Instance>, StoreError>;

    /// Every instance that is closed, but of calendar windows that are over, in the same order: it may be taken up again.
    async fn closed_instances(&self, now_ms: i64) -> Result<Vec<Instance>, StoreError>;

    /// Transitions, newest first, those of one time by their number, the last first, and then by limit, scope value and
    /// window; with a state only those that ended in it.
    async fn transitions(
        &self,
        limit: u32,
        state: Option<Severity>,
    ) -> Result<Vec<ToldTransition>, StoreError>;

    /// The latest that happened before a time, by the events' own time and however late they were detected, newest first;
    /// of those that happened at one time in the same order.
    async fn transitions_until(&self, until_ms: i64, limit: u32) -> Result<Vec<ToldTransition>, StoreError>;

    /// The latest transition of an instance; nothing when it has never fired.
    async fn last_transition(&self, instance: &Instance) -> Result<Option<TransitionRecord>, StoreError>;

    /// Deliveries with their attempts, newest first; of one time the latest within its incident first, and then by id.
    async fn deliveries(&self, limit: u32) -> Result<Vec<DeliveryRecord>, StoreError>;

    /// When the latest attempt was made by which a message arrived, Unix milliseconds.
    async fn last_arrival_ms(&self) -> Result<Option<i64>, StoreError>;

    /// Puts a message on its way to one channel, also to one that is switched off: it waits there. Where there is no such
    /// channel nothing happens.
    async fn send_to(&self, channel_id: &str, message: OutgoingMessage) -> Result<(), StoreError>;

    /// Sends a past delivery again: a new delivery with the same message id and body. False when there is
    /// no such delivery, or no such channel any more.
    async fn redeliver(&self, delivery_id: &str, new_id: &str, now_ms: i64) -> Result<bool, StoreError>;
}

/// Changes to alerts that belong in one transaction.
#[derive(Debug, Clone, Default)]
pub struct AlertChanges {
    /// New states.
    pub instances: Vec<Instance>,
    /// What to add to the history.
    pub transitions: Vec<TransitionRecord>,
    /// What to tell every channel.
    pub messages: Vec<OutgoingMessage>,
    /// What response headers have taught about limits.
    pub learned: LearnedChanges,
    /// Limits that Tacho removes by itself.
    pub removed: Vec<Removal>,
}

/// A limit that Tacho removes by itself, as long as it is as it was known: what somebody has changed meanwhile stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// The revision that was known.
    pub revision: u64,
    /// What the audit log is told; its subject is the limit.
    pub note: Note,
}

impl AlertChanges {
    /// Nothing changes.
    pub fn is_empty(&self) -> bool {
        self.instances.is_empty()
            && self.transitions.is_empty()
            && self.messages.is_empty()
            && self.learned.is_empty()
            && self.removed.is_empty()
    }
}

/// One line of an alert's history, readable after its limit is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransitionRecord {
    pub limit_id: String,
    /// Its name then.
    pub limit_name: String,
    /// Word of its kind.
    pub kind: String,
    /// Word of the dimension it is scoped to; empty for everything.
    pub scope_dimension: String,
    /// The value it covers; empty for everything.
    pub scope_value: String,
    /// Start of its calendar window, Unix milliseconds; 0 for others.
    pub window_start_ms: i64,
    /// What happened. Whether usage was known in full is told in its message, and not kept.
    pub transition: Transition,
}

/// A transition, with what has become of its incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldTransition {
    pub record: TransitionRecord,
    /// The number of the latest transition of its incident, while that is not over.
    pub open_at: Option<u64>,
}

/// A message for every channel, or for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMessage {
    /// `evt_<uuidv7>`, the same on every attempt and every channel.
    pub message_id: String,
    /// `limit.warning`, `limit.critical`, `limit.resolved` or `limit.test`.
    pub message_type: String,
    pub incident_key: String,
    /// Its place within the incident.
    pub position: u64,
    /// What it is about, in words.
    pub subject: String,
    /// The body, as it is sent and signed.
    pub body: Vec<u8>,
    /// Only for channels that have heard of the incident: nobody is told of the end of what they never
    /// heard begin.
    pub only_if_told: bool,
    /// When it was written, Unix milliseconds.
    pub created_at_ms: i64,
}

/// A delivery with its attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRecord {
    pub id: String,
    pub channel_id: String,
    /// The channel's name; its id when it is gone.
    pub channel_name: String,
    /// `webhook-id`.
    pub message_id: String,
    /// `limit.warning`, ...
    pub message_type: String,
    /// What it is about.
    pub subject: String,
    /// The body, as it is sent.
    pub body: Vec<u8>,
    /// `pending`, `delivered`, `exhausted` or `dropped`.
    pub state: String,
    /// When it was written, Unix milliseconds.
    pub created_at_ms: i64,
    /// When the next attempt is due, Unix milliseconds.
    pub next_attempt_at_ms: Option<i64>,
    /// Oldest first.
    pub attempts: Vec<Attempt>,
}
