//! Traffic that Tacho has not seen: other applications, other keys, other workspaces and the Console draw on the same
//! buckets, and so do calls of our own that have not ended yet.
//!
//! Between two reports a bucket gains what its rate gives and loses what is spent. What it has lost beyond the calls
//! we know was spent by what we do not. Where anything is not known exactly, the reading goes against the unseen: the
//! amount is what they have spent at the least, and the band how much more it may have been.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

use super::report::Report;

/// A token has so many parts: what comes in within a millisecond, of a bucket that refills in a minute, is whole.
const PARTS: i128 = 60_000;
/// How far the clocks of those who report to us may be apart.
const SLACK_MS: i64 = 250;

/// What calls of ours have spent by when they ended and when they were sent, Unix milliseconds. When between the two the
/// provider counted it is not known: input is estimated first and corrected later, output comes in bursts.
pub type Calls = BTreeMap<(i64, i64), u64>;

/// What was spent by what Tacho has not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unseen {
    /// At the least, in the limit's unit.
    pub amount: u64,
    /// It may be so much more: tokens are rounded, a report is true at some moment between the request and the head of
    /// its answer, and calls of ours that were open at either end may have been counted before, between or after. What
    /// was spent while the bucket was full or would have been, or beyond what it held, leaves no trace, and is not in it.
    pub band: u64,
    /// Since when, Unix milliseconds.
    pub since_ms: i64,
}

/// Whether a report surely has behind it what was spent until then.
pub(super) fn begins_after(report: &Report, until_ms: i64) -> bool {
    report.from_ms - SLACK_MS > until_ms
}

/// What the unseen have spent between two reports of one bucket; nothing when they are one, or out of order. `rounding`
/// is how far what is left may be off, either way.
pub(super) fn between(
    first: &Report,
    last: &Report,
    amount: u64,
    rounding: u64,
    calls: &Calls,
) -> Option<Unseen> {
    if first.from_ms >= last.from_ms {
        return None;
    }
    let (full, rate, rounding) = (i128::from(amount) * PARTS, i128::from(amount), i128::from(rounding));
    let (first_from_ms, first_to_ms) = (first.from_ms - SLACK_MS, first.to_ms + SLACK_MS);
    let (last_from_ms, last_to_ms) = (last.from_ms - SLACK_MS, last.to_ms + SLACK_MS);
    let gained = |from_ms: i64, to_ms: i64| i128::from(to_ms - from_ms) * rate;
    // The least the bucket can hold at the last report, had only we spent: it may have been full at any moment, and what
    // came in then is lost; since that moment it has gained the least there is time for, and lost the most we can have
    // spent. A call is spent as late as it may be.
    let mut least = full;
    let (mut spent, mut surely_spent) = (0, 0);
    for ((until_ms, sent_ms), tokens) in calls.range((Excluded((first_from_ms, i64::MAX)), Unbounded)).rev() {
        if *sent_ms <= last_to_ms {
            spent += i128::from(*tokens) * PARTS;
            least = least.min(full + gained(*until_ms, last_from_ms).max(0) - spent);
            let is_between = *sent_ms > first_to_ms && *until_ms <= last_from_ms;
            surely_spent += if is_between { i128::from(*tokens) * PARTS } else { 0 };
        }
    }
    let remaining = |report: &Report| i128::from(report.remaining);
    let told = (remaining(first) - rounding).max(0) * PARTS;
    // Where the two overlap, the provider may even have looked for the last one before the first: that is less.
    least = least.min(told + gained(first_to_ms, last_from_ms) - spent);
    let reported = full.min((remaining(last) + rounding) * PARTS);
    let amount = (least - reported).div_euclid(PARTS).max(0);
    // One for the part of a token that is left and not told, at either end.
    let most_told =
        (remaining(first) + rounding + 1) * PARTS + gained(first_from_ms, last_to_ms) - surely_spent;
    let most = (most_told - (remaining(last) - rounding).max(0) * PARTS).div_euclid(PARTS) + 1;
    Some(Unseen {
        amount: u64::try_from(amount).unwrap_or(0),
        band: u64::try_from((most - amount).max(0)).unwrap_or(u64::MAX),
        since_ms: first.from_ms,
    })
}
