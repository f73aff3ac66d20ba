//! Cache writes: one count, which is told as a total, as its two lifetimes, or as both.

use super::Usage;

/// Cache writes as one telling has them. What it tells is the sum of all three.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CacheWrites {
    /// Told to be for five minutes.
    pub five_minutes: Option<u64>,
    /// Told to be for an hour.
    pub hour: Option<u64>,
    /// In the total beyond those: nobody says for how long.
    pub bare: Option<u64>,
}

impl CacheWrites {
    /// What a total and its parts say. Parts beyond their total stand as they are.
    pub fn told(total: Option<u64>, five_minutes: Option<u64>, hour: Option<u64>) -> Self {
        let parts = five_minutes.unwrap_or(0).saturating_add(hour.unwrap_or(0));
        CacheWrites { five_minutes, hour, bare: total.map(|total| total.saturating_sub(parts)) }
    }

    /// Those of a usage, which has them by their lifetimes.
    pub fn of(usage: &Usage) -> Self {
        CacheWrites::told(None, usage.cache_write_5m_tokens, usage.cache_write_1h_tokens)
    }

    /// All of them; nothing where none are told.
    pub fn total(self) -> Option<u64> {
        plus(plus(self.five_minutes, self.hour), self.bare)
    }

    /// Those for five minutes, the API's default, and those for an hour.
    pub fn lifetimes(self) -> (Option<u64>, Option<u64>) {
        (plus(self.five_minutes, self.bare), self.hour)
    }

    /// These, and others beside them.
    #[must_use]
    pub fn and(self, others: CacheWrites) -> Self {
        CacheWrites {
            five_minutes: plus(self.five_minutes, others.five_minutes),
            hour: plus(self.hour, others.hour),
            bare: plus(self.bare, others.bare),
        }
    }

    /// The same writes, told again: the larger total, with the lifetimes of whoever tells them. Where both do, and not
    /// the same, it is the other's, but no less of either than is told here.
    #[must_use]
    pub fn or(self, other: CacheWrites) -> Self {
        let whole = self.total().max(other.total());
        let (five_minutes, hour) = (self.five_minutes.max(other.five_minutes), self.hour.max(other.hour));
        if self.agrees_with(other) {
            let CacheWrites { bare, .. } = CacheWrites::told(whole, five_minutes, hour);
            let is_told = self.bare.is_some() || other.bare.is_some();
            return CacheWrites { five_minutes, hour, bare: bare.filter(|bare| is_told || *bare > 0) };
        }
        let whole = whole.unwrap_or(0);
        let (least, most) = (self.five_minutes.unwrap_or(0), whole.saturating_sub(self.hour.unwrap_or(0)));
        let five_minutes = other.five_minutes.unwrap_or(0).max(least).min(most);
        CacheWrites::told(None, Some(five_minutes), Some(whole.saturating_sub(five_minutes)))
    }

    /// Whether both can be true of the same writes: the lifetimes that either tells are within the larger total.
    pub fn agrees_with(self, other: CacheWrites) -> bool {
        plus(self.five_minutes.max(other.five_minutes), self.hour.max(other.hour))
            <= self.total().max(other.total())
    }

    /// Says of what nobody says it that it is for an hour, as far as `hour` goes, which becomes less by that.
    pub fn take_hour(&mut self, hour: &mut u64) {
        let taken = self.bare.unwrap_or(0).min(*hour);
        if taken > 0 {
            *hour -= taken;
            self.bare = self.bare.map(|bare| bare - taken);
            self.hour = plus(self.hour, Some(taken));
        }
    }
}

/// The sum of what is known.
pub(super) fn plus(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.saturating_add(other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_count_told_twice_counts_once() {
        let told = CacheWrites::told;
        let bare = told(Some(1_000), None, None);
        for (words, one, other, lifetimes) in [
            ("split, and not", told(Some(1_000), Some(400), Some(600)), bare, (400, 600)),
            ("an hour", told(None, Some(0), Some(1_000)), bare, (0, 1_000)),
            ("more than is split", told(None, Some(100), Some(600)), bare, (400, 600)),
            ("part by part", told(Some(10), None, Some(2)), told(Some(10), Some(3), Some(7)), (3, 7)),
            ("not the same", told(None, Some(70), Some(0)), told(None, Some(0), Some(70)), (70, 0)),
        ] {
            let expected = (Some(lifetimes.0), Some(lifetimes.1));
            assert_eq!(one.or(other).lifetimes(), expected, "{words}");
            if words != "not the same" {
                assert_eq!(other.or(one).lifetimes(), expected, "{words}, the other way round");
            }
        }
        // The larger total counts, and keeps what the smaller one says.
        let (top, attempts) = (told(None, Some(0), Some(40)), told(None, Some(100), Some(0)));
        assert_eq!(top.or(attempts).lifetimes(), (Some(60), Some(40)));
        assert_eq!(CacheWrites::default().or(CacheWrites::default()), CacheWrites::default());
    }
}
