//! The ledger: events as they came, the sums over them, what was refused, and when Tacho ran.

use std::sync::Arc;

use async_trait::async_trait;
use domain::limits::Hold;
use domain::limits::learned::Observation;
use domain::usage::{Event, EventKey, NanoUsd};
use vocabulary::Filter;

use super::{AlertChanges, SeriesQuery, SeriesRow, StoreError};

/// Decides, inside the transaction that stores events, what their arrival changes about alerts. It is given
/// the events that are new.
pub type Judge<'a> = dyn FnMut(&[&Entry]) -> AlertChanges + Send + 'a;

/// Events and their rollups.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Stores a batch, its rollups and what the judge makes of it in one transaction, durably. The answer
    /// has one fate per entry, in order. On an error nothing is stored.
    async fn ingest(&self, batch: &[Entry], judge: &mut Judge<'_>) -> Result<Vec<Fate>, StoreError>;

    /// Sums by bucket and dimension, in order of bucket; of what Tacho answered itself there are none.
    async fn series(&self, query: &SeriesQuery) -> Result<Vec<SeriesRow>, StoreError>;

    /// Events, newest first.
    async fn events(&self, query: &EventQuery) -> Result<Vec<StoredEvent>, StoreError>;

    /// Whether any event is stored.
    async fn has_events(&self) -> Result<bool, StoreError>;

    /// When the event with this key came in, Unix milliseconds; nothing when there is none.
    async fn received_at_ms(&self, key: EventKey) -> Result<Option<i64>, StoreError>;

    /// The earliest event.
    async fn earliest_event(&self) -> Result<Option<StoredEvent>, StoreError>;

    /// Remembers that items were refused, and why; the latest [`KEPT_REFUSALS`] are kept.
    async fn record_refusals(&self, refusals: &[RefusalRecord]) -> Result<(), StoreError>;

    /// Items that were refused since a time (inclusive), the last that was told of first.
    async fn refusals(&self, since_ms: i64) -> Result<Vec<RefusalRecord>, StoreError>;

    /// Notes that Tacho ran from one time to another. It goes on with the run that was noted last where it begins within
    /// that, or less than [`RESTART_MS`] after its end; the latest [`KEPT_RUNS`] are kept.
    async fn note_run(&self, from_ms: i64, to_ms: i64) -> Result<(), StoreError>;

    /// Integrity of the storage, and conservation: raw = minute = hour = day, for counts and sums.
    async fn check(&self) -> Result<CheckReport, StoreError>;

    /// Finds out whether events could be stored now.
    async fn probe(&self) -> Result<(), StoreError>;

    /// Changes when somebody else has written to the same storage.
    async fn foreign_writes(&self) -> Result<u64, StoreError>;
}

/// An event on its way into the store.
#[derive(Debug, Clone)]
pub struct Entry {
    pub event: Event,
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
    pub key: EventKey,
    pub event: Event,
    /// Its cost; nothing when its price is unknown.
    pub cost: Option<NanoUsd>,
}

/// Records of refused items that are kept; the oldest go first.
pub const KEPT_REFUSALS: usize = 1_000;

/// Between two runs a shorter time is no gap: Tacho was started again.
pub const RESTART_MS: i64 = 60_000;

/// Runs that are kept; the oldest go first.
pub const KEPT_RUNS: usize = 10_000;

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

/// What `tacho check` found.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct CheckReport {
    /// Events stored, without those that count nowhere since Tacho answered them itself.
    pub events: u64,
    /// Everything that is wrong, in words; empty when all is well.
    pub problems: Vec<String>,
}
