//! Limits, channels, keys and sessions.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use domain::limits::Limit;
use domain::limits::learned::{Change, Seen};

use super::{MemoryStore, taken};
use crate::alert::outbox::Channel;
use crate::secrets::{Session, StoredKey};
use crate::store::{Access, ChannelChange, ChannelRecord, LearnedChanges, Registry, StoreError};

#[derive(Default, Clone)]
pub(super) struct State {
    /// With when they were added.
    limits: Vec<(i64, Limit)>,
    learned: BTreeMap<String, Seen>,
    limit_history: Vec<Change>,
    pub(super) channels: Vec<ChannelRecord>,
    keys: BTreeMap<(i64, String), StoredKey>,
    secrets: HashMap<String, [u8; 32]>,
    greeted: bool,
    sign_ins: HashMap<[u8; 32], i64>,
    sessions: HashMap<[u8; 32], Session>,
}

impl State {
    fn put(&mut self, limit: &Limit, now_ms: i64) {
        match self.limits.iter_mut().find(|(_, known)| known.id == limit.id) {
            Some((_, known)) => known.clone_from(limit),
            None => self.limits.push((now_ms, limit.clone())),
        }
        self.limits.sort_by(|a, b| (a.0, &a.1.id).cmp(&(b.0, &b.1.id)));
    }

    /// Removes a limit, of this revision if one is named; false when there is none.
    pub(super) fn remove(&mut self, id: &str, revision: Option<u64>) -> bool {
        let before = self.limits.len();
        let is_meant =
            |limit: &Limit| limit.id == id && revision.is_none_or(|revision| limit.revision == revision);
        self.limits.retain(|(_, limit)| !is_meant(limit));
        self.limits.len() < before
    }

    /// Keeps what response headers have taught.
    pub(super) fn learn(&mut self, changes: &LearnedChanges) {
        self.limits.retain(|(_, limit)| !changes.gone.contains(&limit.id));
        self.learned.retain(|id, _| !changes.gone.contains(id));
        changes.limits.values().for_each(|limit| self.put(limit, changes.at_ms));
        for (id, seen) in &changes.seen {
            let first_seen_ms = self.learned.get(id).map_or(seen.first_seen_ms, |known| known.first_seen_ms);
            self.learned.insert(id.clone(), Seen { first_seen_ms, ..seen.clone() });
        }
        for change in &changes.history {
            let place = |change: &Change| (change.limit_id.clone(), change.at_ms, change.revision);
            if !self.limit_history.iter().any(|known| place(known) == place(change)) {
                self.limit_history.push(change.clone());
            }
        }
        self.limit_history.sort_by_key(|change| {
            (std::cmp::Reverse((change.at_ms, change.revision)), change.limit_id.clone())
        });
    }
}

#[async_trait]
impl Registry for MemoryStore {
    async fn limits(&self) -> Result<Vec<Limit>, StoreError> {
        Ok(self.state().registry.limits.iter().map(|(_, limit)| limit.clone()).collect())
    }

    async fn put_limit(&self, limit: &Limit, now_ms: i64) -> Result<(), StoreError> {
        self.state().registry.put(limit, now_ms);
        Ok(())
    }

    async fn delete_limit(&self, id: &str) -> Result<bool, StoreError> {
        Ok(self.state().registry.remove(id, None))
    }

    async fn learned(&self) -> Result<Vec<Seen>, StoreError> {
        Ok(self.state().registry.learned.values().cloned().collect())
    }

    async fn limit_history(&self, limit_id: &str, most: usize) -> Result<Vec<Change>, StoreError> {
        let state = self.state();
        let own = state.registry.limit_history.iter().filter(|change| change.limit_id == limit_id);
        Ok(own.take(most).cloned().collect())
    }

    async fn limit_histories(
        &self,
        limit_ids: &[&str],
        most: usize,
    ) -> Result<HashMap<String, Vec<Change>>, StoreError> {
        let mut histories = HashMap::new();
        for id in limit_ids {
            let history = self.limit_history(id, most).await?;
            if !history.is_empty() {
                histories.insert((*id).to_owned(), history);
            }
        }
        Ok(histories)
    }

    async fn channels(&self) -> Result<Vec<ChannelRecord>, StoreError> {
        let state = self.state();
        let counted = state.registry.channels.iter().cloned().map(|mut known| {
            let deliveries = state.alerts.deliveries.iter().map(|delivery| &delivery.record);
            let pending = deliveries
                .filter(|record| record.channel_id == known.channel.id && record.state == "pending");
            known.pending = pending.count() as u64;
            known
        });
        Ok(counted.collect())
    }

    async fn put_channel(&self, channel: &Channel) -> Result<(), StoreError> {
        let record =
            ChannelRecord { channel: channel.clone(), enabled: true, disabled_reason: None, pending: 0 };
        let channels = &mut self.state().registry.channels;
        if channels.iter().any(|known| known.channel.id == channel.id) {
            return Err(taken("channel", &channel.id));
        }
        channels.push(record);
        let place = |known: &ChannelRecord| (known.channel.created_at_ms, known.channel.id.clone());
        channels.sort_by_key(place);
        Ok(())
    }

    async fn change_channel(&self, id: &str, change: &ChannelChange) -> Result<bool, StoreError> {
        let mut state = self.state();
        let Some(known) = state.registry.channels.iter_mut().find(|known| known.channel.id == id) else {
            return Ok(false);
        };
        if let Some(name) = &change.name {
            known.channel.name.clone_from(name);
        }
        if let Some(url) = &change.url {
            known.channel.url.clone_from(url);
            known.channel.failing_since_ms = None;
            known.channel.failed_attempts = 0;
        }
        if let Some(enabled) = change.enabled {
            known.enabled = enabled;
        }
        if change.enabled == Some(true) {
            known.disabled_reason = None;
            known.channel.failing_since_ms = None;
            known.channel.failed_attempts = 0;
        }
        Ok(true)
    }

    async fn delete_channel(&self, id: &str) -> Result<bool, StoreError> {
        let mut state = self.state();
        let before = state.registry.channels.len();
        state.registry.channels.retain(|known| known.channel.id != id);
        for delivery in &mut state.alerts.deliveries {
            let record = &mut delivery.record;
            if record.channel_id == id && record.state == "pending" {
                "dropped".clone_into(&mut record.state);
                record.next_attempt_at_ms = None;
            }
        }
        Ok(state.registry.channels.len() < before)
    }
}

#[async_trait]
impl Access for MemoryStore {
    async fn keys(&self) -> Result<Vec<StoredKey>, StoreError> {
        Ok(self.state().registry.keys.values().cloned().collect())
    }

    async fn key(&self, public: &str) -> Result<Option<StoredKey>, StoreError> {
        Ok(self.state().registry.keys.values().find(|key| key.public == public).cloned())
    }

    async fn secret(&self, name: &str, made: [u8; 32]) -> Result<[u8; 32], StoreError> {
        Ok(*self.state().registry.secrets.entry(name.to_owned()).or_insert(made))
    }

    async fn put_key(&self, key: &StoredKey) -> Result<(), StoreError> {
        let keys = &mut self.state().registry.keys;
        if keys.values().any(|known| known.public == key.public) {
            return Err(taken("key", &key.public));
        }
        keys.insert((key.created_at_ms, key.public.clone()), key.clone());
        Ok(())
    }

    async fn revoke_key(&self, public: &str, now_ms: i64) -> Result<bool, StoreError> {
        let mut state = self.state();
        let key = state.registry.keys.values_mut().find(|key| key.public == public);
        Ok(key.map(|key| key.revoked_at_ms.get_or_insert(now_ms)).is_some())
    }

    async fn has_greeted(&self) -> Result<bool, StoreError> {
        Ok(self.state().registry.greeted)
    }

    async fn note_greeting(&self, _: i64) -> Result<(), StoreError> {
        self.state().registry.greeted = true;
        Ok(())
    }

    async fn put_sign_in(&self, hash: [u8; 32], expires_at_ms: i64) -> Result<(), StoreError> {
        match self.state().registry.sign_ins.entry(hash) {
            Entry::Occupied(_) => Err(taken("sign-in link", hash)),
            Entry::Vacant(free) => {
                free.insert(expires_at_ms);
                Ok(())
            }
        }
    }

    async fn take_sign_in(&self, hash: [u8; 32], now_ms: i64) -> Result<bool, StoreError> {
        Ok(self.state().registry.sign_ins.remove(&hash).is_some_and(|expires_at_ms| expires_at_ms > now_ms))
    }

    async fn put_session(&self, hash: [u8; 32], session: &Session) -> Result<(), StoreError> {
        match self.state().registry.sessions.entry(hash) {
            Entry::Occupied(_) => Err(taken("session", hash)),
            Entry::Vacant(free) => {
                free.insert(session.clone());
                Ok(())
            }
        }
    }

    async fn note_session_use(&self, hash: [u8; 32], now_ms: i64) -> Result<(), StoreError> {
        if let Some(session) = self.state().registry.sessions.get_mut(&hash) {
            session.last_used_at_ms = now_ms;
        }
        Ok(())
    }

    async fn session(&self, hash: [u8; 32]) -> Result<Option<Session>, StoreError> {
        Ok(self.state().registry.sessions.get(&hash).cloned())
    }

    async fn sessions(&self) -> Result<Vec<([u8; 32], Session)>, StoreError> {
        let state = self.state();
        let mut all: Vec<_> =
            state.registry.sessions.iter().map(|(hash, known)| (*hash, known.clone())).collect();
        all.sort_by_key(|(hash, known)| (std::cmp::Reverse(known.last_used_at_ms), *hash));
        Ok(all)
    }

    async fn delete_session(&self, hash: [u8; 32]) -> Result<bool, StoreError> {
        Ok(self.state().registry.sessions.remove(&hash).is_some())
    }

    async fn delete_ended(
        &self,
        opened_before_ms: i64,
        used_before_ms: i64,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let is_open = |known: &Session| {
            known.created_at_ms > opened_before_ms && known.last_used_at_ms > used_before_ms
        };
        state.registry.sessions.retain(|_, known| is_open(known));
        state.registry.sign_ins.retain(|_, expires_at_ms| *expires_at_ms > now_ms);
        Ok(())
    }
}
