//! What goes into the store and comes out of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::alert::machine::{Instance, Transition};
use domain::limits::learned::{Change, Observation, Seen};
use domain::limits::{Hold, Limit};
use domain::usage::{Event, EventKey, NanoUsd, Policy, RemarkCode};
use vocabulary::Filter;

use crate::alert::outbox::Channel;

/// An event on its way into the store.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The event.
    pub event: Event,
    /// Its key.
    pub key: EventKey,
    /// A hash of everything its reporter said, to tell a duplicate from a conflict.
    pub digest: [u8; 8],
    /// Its cost; nothing when its price is unknown.
    pub cost: Option<NanoUsd>,
    /// What the headers of its response say about limits. They teach, and are not kept with the event.
    pub observation: Option<Box<Observation>>,
    /// Counts the call against limits until the event does.
    pub hold: Option<Arc<Hold>>,
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Stored.
    Accepted,
    /// Stored before, with the same content.
    Duplicate,
    /// The id is known with other content; the first one stays.
    Conflict,
    /// The event with this id was deleted, or put right and moved to another project, and this is not what it said
    /// first.
    Deleted,
}

/// What is remembered of the event behind an id that is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Remembered {
    /// Digest of the event that is stored.
    pub stored: Option<[u8; 8]>,
    /// Digest of what was said first, where the event was deleted or put right since.
    pub first: Option<[u8; 8]>,
}

impl Remembered {
    /// Of an event that is stored as it came.
    pub fn now(digest: [u8; 8]) -> Self {
        Remembered { stored: Some(digest), first: None }
    }

    /// The fate of another entry with its id. An event that was deleted does not come back, nor what it said before it
    /// was put right.
    pub fn fate(self, digest: [u8; 8]) -> Fate {
        match self {
            Remembered { stored, first } if stored == Some(digest) || first == Some(digest) => {
                Fate::Duplicate
            }
            Remembered { stored: Some(_), .. } => Fate::Conflict,
            Remembered { first: Some(_), .. } => Fate::Deleted,
            // An event pruned since, whose id is still known, cannot be compared: the id decides.
            _ => Fate::Duplicate,
        }
    }
}

/// A request that takes so long or longer, in milliseconds, is a long one.
pub const LONG_MS: i64 = 60_000;

/// A question for events.
#[derive(Debug, Clone)]
pub struct EventQuery {
    /// Start, Unix milliseconds, inclusive.
    pub from_ms: i64,
    /// End, Unix milliseconds, exclusive.
    pub to_ms: i64,
    /// As in [`SeriesQuery`](super::SeriesQuery).
    pub filters: Vec<Filter>,
    /// Only those that took [`LONG_MS`] or longer; they are found without looking at the others.
    pub only_long: bool,
    /// Only events older than this one: the last of the page before.
    pub before: Option<(i64, EventKey)>,
    /// At most so many.
    pub limit: u32,
}

/// An event as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its key.
    pub key: EventKey,
    /// The event.
    pub event: Event,
    /// Its cost; nothing when its price is unknown.
    pub cost: Option<NanoUsd>,
}

/// What a policy did over a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyActions {
    /// The policy.
    pub policy: Policy,
    /// Attempts that it added: calls that were sent to the API again.
    pub retries: u64,
    /// Calls that Tacho answered itself, with what it had kept.
    pub answered: u64,
    /// Calls that the policy refused.
    pub refused: u64,
    /// Calls whose callers went away while they waited to be sent.
    pub given_up: u64,
    /// Calls that waited, and were sent then.
    pub waited: u64,
    /// What half of those waited at most, in milliseconds; nothing when none waited.
    pub wait_p50_ms: Option<u64>,
    /// What 99 of 100 of those waited at most, in milliseconds; nothing when none waited.
    pub wait_p99_ms: Option<u64>,
}

impl PolicyActions {
    /// A policy that has done nothing.
    pub fn none(policy: Policy) -> Self {
        PolicyActions {
            policy,
            retries: 0,
            answered: 0,
            refused: 0,
            given_up: 0,
            waited: 0,
            wait_p50_ms: None,
            wait_p99_ms: None,
        }
    }

    /// Whether it has done anything at all.
    pub fn is_none(&self) -> bool {
        *self == Self::none(self.policy)
    }
}

/// Items of one body that were refused for one reason. What they held is not kept: it might be anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalRecord {
    /// When, Unix milliseconds.
    pub received_at_ms: i64,
    /// The key that sent it.
    pub api_key_public: String,
    /// Why, as a stable code.
    pub code: String,
    /// Why the first of them was, in words.
    pub message: String,
    /// How many there were.
    pub items: u64,
}

/// How many events have a remark of one code.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Remarked {
    /// What was not taken as it was given.
    pub code: RemarkCode,
    /// Events with such a remark, on whichever fields.
    pub events: u64,
    /// The same by field, most first; no more than 20.
    pub fields: Vec<RemarkedField>,
}

/// How many events have a remark on one field.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RemarkedField {
    /// The field or header.
    pub field: String,
    /// Events with a remark on it.
    pub events: u64,
}

/// Fields of one code that are told of.
const MOST_REMARKED: usize = 20;

impl Remarked {
    /// Puts together what was counted: events by code and field, and without a field by code alone. In the order of
    /// [`RemarkCode::ALL`].
    pub fn of(counted: impl IntoIterator<Item = (RemarkCode, Option<String>, u64)>) -> Vec<Remarked> {
        let mut all = RemarkCode::ALL.map(|code| Remarked { code, events: 0, fields: Vec::new() });
        for (code, field, events) in counted {
            let remarked = &mut all[code as usize];
            match field {
                Some(field) => remarked.fields.push(RemarkedField { field, events }),
                None => remarked.events = events,
            }
        }
        for Remarked { fields, .. } in &mut all {
            fields.sort_by(|a, b| (b.events, &a.field).cmp(&(a.events, &b.field)));
            fields.truncate(MOST_REMARKED);
        }
        all.into_iter().filter(|remarked| remarked.events > 0).collect()
    }
}

/// What `tacho check` found.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct CheckReport {
    /// Events stored.
    pub events: u64,
    /// Everything that is wrong, in words; empty when all is well.
    pub problems: Vec<String>,
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
}

/// What response headers have taught about limits.
#[derive(Debug, Clone, Default)]
pub struct LearnedChanges {
    /// Limits that are new or changed, by id.
    pub limits: BTreeMap<String, Limit>,
    /// What to add to their history, in order.
    pub history: Vec<Change>,
    /// What is known of them now, by id.
    pub seen: BTreeMap<String, Seen>,
    /// Limits that were given up to make room for them, by id; their history stays.
    pub gone: BTreeSet<String>,
    /// When it was learned, Unix milliseconds.
    pub at_ms: i64,
    /// Some limit is new: what has been used of it must be counted from the events.
    pub any_new: bool,
}

impl AlertChanges {
    /// Nothing changes.
    pub fn is_empty(&self) -> bool {
        self.instances.is_empty()
            && self.transitions.is_empty()
            && self.messages.is_empty()
            && self.learned.is_empty()
    }
}

impl LearnedChanges {
    /// Nothing was learned.
    pub fn is_empty(&self) -> bool {
        self.limits.is_empty() && self.history.is_empty() && self.seen.is_empty()
    }
}

/// One line of an alert's history, readable after its limit is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransitionRecord {
    /// The limit.
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
    /// What happened.
    pub transition: Transition,
}

/// A message for every channel, or for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMessage {
    /// `evt_<uuidv7>`, the same on every attempt and every channel.
    pub message_id: String,
    /// `limit.warning`, `limit.critical`, `limit.resolved` or `limit.test`.
    pub message_type: String,
    /// The incident it belongs to.
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

/// A channel as stored.
#[derive(Debug, Clone)]
pub struct ChannelRecord {
    /// Where it goes and how it is signed.
    pub channel: Channel,
    /// Whether messages are sent.
    pub enabled: bool,
    /// Why Tacho disabled it, if it did.
    pub disabled_reason: Option<String>,
    /// Deliveries waiting for their next attempt.
    pub pending: u64,
}

/// What to change about a channel; nothing leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct ChannelChange {
    /// Its new name.
    pub name: Option<String>,
    /// Its new address.
    pub url: Option<String>,
    /// Whether messages are sent.
    pub enabled: Option<bool>,
}

/// A delivery with its attempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRecord {
    /// Its id.
    pub id: String,
    /// The channel's id.
    pub channel_id: String,
    /// The channel's name; its id when it is gone.
    pub channel_name: String,
    /// `webhook-id`.
    pub message_id: String,
    /// `limit.warning`, ...
    pub message_type: String,
    /// What it is about.
    pub subject: String,
    /// `pending`, `delivered`, `exhausted` or `dropped`.
    pub state: String,
    /// When it was written, Unix milliseconds.
    pub created_at_ms: i64,
    /// When the next attempt is due, Unix milliseconds.
    pub next_attempt_at_ms: Option<i64>,
    /// Oldest first.
    pub attempts: Vec<AttemptRecord>,
}

/// One attempt at a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRecord {
    /// From 1.
    pub number: u32,
    /// When it began, Unix milliseconds.
    pub at_ms: i64,
    /// How long it took.
    pub duration_ms: u64,
    /// The receiver's status, if it answered.
    pub status: Option<u16>,
    /// What went wrong, as a word; empty if nothing did.
    pub error: String,
    /// The first bytes of the answer.
    pub response: String,
}
