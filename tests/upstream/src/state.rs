//! What the requests to one upstream share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::Value;

use crate::exchange::Log;
use crate::id::Ids;
use crate::limits::Limits;
use crate::terms::Terms;
use crate::usage::Cache;

/// One upstream's memory.
#[derive(Debug)]
pub(crate) struct State {
    pub terms: Terms,
    pub base_url: String,
    pub ids: Ids,
    pub log: Arc<Log>,
    limits: Mutex<Limits>,
    cache: Mutex<Cache>,
    /// How often each call was attempted.
    attempts: Mutex<HashMap<String, u64>>,
    /// Batches that were created: the requests of each.
    batches: Mutex<HashMap<String, Vec<Value>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    pub fn new(terms: Terms, base_url: String) -> Self {
        State {
            limits: Mutex::new(Limits::new(&terms)),
            log: Arc::new(Log::new(terms.keep_exchanges, terms.keep_body_bytes)),
            terms,
            base_url,
            ids: Ids::new(),
            cache: Mutex::default(),
            attempts: Mutex::default(),
            batches: Mutex::default(),
        }
    }

    pub fn now(&self) -> Timestamp {
        self.terms.clock.now()
    }

    pub fn id(&self, prefix: &str) -> String {
        self.ids.next(prefix, self.now())
    }

    pub fn limits(&self) -> MutexGuard<'_, Limits> {
        lock(&self.limits)
    }

    pub fn cache(&self) -> MutexGuard<'_, Cache> {
        lock(&self.cache)
    }

    pub fn batches(&self) -> MutexGuard<'_, HashMap<String, Vec<Value>>> {
        lock(&self.batches)
    }

    /// How often a call was attempted before; counts this attempt.
    pub fn attempt(&self, call: String) -> u64 {
        let mut attempts = lock(&self.attempts);
        let count = attempts.entry(call).or_default();
        *count += 1;
        *count - 1
    }

    /// Forgets exchanges and attempts. Buckets, caches and batches stay as they are.
    pub fn forget(&self) {
        self.log.clear();
        lock(&self.attempts).clear();
    }
}
