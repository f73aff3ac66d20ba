//! What our own calls have taken out of a bucket, and when.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Included};

use super::MEMORY_MS;
use crate::limits::cells::spread;
use crate::limits::kind::{Count, Kind, Unit};
use crate::limits::unseen::Calls;
use crate::rollup::Sums;
use crate::usage::Event;

/// Calls that are kept by the millisecond; further ones by [`COARSE_MS`], so that there are not many more.
const EXACT_CALLS: usize = 10_000;
const COARSE_MS: i64 = 1_000;

/// What our calls have spent.
#[derive(Debug, Clone)]
pub struct Spending {
    count: Count,
    /// Whether it counts tokens: requests are never unknown.
    is_of_tokens: bool,
    /// By time, Unix milliseconds.
    spends: BTreeMap<i64, u64>,
    /// The same, by call.
    calls: Calls,
    /// When the last of our calls ended whose use nobody knows, Unix milliseconds.
    unknown_until_ms: Option<i64>,
}

impl Spending {
    /// Nothing has been spent.
    pub fn new(kind: &Kind) -> Self {
        Spending {
            count: kind.count,
            is_of_tokens: kind.unit == Unit::Tokens,
            spends: BTreeMap::new(),
            calls: Calls::new(),
            unknown_until_ms: None,
        }
    }

    /// Whether what an event spends is known at all.
    pub fn is_counted(&self) -> bool {
        !matches!(self.count, Count::InFlight | Count::Reported)
    }

    /// Spends what an event of ours has used: requests and input when it was sent; output evenly from its first token
    /// to its end, as the provider counts it, at the end of each second of it.
    pub fn spend(&mut self, event: &Event, sums: &Sums, now_ms: i64) {
        if let Some(amount) = self.amount(sums) {
            self.note_call(event, amount, now_ms);
            self.parts(event, amount).for_each(|(at_ms, part)| self.add(at_ms, part, now_ms));
        }
        let is_generated = matches!(self.count, Count::WhileGenerating(_));
        let is_unknown = event.has_unknown_usage() || (is_generated && event.estimated);
        if self.is_of_tokens && is_unknown {
            self.unknown_until_ms = self.unknown_until_ms.max(Some(event.answered_ms().min(now_ms)));
        }
    }

    /// Takes back what an event has spent. Where its call cannot be found again, less is shown of others.
    pub fn take_back(&mut self, event: &Event, sums: &Sums, now_ms: i64) {
        let Some(amount) = self.amount(sums) else { return };
        for step_ms in [1, COARSE_MS] {
            let time = call_time(event, step_ms, now_ms);
            if let Some(call) = self.calls.get_mut(&time).filter(|call| **call >= amount.unsigned_abs()) {
                *call -= amount.unsigned_abs();
                if *call == 0 {
                    self.calls.remove(&time);
                }
                break;
            }
        }
        self.parts(event, amount).for_each(|(at_ms, part)| self.remove(at_ms, part, now_ms));
    }

    /// By call.
    pub fn calls(&self) -> &Calls {
        &self.calls
    }

    /// What was spent after a time and until another, Unix milliseconds, in order.
    pub fn between(&self, after_ms: i64, until_ms: i64) -> impl Iterator<Item = (i64, u64)> {
        let range = (Excluded(after_ms), Included(until_ms.max(after_ms)));
        self.spends.range(range).map(|(at_ms, spent)| (*at_ms, *spent))
    }

    /// When the last of our calls ended whose use nobody knows, Unix milliseconds.
    pub fn unknown_until_ms(&self) -> Option<i64> {
        self.unknown_until_ms
    }

    /// Forgets what was spent before a time, Unix milliseconds.
    pub fn prune(&mut self, oldest_ms: i64) {
        self.spends = self.spends.split_off(&oldest_ms);
        self.calls = self.calls.split_off(&(oldest_ms, i64::MIN));
    }

    /// What an event takes out of the bucket; nothing where no event counts.
    fn amount(&self, sums: &Sums) -> Option<i64> {
        match self.count {
            Count::AtStart(count) | Count::WhileGenerating(count) => Some(count(sums)),
            Count::InFlight | Count::Reported => None,
        }
    }

    /// When the parts of an amount are spent, Unix milliseconds, and how much they are.
    fn parts(&self, event: &Event, amount: i64) -> impl Iterator<Item = (i64, i64)> + use<> {
        let sent_ms = event.sent_ms();
        let after = |ms: Option<u64>| sent_ms.saturating_add_unsigned(ms.unwrap_or(0));
        let (first_ms, end_ms) = match self.count {
            Count::WhileGenerating(_) => {
                let end_ms = after(event.duration_ms);
                (after(event.ttft_ms).min(end_ms), end_ms)
            }
            _ => (sent_ms, sent_ms),
        };
        let seconds = end_ms.saturating_sub(first_ms).div_euclid(1_000).saturating_add(1);
        let at_ms = move |second: i64| first_ms.saturating_add(second * 1_000).min(end_ms);
        spread(1, seconds, amount).map(move |(second, part)| (at_ms(second), part))
    }

    fn note_call(&mut self, event: &Event, amount: i64, now_ms: i64) {
        // A call that may have been counted earlier or later than it was takes less room, and only less is shown.
        let step_ms = if self.calls.len() < EXACT_CALLS { 1 } else { COARSE_MS };
        let (until_ms, from_ms) = call_time(event, step_ms, now_ms);
        if amount > 0 && is_remembered(until_ms, now_ms) {
            let call = self.calls.entry((until_ms, from_ms)).or_default();
            *call = call.saturating_add(amount.unsigned_abs());
        }
    }

    fn add(&mut self, at_ms: i64, amount: i64, now_ms: i64) {
        if amount > 0 && is_remembered(at_ms, now_ms) {
            // The clock of who reports may be ahead.
            let spent = self.spends.entry(at_ms.min(now_ms)).or_default();
            *spent = spent.saturating_add(amount.unsigned_abs());
        }
    }

    fn remove(&mut self, at_ms: i64, amount: i64, now_ms: i64) {
        if amount <= 0 || !is_remembered(at_ms, now_ms) {
            return;
        }
        let mut left = amount.unsigned_abs();
        // What was dated ahead of the clock lies where the clock then was: at the latest time before.
        for (_, spent) in self.spends.range_mut(..=at_ms.min(now_ms)).rev() {
            let taken = left.min(*spent);
            (*spent, left) = (*spent - taken, left - taken);
            if left == 0 {
                break;
            }
        }
    }
}

fn is_remembered(at_ms: i64, now_ms: i64) -> bool {
    at_ms > now_ms - 2 * MEMORY_MS
}

/// When a call had ended and when it was sent, Unix milliseconds, to `step_ms`.
fn call_time(event: &Event, step_ms: i64, now_ms: i64) -> (i64, i64) {
    let (from_ms, until_ms) = (event.sent_ms().min(now_ms), event.answered_ms().min(now_ms));
    ((until_ms + step_ms - 1).div_euclid(step_ms) * step_ms, from_ms.div_euclid(step_ms) * step_ms)
}
