//! Our model of one of the provider's token buckets: what its headers said was left, and what has been spent since.
//!
//! Everything is kept by its own time for a few minutes and put together when somebody asks, so that nothing hangs on
//! the order in which events arrive: one that comes late changes what is read as if it had come in time.
//!
//! A report was true at some moment between the request and the head of its answer. It is dated when the request was
//! sent: that is when the provider holds it against its limits, however long the answer takes, so that what the call
//! itself generates comes off afterwards. That it may have been true as late as the head came is in the band.

mod spending;

use std::collections::BTreeMap;

use self::spending::Spending;
use super::kind::{Kind, Unit};
use super::report::Report;
use super::token_bucket::{Refill, TokenBucket};
use super::unseen::{self, Unseen};
use crate::rollup::Sums;
use crate::usage::Event;

/// How long reports and spending are kept. A bucket refills within a minute: what is older says nothing any more.
pub const MEMORY_MS: i64 = 180_000;

/// The provider rounds what is left of tokens to the nearest thousand.
const TOKEN_ROUNDING: u64 = 500;

/// A replica of one bucket.
#[derive(Debug, Clone)]
pub struct Replica {
    /// What the bucket holds, and gains in a minute.
    amount: u64,
    /// How far what is left may be rounded, either way.
    rounding: u64,
    spending: Spending,
    /// Reports by second.
    reports: BTreeMap<i64, Second>,
}

/// The reports of one second that matter, however many there were.
#[derive(Debug, Clone, Copy)]
struct Second {
    newest: Report,
    lowest: Report,
}

/// Where a replica stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplicaReading {
    /// What is missing from a full bucket.
    pub used: u64,
    pub remaining: u64,
    /// How far both may be off, either way: the provider rounds tokens to the nearest 1,000, and a report may have been
    /// true only when the head of the answer came.
    pub band: u64,
    /// When the request was sent whose response it goes by, Unix milliseconds.
    pub as_of_ms: i64,
    /// When it will be full if nothing more is spent, Unix milliseconds.
    pub full_at_ms: Option<i64>,
}

impl Replica {
    /// A replica that has heard nothing yet.
    pub fn new(kind: &Kind, amount: i64) -> Self {
        Replica {
            amount: amount.max(0).unsigned_abs(),
            rounding: if kind.unit == Unit::Tokens { TOKEN_ROUNDING } else { 0 },
            spending: Spending::new(kind),
            reports: BTreeMap::new(),
        }
    }

    /// The limit has become another: what was said of the old one is forgotten.
    pub fn set_amount(&mut self, amount: i64) {
        self.amount = amount.max(0).unsigned_abs();
        self.reports.clear();
    }

    /// Spends what an event of ours has used.
    pub fn spend(&mut self, event: &Event, sums: &Sums, now_ms: i64) {
        self.spending.spend(event, sums, now_ms);
    }

    /// Takes back what an event has used that has been spent.
    pub fn take_back(&mut self, event: &Event, sums: &Sums) {
        self.spending.take_back(event, sums);
    }

    /// Takes in what a response said, in any order.
    pub fn correct(&mut self, report: Report) {
        let second = Second { newest: report, lowest: report };
        let known = self.reports.entry(report.from_ms.div_euclid(1_000)).or_insert(second);
        if report.is_newer(&known.newest) {
            known.newest = report;
        }
        if report.is_lower(&known.lowest) {
            known.lowest = report;
        }
    }

    /// Where it stands; nothing when no response has said anything for a while.
    pub fn read(&self, now_ms: i64) -> Option<ReplicaReading> {
        let report = self.newest(now_ms)?;
        let bucket = self.bucket_after(&report, now_ms);
        let remaining = bucket.remaining(now_ms);
        Some(ReplicaReading {
            used: self.amount - remaining,
            remaining,
            band: self.rounding.saturating_add(self.drift(&report)).min(self.amount.max(self.rounding)),
            as_of_ms: report.from_ms,
            full_at_ms: bucket.full_at_ms(now_ms),
        })
    }

    /// The most that was missing at any time from `from_ms` to now, and when that was first so, Unix milliseconds.
    pub fn peak(&self, from_ms: i64, now_ms: i64) -> Option<(u64, i64)> {
        let mut peak = self.newest(from_ms).map(|report| {
            let remaining = self.bucket_after(&report, from_ms).remaining(from_ms);
            (self.amount - remaining, from_ms)
        });
        let mut note = |used: u64, at_ms: i64| {
            if at_ms >= from_ms && peak.is_none_or(|(most, _)| used > most) {
                peak = Some((used, at_ms));
            }
        };
        let first = self.newest(from_ms).map(|report| report.from_ms).unwrap_or(from_ms);
        let mut seconds = self.recent(now_ms).filter(|second| second.newest.from_ms >= first).peekable();
        while let Some(Second { newest, lowest }) = seconds.next() {
            for report in [lowest, newest] {
                note(self.amount - self.within(report.remaining), report.from_ms);
            }
            let until = seconds.peek().map_or(now_ms, |next| next.newest.from_ms - 1);
            let mut bucket = self.holding(newest);
            for (at_ms, spent) in self.spending.between(newest.from_ms, until) {
                bucket.spend(spent, at_ms);
                note(self.amount - bucket.remaining(at_ms), at_ms);
            }
        }
        peak
    }

    /// What must have been spent by what Tacho has not seen, as the first and the last report of the last minutes show.
    pub fn unseen(&self, now_ms: i64) -> Option<Unseen> {
        let (first, last) = self.ends(now_ms)?;
        unseen::between(&first, &last, self.amount, self.rounding, self.spending.calls())
    }

    /// The reports between which the bucket can be held against our own spending.
    fn ends(&self, now_ms: i64) -> Option<(Report, Report)> {
        // What is spent is not known where no event is counted.
        if !self.spending.is_counted() {
            return None;
        }
        // What a call of unknown use has spent would pass for that of others, until a report has it behind it. And where
        // nothing is left, the provider may be owed something, which its bucket gains without a trace.
        let rounding = i64::try_from(self.rounding).unwrap_or(i64::MAX);
        let is_sound = |report: &Report| {
            let knows = self
                .spending
                .unknown_until_ms()
                .is_none_or(|until_ms| unseen::begins_after(report, until_ms));
            knows && report.remaining > rounding
        };
        let sound = self.recent(now_ms).map(|second| second.newest).filter(is_sound);
        Some((sound.min_by_key(|report| (report.to_ms, report.from_ms))?, self.newest(now_ms)?))
    }

    /// Forgets what no reading will need.
    pub fn prune(&mut self, now_ms: i64) {
        let oldest_ms = now_ms - 2 * MEMORY_MS;
        self.spending.prune(oldest_ms);
        self.reports = self.reports.split_off(&oldest_ms.div_euclid(1_000));
    }

    fn recent(&self, now_ms: i64) -> impl DoubleEndedIterator<Item = &Second> {
        let is_recent = move |second: &&Second| {
            second.newest.from_ms <= now_ms && second.newest.from_ms > now_ms - MEMORY_MS
        };
        self.reports.values().filter(is_recent)
    }

    fn newest(&self, now_ms: i64) -> Option<Report> {
        self.recent(now_ms).next_back().map(|second| second.newest)
    }

    /// The bucket as a report found it, and as spending has left it since.
    fn bucket_after(&self, report: &Report, until_ms: i64) -> TokenBucket {
        let mut bucket = self.holding(report);
        for (at_ms, spent) in self.spending.between(report.from_ms, until_ms) {
            bucket.spend(spent, at_ms);
        }
        bucket
    }

    /// What the bucket gains or loses at most between when a report is dated and when the head of the answer came.
    fn drift(&self, report: &Report) -> u64 {
        let passed_ms = u128::from(report.to_ms.saturating_sub(report.from_ms).max(0).unsigned_abs());
        let gained = (passed_ms * u128::from(self.amount)).div_ceil(60_000);
        let lost = self.spending.between(report.from_ms, report.to_ms).map(|(_, spent)| spent);
        u64::try_from(gained).unwrap_or(u64::MAX).max(lost.fold(0, u64::saturating_add))
    }

    fn holding(&self, report: &Report) -> TokenBucket {
        let refill = Refill::per_minute(self.amount);
        TokenBucket::holding(self.amount, refill, self.within(report.remaining), report.from_ms)
    }

    fn within(&self, remaining: i64) -> u64 {
        remaining.max(0).unsigned_abs().min(self.amount)
    }
}

#[cfg(test)]
mod tests;
