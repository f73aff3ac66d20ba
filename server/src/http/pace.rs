//! How often a key may post events.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::limits::{Refill, TokenBucket};
use vocabulary::ProblemKind;

use super::error::HttpError;
use crate::clock::Clock;
use crate::secrets::StoredKey;

/// Counts what each key posts: one bucket per key, that holds what the key may send in a second.
pub struct Pace {
    /// 0 for no limit.
    requests_per_s: u64,
    clock: Clock,
    /// By the public part of a key. Only keys that are known come here, so there are no more buckets than keys.
    buckets: Mutex<HashMap<String, TokenBucket>>,
}

impl Pace {
    /// Lets each key post so many requests a second; any number when it is 0.
    pub fn new(requests_per_s: u64, clock: Clock) -> Self {
        Pace { requests_per_s, clock, buckets: Mutex::default() }
    }

    /// Lets one request of a key through, or says when to come back.
    pub fn admit(&self, key: &StoredKey) -> Result<(), HttpError> {
        if self.requests_per_s == 0 {
            return Ok(());
        }
        let now_ms = self.clock.now_ms();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(key.public.clone()).or_insert_with(|| {
            TokenBucket::full(self.requests_per_s, Refill::per_second(self.requests_per_s), now_ms)
        });
        bucket.take(1, now_ms).map_err(|short| {
            let wait_s = short.retry_after_ms.unwrap_or_default().div_ceil(1_000).max(1);
            let message = format!(
                "this key sends more than {} requests a second; put several events into one request, and send \
                 this one again in {wait_s} s",
                self.requests_per_s
            );
            HttpError {
                retry_after_s: Some(u32::try_from(wait_s).unwrap_or(u32::MAX)),
                ..HttpError::new(ProblemKind::TooOften, "rate_limited", message)
            }
        })
    }
}
