//! A token bucket as the API describes it: its capacity is the limit per minute, and it refills continuously.

use jiff::{SignedDuration, Timestamp};

/// What a minute refills, in the bucket's own unit: a billionth of a token per nanosecond and limit.
const MINUTE_NS: u128 = 60_000_000_000;

/// Whole numbers only, so that a test can say exactly what is left.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    limit: u64,
    /// What is gone, in tokens times the nanoseconds of a minute. May exceed the capacity: output is counted
    /// as it is generated, whatever is left.
    missing: u128,
    at: Timestamp,
}

impl Bucket {
    pub fn new(limit: u64, now: Timestamp) -> Self {
        Bucket { limit, missing: 0, at: now }
    }

    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// Brings the bucket to `now`. A clock that went backwards refills nothing.
    fn refill(&mut self, now: Timestamp) {
        let passed_ns = u128::try_from(now.duration_since(self.at).as_nanos()).unwrap_or(0);
        self.missing = self.missing.saturating_sub(passed_ns * u128::from(self.limit));
        self.at = self.at.max(now);
    }

    /// Whole tokens that are left.
    pub fn remaining(&mut self, now: Timestamp) -> u64 {
        self.refill(now);
        let missing = u64::try_from(self.missing.div_ceil(MINUTE_NS)).unwrap_or(u64::MAX);
        self.limit.saturating_sub(missing)
    }

    /// When `tokens` will be there, `None` when they are. More than the limit is never there: a full bucket
    /// is enough for it.
    pub fn wait(&mut self, tokens: u64, now: Timestamp) -> Option<SignedDuration> {
        let tokens = tokens.min(self.limit);
        if self.remaining(now) >= tokens {
            return None;
        }
        let may_miss = u128::from(self.limit - tokens) * MINUTE_NS;
        Some(self.refills_in(self.missing.saturating_sub(may_miss)))
    }

    /// Takes tokens, also such as are not there.
    pub fn take(&mut self, tokens: u64, now: Timestamp) {
        self.refill(now);
        self.missing += u128::from(tokens) * MINUTE_NS;
    }

    /// When the bucket will be full again.
    pub fn full_at(&mut self, now: Timestamp) -> Timestamp {
        self.refill(now);
        now + self.refills_in(self.missing)
    }

    fn refills_in(&self, missing: u128) -> SignedDuration {
        // An empty limit never refills; a day says so without leaving the calendar.
        let ns = if self.limit == 0 { 24 * 60 * MINUTE_NS } else { missing.div_ceil(u128::from(self.limit)) };
        SignedDuration::from_nanos(i64::try_from(ns).unwrap_or(i64::MAX / 4))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn a_bucket_refills_continuously_and_says_when_it_is_full() {
        let mut bucket = Bucket::new(60, at(0));
        bucket.take(60, at(0));
        assert_eq!(bucket.remaining(at(0)), 0);
        assert_eq!(bucket.wait(1, at(0)), Some(SignedDuration::from_secs(1)));
        assert_eq!(bucket.remaining(at(1)), 1);
        assert_eq!(bucket.wait(1, at(1)), None);
        assert_eq!(bucket.full_at(at(30)), at(60));
        assert_eq!(bucket.remaining(at(90)), 60);
    }

    #[test]
    fn a_bucket_takes_what_is_not_there_and_pays_it_back_first() {
        let mut bucket = Bucket::new(60, at(0));
        bucket.take(90, at(0));
        assert_eq!(bucket.remaining(at(30)), 0);
        assert_eq!(bucket.remaining(at(31)), 1);
        assert_eq!(bucket.full_at(at(0).max(at(31))), at(90));
    }

    proptest! {
        /// Whatever was taken, and whenever: what the bucket asks to wait for is enough, and no less would be.
        #[test]
        fn waiting_as_told_is_just_enough(
            limit in 1..5_000_u64,
            taken in proptest::collection::vec((0..10_000_u64, 0..90_000_i64), 1..20),
            wanted in 1..6_000_u64,
        ) {
            let mut now = at(0);
            let mut bucket = Bucket::new(limit, now);
            for (tokens, pause_ms) in taken {
                bucket.take(tokens, now);
                now += SignedDuration::from_millis(pause_ms);
                prop_assert!(bucket.remaining(now) <= limit);
            }
            let full = bucket.full_at(now);
            if let Some(wait) = bucket.wait(wanted, now) {
                let sooner = wait - SignedDuration::from_nanos(1);
                prop_assert!(bucket.clone().remaining(now + sooner) < wanted.min(limit));
                prop_assert!(bucket.clone().remaining(now + wait) >= wanted.min(limit));
                prop_assert!(now + wait <= full);
            }
            prop_assert_eq!(bucket.remaining(full), limit);
        }
    }

    #[test]
    fn more_than_the_limit_needs_a_full_bucket() {
        let mut bucket = Bucket::new(60, at(0));
        assert_eq!(bucket.wait(100, at(0)), None);
        bucket.take(6, at(0));
        assert_eq!(bucket.wait(100, at(0)), Some(SignedDuration::from_secs(6)));
    }
}
