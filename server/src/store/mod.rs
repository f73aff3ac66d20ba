//! Where everything is kept.
//!
//! [`Store`] speaks the language of the domain, not of SQL. Grain choice, bucket alignment, time zones and
//! prices live above it, in pure code. It has an in-memory implementation, the oracle of property tests, and
//! SQLite, the default. SQL appears only in this folder.
//!
//! To add an implementation: a folder here that implements the small traits below, and one line in
//! `tests/it/store.rs`, which runs the conformance suite on all of them.

mod audit;
mod corrections;
mod error;
mod in_use;
pub mod key_file;
pub mod memory;
mod problem;
mod questions;
mod records;
pub mod sqlite;

use async_trait::async_trait;
use domain::alert::machine::Instance;
use domain::limits::Limit;
use domain::limits::learned::{Change, Seen};
use domain::usage::EventKey;
use vocabulary::{Filter, Severity};

use crate::alert::outbox::{Channel, Outbox};
use crate::secrets::{Session, StoredKey};

pub use audit::*;
pub use corrections::*;
pub use error::StoreError;
pub use in_use::lock;
pub use problem::READ_ONLY;
pub use questions::*;
pub use records::*;

pub use domain::rollup::OVERFLOW;

/// Everything Tacho keeps.
pub trait Store: Ledger + Answers + Corrections + Audit + Alerts + Outbox + Registry + Access {}
impl<T: Ledger + Answers + Corrections + Audit + Alerts + Outbox + Registry + Access> Store for T {}

/// Decides, inside the transaction that stores events, what their arrival changes about alerts. It is given
/// the events that are new.
pub type Judge<'a> = dyn FnMut(&[&Entry]) -> AlertChanges + Send + 'a;

/// Events and their rollups.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Stores a batch, its rollups and what the judge makes of it in one transaction, durably. The answer
    /// has one fate per entry, in order. On an error nothing is stored.
    async fn ingest(&self, batch: &[Entry], judge: &mut Judge<'_>) -> Result<Vec<Fate>, StoreError>;

    /// Sums by bucket and dimension, in order of bucket.
    async fn series(&self, query: &SeriesQuery) -> Result<Vec<SeriesRow>, StoreError>;

    /// Events, newest first.
    async fn events(&self, query: &EventQuery) -> Result<Vec<StoredEvent>, StoreError>;

    /// Whether any event is stored.
    async fn has_events(&self) -> Result<bool, StoreError>;

    /// When the event with this key came in, Unix milliseconds; nothing when there is none.
    async fn received_at_ms(&self, key: EventKey) -> Result<Option<i64>, StoreError>;

    /// The earliest event.
    async fn earliest_event(&self) -> Result<Option<StoredEvent>, StoreError>;

    /// Remembers that items were refused, and why.
    async fn record_refusals(&self, refusals: &[RefusalRecord]) -> Result<(), StoreError>;

    /// Items that were refused since a time, newest first.
    async fn refusals(&self, since_ms: i64) -> Result<Vec<RefusalRecord>, StoreError>;

    /// Integrity of the storage, and conservation: raw = minute = hour = day, for counts and sums.
    async fn check(&self) -> Result<CheckReport, StoreError>;

    /// Finds out whether events could be stored now.
    async fn probe(&self) -> Result<(), StoreError>;

    /// Changes when somebody else has written to the same storage.
    async fn foreign_writes(&self) -> Result<u64, StoreError>;
}

/// Answers to questions that people and programs ask. Each has a budget: what takes longer ends as
/// [`StoreError::OverBudget`], what waits too long for others to be answered as [`StoreError::Crowded`].
#[async_trait]
pub trait Answers: Send + Sync {
    /// As [`Ledger::series`], but only so many groups: the largest, and all the others as one, [`OVERFLOW`].
    async fn top_series(&self, query: &SeriesQuery, most: Most) -> Result<TopSeries, StoreError>;

    /// As [`Ledger::events`].
    async fn page_of_events(&self, query: &EventQuery) -> Result<Vec<StoredEvent>, StoreError>;

    /// What each policy of the proxy did from one time (inclusive) to another (exclusive), in the order of
    /// [`Policy::ALL`](domain::usage::Policy::ALL) and without those that did nothing. Filters are as in [`SeriesQuery`].
    async fn policy_actions(
        &self,
        from_ms: i64,
        to_ms: i64,
        filters: &[Filter],
    ) -> Result<Vec<PolicyActions>, StoreError>;

    /// What of the events since a time could not be taken as it was given; nothing where all could.
    async fn remarked(&self, since_ms: i64) -> Result<Vec<Remarked>, StoreError>;
}

/// The state and history of alerts.
#[async_trait]
pub trait Alerts: Send + Sync {
    /// Stores changes that no event caused: window ends, edits, recoveries.
    async fn change_alerts(&self, changes: AlertChanges) -> Result<(), StoreError>;

    /// Every instance that is not closed.
    async fn open_instances(&self) -> Result<Vec<Instance>, StoreError>;

    /// Every instance that is closed, but of calendar windows that are over: it may be taken up again.
    async fn closed_instances(&self, now_ms: i64) -> Result<Vec<Instance>, StoreError>;

    /// Transitions, newest first; with a state only those that ended in it.
    async fn transitions(
        &self,
        limit: u32,
        state: Option<Severity>,
    ) -> Result<Vec<TransitionRecord>, StoreError>;

    /// The latest transition of an instance; nothing when it has never fired.
    async fn last_transition(&self, instance: &Instance) -> Result<Option<TransitionRecord>, StoreError>;

    /// Deliveries with their attempts, newest first.
    async fn deliveries(&self, limit: u32) -> Result<Vec<DeliveryRecord>, StoreError>;

    /// Puts a message on its way to one channel.
    async fn send_to(&self, channel_id: &str, message: OutgoingMessage) -> Result<(), StoreError>;

    /// Sends a past delivery again: a new delivery with the same message id and body. False when there is
    /// no such delivery.
    async fn redeliver(&self, delivery_id: &str, new_id: &str, now_ms: i64) -> Result<bool, StoreError>;
}

/// Limits and channels.
#[async_trait]
pub trait Registry: Send + Sync {
    /// Every limit, in the order they were added.
    async fn limits(&self) -> Result<Vec<Limit>, StoreError>;
    /// Adds a limit or replaces the one with its id.
    async fn put_limit(&self, limit: &Limit, now_ms: i64) -> Result<(), StoreError>;
    /// Removes a limit; false when there is none. The history of a learned one stays, and what it was learned from.
    async fn delete_limit(&self, id: &str) -> Result<bool, StoreError>;
    /// What is known of every limit that is learned from response headers.
    async fn learned(&self) -> Result<Vec<Seen>, StoreError>;
    /// The latest changes of a learned limit, newest first; at most `most`.
    async fn limit_history(&self, limit_id: &str, most: usize) -> Result<Vec<Change>, StoreError>;

    /// Every channel, in the order they were added.
    async fn channels(&self) -> Result<Vec<ChannelRecord>, StoreError>;
    /// Adds a channel.
    async fn put_channel(&self, channel: &Channel) -> Result<(), StoreError>;
    /// Renames, readdresses, pauses or resumes a channel; false when there is none.
    async fn change_channel(&self, id: &str, change: &ChannelChange) -> Result<bool, StoreError>;
    /// Removes a channel and drops what waits for it; false when there is none.
    async fn delete_channel(&self, id: &str) -> Result<bool, StoreError>;
}

/// Keys, sessions and sign-in links.
#[async_trait]
pub trait Access: Send + Sync {
    /// Every key, oldest first.
    async fn keys(&self) -> Result<Vec<StoredKey>, StoreError>;
    /// The key with this public part.
    async fn key(&self, public: &str) -> Result<Option<StoredKey>, StoreError>;
    /// Adds a key.
    async fn put_key(&self, key: &StoredKey) -> Result<(), StoreError>;
    /// Revokes a key; false when there is none.
    async fn revoke_key(&self, public: &str, now_ms: i64) -> Result<bool, StoreError>;

    /// The secret of this name; where there is none yet, `made` becomes it.
    async fn secret(&self, name: &str, made: [u8; 32]) -> Result<[u8; 32], StoreError>;

    /// Whether a first start has greeted.
    async fn has_greeted(&self) -> Result<bool, StoreError>;
    /// Notes that a first start has greeted.
    async fn note_greeting(&self, now_ms: i64) -> Result<(), StoreError>;

    /// Adds a sign-in link.
    async fn put_sign_in(&self, hash: [u8; 32], expires_at_ms: i64) -> Result<(), StoreError>;
    /// Uses up a sign-in link; false when there is none or it has expired.
    async fn take_sign_in(&self, hash: [u8; 32], now_ms: i64) -> Result<bool, StoreError>;
    /// Adds a session.
    async fn put_session(&self, hash: [u8; 32], session: &Session) -> Result<(), StoreError>;
    /// Notes that a session was used; one that has ended stays ended.
    async fn note_session_use(&self, hash: [u8; 32], now_ms: i64) -> Result<(), StoreError>;
    /// The session with this hash.
    async fn session(&self, hash: [u8; 32]) -> Result<Option<Session>, StoreError>;
    /// Every session, with the hash of its id, the one used last first.
    async fn sessions(&self) -> Result<Vec<([u8; 32], Session)>, StoreError>;
    /// Ends a session; false when there is none.
    async fn delete_session(&self, hash: [u8; 32]) -> Result<bool, StoreError>;
    /// Deletes sessions that were opened before one time, or last used before another, and sign-in links that have expired.
    async fn delete_ended(
        &self,
        opened_before_ms: i64,
        used_before_ms: i64,
        now_ms: i64,
    ) -> Result<(), StoreError>;
}
