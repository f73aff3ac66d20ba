//! Enforce: while an own limit that is marked so is exhausted, calls it covers are refused.
//!
//! The limits are those of [`crate::limits`], so that what is refused is what the gauge shows. What calls used is counted
//! when they have ended; that they are on their way is known here at once, so that limits on requests, by the minute, by
//! the hour or at once, hold for a burst, too. Tokens and money may still go beyond by what is on its way.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::Clock;
use crate::ingest::recorder::Recorder;
use crate::limits::{Held, OpenCalls};
use crate::usage::{Dimensions, Event};

/// A limit that refuses a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exhausted {
    /// Its name.
    pub limit: String,
    /// In how many seconds it has room again.
    pub retry_after_s: u64,
}

/// What is known of the calls that are open.
#[derive(Default)]
pub struct Enforce {
    open: Arc<Mutex<OpenCalls>>,
}

/// A call that was admitted; it is open until this is dropped.
pub struct OpenCall {
    open: Arc<Mutex<OpenCalls>>,
    held: Vec<Held>,
    at_ms: i64,
}

impl Enforce {
    /// Admits a call, unless an enforced limit that it is held against is exhausted.
    pub fn admit(
        &self,
        recorder: &Recorder,
        endpoint: &str,
        dimensions: Dimensions,
        clock: &Clock,
    ) -> Result<OpenCall, Exhausted> {
        let at_ms = clock.now_ms();
        let event = Event { at_ms, endpoint: endpoint.to_owned(), dimensions, ..Event::default() };
        // In this order: who waits for the watch must not hold up calls that end.
        let watch = recorder.watch();
        let mut open = lock(&self.open);
        let held = watch.admit(&event, &open, at_ms).map_err(|(limit, wait_ms)| Exhausted {
            limit,
            retry_after_s: wait_ms.max(1).unsigned_abs().div_ceil(1_000),
        })?;
        for held in &held {
            open.begin(held, at_ms);
        }
        drop(open);
        Ok(OpenCall { open: self.open.clone(), held, at_ms })
    }
}

impl Drop for OpenCall {
    fn drop(&mut self) {
        let mut open = lock(&self.open);
        for held in &self.held {
            open.end(held, self.at_ms);
        }
    }
}

fn lock(open: &Mutex<OpenCalls>) -> MutexGuard<'_, OpenCalls> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}
