//! Enforce: while an own limit that is marked so is exhausted, calls it covers are refused.
//!
//! The limits are those of [`crate::limits`], so that what is refused is what the gauge shows. Calls count when they have
//! ended: those in flight may still carry a limit beyond its amount.

use crate::clock::Clock;
use crate::ingest::recorder::Recorder;
use crate::usage::{Dimensions, Event};

/// A limit that refuses a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exhausted {
    /// Its name.
    pub limit: String,
    /// In how many seconds it has room again.
    pub retry_after_s: u64,
}

/// The enforced limit that a call for `dimensions` runs into, if there is one.
pub fn exhausted(recorder: &Recorder, dimensions: Dimensions, clock: &Clock) -> Option<Exhausted> {
    if !recorder.enforces() {
        return None;
    }
    let at_ms = clock.now_ms();
    let event = Event { at_ms, endpoint: "messages".to_owned(), dimensions, ..Event::default() };
    let (limit, wait_ms) = recorder.watch().exhausted(&event, at_ms)?;
    Some(Exhausted { limit, retry_after_s: wait_ms.max(1).unsigned_abs().div_ceil(1_000) })
}
