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
    /// How many calls ended at a time, Unix milliseconds, whose use nobody knows.
    unknown: BTreeMap<i64, u32>,
}

impl Spending {
    /// Nothing has been spent.
    pub fn new(kind: &Kind) -> Self {
        Spending {
            count: kind.count,
            is_of_tokens: kind.unit == Unit::Tokens,
            spends: BTreeMap::new(),
            calls: Calls::new(),
            unknown: BTreeMap::new(),
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
            for (at_ms, part) in self.parts(event, amount) {
                if part > 0 && is_remembered(at_ms, now_ms) {
                    let spent = self.spends.entry(at_ms).or_default();
                    *spent = spent.saturating_add(part.unsigned_abs());
                }
            }
        }
        if self.is_unknown(event) {
            *self.unknown.entry(heard_ms(event, event.answered_ms())).or_default() += 1;
        }
    }

    /// Takes back what an event has spent.
    pub fn take_back(&mut self, event: &Event, sums: &Sums) {
        if let Some(amount) = self.amount(sums) {
            let spent = amount.unsigned_abs();
            let times = [1, COARSE_MS].map(|step_ms| call_time(event, step_ms));
            let has = |time: &&(i64, i64)| self.calls.get(time).is_some_and(|call| *call >= spent);
            if let Some(time) = times.iter().find(has) {
                reduce(&mut self.calls, *time, spent);
            }
            for (at_ms, part) in self.parts(event, amount) {
                reduce(&mut self.spends, at_ms, part.unsigned_abs());
            }
        }
        if self.is_unknown(event) {
            reduce(&mut self.unknown, heard_ms(event, event.answered_ms()), 1);
        }
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
        self.unknown.last_key_value().map(|(until_ms, _)| *until_ms)
    }

    /// Forgets what was spent before a time, Unix milliseconds.
    pub fn prune(&mut self, oldest_ms: i64) {
        self.spends = self.spends.split_off(&oldest_ms);
        self.calls = self.calls.split_off(&(oldest_ms, i64::MIN));
        self.unknown = self.unknown.split_off(&oldest_ms);
    }

    /// What an event takes out of the bucket; nothing where no event counts.
    fn amount(&self, sums: &Sums) -> Option<i64> {
        match self.count {
            Count::AtStart(count) | Count::WhileGenerating(count) => Some(count(sums)),
            Count::InFlight | Count::Reported => None,
        }
    }

    fn is_unknown(&self, event: &Event) -> bool {
        let is_generated = matches!(self.count, Count::WhileGenerating(_));
        self.is_of_tokens && (event.has_unknown_usage() || (is_generated && event.estimated))
    }

    /// When the parts of an amount are spent, Unix milliseconds, and how much they are.
    fn parts<'a>(&self, event: &'a Event, amount: i64) -> impl Iterator<Item = (i64, i64)> + use<'a> {
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
        spread(1, seconds, amount).map(move |(second, part)| (heard_ms(event, at_ms(second)), part))
    }

    fn note_call(&mut self, event: &Event, amount: i64, now_ms: i64) {
        // A call that may have been counted earlier or later than it was takes less room, and only less is shown.
        let step_ms = if self.calls.len() < EXACT_CALLS { 1 } else { COARSE_MS };
        let (until_ms, from_ms) = call_time(event, step_ms);
        if amount > 0 && is_remembered(until_ms, now_ms) {
            let call = self.calls.entry((until_ms, from_ms)).or_default();
            *call = call.saturating_add(amount.unsigned_abs());
        }
    }
}

fn is_remembered(at_ms: i64, now_ms: i64) -> bool {
    at_ms > now_ms - 2 * MEMORY_MS
}

/// A time of an event: what is dated ahead of the clock of Tacho had happened when Tacho heard of it.
fn heard_ms(event: &Event, at_ms: i64) -> i64 {
    at_ms.min(event.received_at_ms)
}

/// When a call had ended and when it was sent, Unix milliseconds, to `step_ms`.
fn call_time(event: &Event, step_ms: i64) -> (i64, i64) {
    let (from_ms, until_ms) = (heard_ms(event, event.sent_ms()), heard_ms(event, event.answered_ms()));
    ((until_ms + step_ms - 1).div_euclid(step_ms) * step_ms, from_ms.div_euclid(step_ms) * step_ms)
}

/// Takes so much off what stands at a key, if anything does.
fn reduce<K: Ord, V: Copy + Ord + std::ops::Sub<Output = V>>(amounts: &mut BTreeMap<K, V>, key: K, by: V) {
    if let Some(amount) = amounts.get_mut(&key) {
        if *amount > by {
            *amount = *amount - by;
        } else {
            amounts.remove(&key);
        }
    }
}
