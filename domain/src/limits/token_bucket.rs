//! A token bucket: it holds so many tokens at most and refills evenly, so that a burst is possible and the
//! rate holds in the long run.

/// A bucket of tokens. Time is handed in, in Unix milliseconds, and nothing happens between two calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenBucket {
    capacity: u64,
    refill: Refill,
    /// In parts of which a token has `refill.period_ms`: what comes in within a millisecond is a whole number
    /// of them, so that nothing is ever rounded.
    held: u128,
    /// When `held` was right.
    at_ms: i64,
}

/// How fast a bucket refills: `tokens` in `period_ms`, evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refill {
    /// Tokens; a bucket that gains 0 gives what it holds, once.
    pub tokens: u64,
    /// Milliseconds in which they come; 0 counts as 1.
    pub period_ms: u64,
}

/// The bucket holds less than was asked for, and has given nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Short {
    /// In how many milliseconds it holds enough, if nobody takes any; nothing when it never will.
    pub retry_after_ms: Option<u64>,
}

impl Refill {
    /// So many tokens a second.
    pub fn per_second(tokens: u64) -> Self {
        Refill { tokens, period_ms: 1_000 }
    }

    /// So many tokens a minute.
    pub fn per_minute(tokens: u64) -> Self {
        Refill { tokens, period_ms: 60_000 }
    }

    /// Parts of a token.
    fn parts(self) -> u128 {
        u128::from(self.period_ms.max(1))
    }
}

impl TokenBucket {
    /// A full bucket.
    pub fn full(capacity: u64, refill: Refill, now_ms: i64) -> Self {
        TokenBucket { capacity, refill, held: u128::from(capacity) * refill.parts(), at_ms: now_ms }
    }

    /// A bucket that is known to hold so many tokens, at most its capacity.
    pub fn holding(capacity: u64, refill: Refill, tokens: u64, now_ms: i64) -> Self {
        let held = u128::from(tokens.min(capacity)) * refill.parts();
        TokenBucket { capacity, refill, held, at_ms: now_ms }
    }

    /// Takes `tokens`, or as many as there are: for what has been spent whether or not it was there.
    pub fn spend(&mut self, tokens: u64, now_ms: i64) {
        self.held = self.held_at(now_ms).saturating_sub(u128::from(tokens) * self.refill.parts());
        self.at_ms = now_ms;
    }

    /// When it will be full if nobody takes any; nothing when it never will.
    pub fn full_at_ms(&self, now_ms: i64) -> Option<i64> {
        let missing = u128::from(self.capacity) * self.refill.parts() - self.held_at(now_ms);
        Some(now_ms.saturating_add_unsigned(self.wait_ms(0, missing)?))
    }

    /// Takes `tokens`, all or none.
    pub fn take(&mut self, tokens: u64, now_ms: i64) -> Result<(), Short> {
        // A clock that was set back gives nothing and takes nothing: time goes on from where it is now.
        self.held = self.held_at(now_ms);
        self.at_ms = now_ms;
        let asked = u128::from(tokens) * self.refill.parts();
        match self.held.checked_sub(asked) {
            Some(rest) => {
                self.held = rest;
                Ok(())
            }
            None => Err(Short { retry_after_ms: self.wait_ms(tokens, asked - self.held) }),
        }
    }

    /// What it holds at most.
    pub fn capacity(&self) -> u64 {
        self.capacity
    }

    /// Whole tokens it holds at a time.
    pub fn remaining(&self, now_ms: i64) -> u64 {
        u64::try_from(self.held_at(now_ms) / self.refill.parts()).unwrap_or(self.capacity)
    }

    fn held_at(&self, now_ms: i64) -> u128 {
        let passed_ms = u128::from(now_ms.saturating_sub(self.at_ms).max(0).unsigned_abs());
        let gained = passed_ms * u128::from(self.refill.tokens);
        self.held.saturating_add(gained).min(u128::from(self.capacity) * self.refill.parts())
    }

    fn wait_ms(&self, tokens: u64, missing: u128) -> Option<u64> {
        if missing == 0 {
            return Some(0);
        }
        if tokens > self.capacity || self.refill.tokens == 0 {
            return None;
        }
        u64::try_from(missing.div_ceil(u128::from(self.refill.tokens))).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW_MS: i64 = 1_795_464_300_000;

    fn refills() -> impl Strategy<Value = Refill> {
        (1..10_000u64, 1..100_000u64).prop_map(|(tokens, period_ms)| Refill { tokens, period_ms })
    }

    proptest! {
        #[test]
        fn no_window_gives_more_than_the_bucket_and_what_came_in(
            capacity in 0..1_000u64,
            refill in refills(),
            // Backwards, too: a clock may be set.
            asks in prop::collection::vec((-2_000..20_000i64, 0..300u64), 1..60),
        ) {
            let mut bucket = TokenBucket::full(capacity, refill, NOW_MS);
            let mut now_ms = NOW_MS;
            let mut given = Vec::new();
            for (step_ms, tokens) in asks {
                now_ms += step_ms;
                let granted = bucket.take(tokens, now_ms).is_ok();
                given.push((step_ms.max(0), if granted { tokens } else { 0 }));
            }
            for first in 0..given.len() {
                let (mut passed_ms, mut sum) = (0, 0);
                for (index, (step_ms, tokens)) in given.iter().enumerate().skip(first) {
                    passed_ms += if index == first { 0 } else { *step_ms };
                    sum += tokens;
                    let came_in = u128::from(refill.tokens) * passed_ms as u128;
                    let most = u128::from(capacity) * u128::from(refill.period_ms) + came_in;
                    prop_assert!(u128::from(sum) * u128::from(refill.period_ms) <= most);
                }
            }
        }

        #[test]
        fn the_wait_is_exact(
            capacity in 1..1_000u64,
            refill in refills(),
            taken in prop::collection::vec((0..5_000i64, 1..300u64), 0..20),
            asked in 1..1_000u64,
        ) {
            let mut bucket = TokenBucket::full(capacity, refill, NOW_MS);
            let mut now_ms = NOW_MS;
            for (step_ms, tokens) in taken {
                now_ms += step_ms;
                let _ = bucket.take(tokens, now_ms);
            }
            let asked = asked.min(capacity);
            if let Err(short) = bucket.take(asked, now_ms) {
                let wait_ms = i64::try_from(short.retry_after_ms.expect("an end")).expect("a short wait");
                prop_assert!(bucket.clone().take(asked, now_ms + wait_ms - 1).is_err());
                prop_assert!(bucket.take(asked, now_ms + wait_ms).is_ok());
            }
        }

        #[test]
        fn a_bucket_is_never_below_empty_nor_above_full(
            capacity in 0..1_000u64,
            refill in refills(),
            known in 0..2_000u64,
            spent in prop::collection::vec((-500..20_000i64, 0..600u64), 0..40),
        ) {
            let mut bucket = TokenBucket::holding(capacity, refill, known, NOW_MS);
            let mut now_ms = NOW_MS;
            for (step_ms, tokens) in spent {
                now_ms += step_ms;
                let before = bucket.remaining(now_ms);
                bucket.spend(tokens, now_ms);
                prop_assert_eq!(bucket.remaining(now_ms), before.saturating_sub(tokens));
                prop_assert!(before <= capacity);
                let full_ms = bucket.full_at_ms(now_ms).expect("an end");
                prop_assert_eq!(bucket.remaining(full_ms), capacity);
                prop_assert!(capacity == 0 || full_ms == now_ms || bucket.remaining(full_ms - 1) < capacity);
            }
        }

        #[test]
        fn looking_often_changes_nothing(
            refill in refills(),
            looks in prop::collection::vec(0..500i64, 0..60),
        ) {
            let mut watched = TokenBucket::full(1_000, refill, NOW_MS);
            prop_assert_eq!(watched.take(1_000, NOW_MS), Ok(()));
            let unwatched = watched.clone();
            let mut now_ms = NOW_MS;
            for step_ms in looks {
                now_ms += step_ms;
                prop_assert_eq!(watched.take(0, now_ms), Ok(()));
            }
            prop_assert_eq!(watched.remaining(now_ms), unwatched.remaining(now_ms));
        }
    }

    #[test]
    fn a_clock_that_is_set_back_gives_nothing_and_locks_nobody_out() {
        let mut bucket = TokenBucket::full(5, Refill::per_second(1), NOW_MS);
        assert_eq!(bucket.take(5, NOW_MS), Ok(()));
        let back_ms = NOW_MS - 3_600_000;
        assert_eq!(bucket.take(1, back_ms), Err(Short { retry_after_ms: Some(1_000) }));
        assert_eq!(bucket.take(1, back_ms + 1_000), Ok(()));
    }

    #[test]
    fn what_never_comes_has_no_wait() {
        let mut bucket = TokenBucket::full(5, Refill::per_minute(30), NOW_MS);
        assert_eq!(bucket.take(6, NOW_MS), Err(Short { retry_after_ms: None }));
        assert_eq!(bucket.remaining(NOW_MS), 5);
        let mut once = TokenBucket::full(1, Refill::per_second(0), NOW_MS);
        assert_eq!(once.take(1, NOW_MS), Ok(()));
        assert_eq!(once.take(1, i64::MAX), Err(Short { retry_after_ms: None }));
    }

    #[test]
    fn no_number_is_too_large() {
        for period_ms in [0, 1, u64::MAX] {
            let refill = Refill { tokens: u64::MAX, period_ms };
            let mut bucket = TokenBucket::full(u64::MAX, refill, i64::MIN);
            assert_eq!(bucket.take(u64::MAX, i64::MAX), Ok(()));
            assert!(bucket.take(u64::MAX, i64::MIN).is_err());
            bucket.remaining(i64::MAX);
        }
    }
}
