//! Traffic that Tacho does not see: other applications, other keys and the Console draw on the same buckets.
//!
//! Between two reports a bucket gains what its rate gives and loses what is spent. What it has lost beyond our own
//! spending was spent by others. Where anything is not known exactly, the reading goes in favour of the others: the
//! amount is what they have spent at the least, and the band how much more it may have been.

use std::ops::Bound::{Excluded, Included};

use super::replica::{Report, Spends};

/// A token has so many parts: what comes in within a millisecond, of a bucket that refills in a minute, is whole.
const PARTS: i128 = 60_000;

/// What others have spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unseen {
    /// At the least, in the limit's unit.
    pub amount: u64,
    /// It may be so much more: tokens are rounded, a report is true at some moment between the request and its
    /// answer, and what we sent within that time may have been counted in it or not. What was spent while the bucket
    /// was full or would have been, or beyond what it held, leaves no trace, and is not in it.
    pub band: u64,
    /// Since when, Unix milliseconds.
    pub since_ms: i64,
}

/// What others have spent between two reports of one bucket; nothing when they are one, or out of order. `rounding` is
/// how far what is left may be off, either way.
pub(super) fn between(
    first: &Report,
    last: &Report,
    amount: u64,
    rounding: u64,
    spends: &Spends,
) -> Option<Unseen> {
    if first.to_ms >= last.to_ms {
        return None;
    }
    let (full, rate, rounding) = (i128::from(amount) * PARTS, i128::from(amount), i128::from(rounding));
    let sum = |after_ms: i64, until_ms: i64| -> i128 {
        let range = (Excluded(after_ms), Included(until_ms.max(after_ms)));
        spends.range(range).map(|(_, spent)| i128::from(*spent)).sum()
    };
    // The least it can hold, without others: the least the first report allows, with the shortest time to refill.
    let mut level = (i128::from(first.remaining) - rounding).max(0) * PARTS;
    let mut at_ms = first.to_ms;
    let known_until_ms = last.from_ms.max(first.to_ms);
    for (spent_ms, spent) in spends.range((Excluded(first.to_ms), Included(known_until_ms))) {
        level = full.min(level + i128::from(spent_ms - at_ms) * rate) - i128::from(*spent) * PARTS;
        at_ms = *spent_ms;
    }
    level = full.min(level + i128::from(known_until_ms - at_ms) * rate);
    // What may have been counted in the first report, and what may not have been in the last, comes off as well.
    let doubtful = sum(first.from_ms, first.to_ms) + sum(known_until_ms, last.to_ms);
    level -= doubtful * PARTS;
    let reported = full.min((i128::from(last.remaining) + rounding) * PARTS);
    let doubtful_ms = i128::from(first.to_ms - first.from_ms) + i128::from(last.to_ms - last.from_ms);
    let band = 4 * rounding + doubtful + (doubtful_ms * rate + PARTS - 1) / PARTS;
    Some(Unseen {
        amount: u64::try_from((level - reported).div_euclid(PARTS)).unwrap_or(0),
        band: u64::try_from(band).unwrap_or(u64::MAX),
        since_ms: first.to_ms,
    })
}
