//! Limits, typed and learned, and the channels that alerts go to.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use async_trait::async_trait;
use domain::limits::Limit;
use domain::limits::learned::{Change, Seen};

use super::StoreError;
use crate::alert::outbox::Channel;

/// Limits and channels.
#[async_trait]
pub trait Registry: Send + Sync {
    /// Every limit, in the order they were added, and of those added at one time by id.
    async fn limits(&self) -> Result<Vec<Limit>, StoreError>;
    /// Adds a limit or replaces the one with its id, which keeps its place.
    async fn put_limit(&self, limit: &Limit, now_ms: i64) -> Result<(), StoreError>;
    /// Removes a limit; false when there is none. The history of a learned one stays, and what it was learned from.
    async fn delete_limit(&self, id: &str) -> Result<bool, StoreError>;
    /// What is known of every limit that is learned from response headers, in order of their ids.
    async fn learned(&self) -> Result<Vec<Seen>, StoreError>;
    /// The latest changes of a learned limit, newest first; at most `most`.
    async fn limit_history(&self, limit_id: &str, most: usize) -> Result<Vec<Change>, StoreError>;
    /// The same of several, by their ids; of those without any there is nothing.
    async fn limit_histories(
        &self,
        limit_ids: &[&str],
        most: usize,
    ) -> Result<HashMap<String, Vec<Change>>, StoreError>;

    /// Every channel, in the order they were added, and of those added at one time by id.
    async fn channels(&self) -> Result<Vec<ChannelRecord>, StoreError>;
    /// Adds a channel; fails where there is one with its id.
    async fn put_channel(&self, channel: &Channel) -> Result<(), StoreError>;
    /// Renames, readdresses, pauses or resumes a channel; false when there is none.
    async fn change_channel(&self, id: &str, change: &ChannelChange) -> Result<bool, StoreError>;
    /// Removes a channel and drops what waits for it; false when there is none.
    async fn delete_channel(&self, id: &str) -> Result<bool, StoreError>;
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

impl LearnedChanges {
    /// Nothing was learned.
    pub fn is_empty(&self) -> bool {
        self.limits.is_empty() && self.history.is_empty() && self.seen.is_empty()
    }
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
    pub name: Option<String>,
    pub url: Option<String>,
    /// Whether messages are sent.
    pub enabled: Option<bool>,
}
