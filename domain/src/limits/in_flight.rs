//! How many requests were in flight at once, exactly, from starts and ends in any order.
//!
//! Each second keeps its changes with their sum and their highest prefix sum. Those two combine from left to
//! right, so the peak of a window costs one step per second, not one per request.

use std::collections::BTreeMap;

/// Starts and ends by second.
#[derive(Debug, Clone, Default)]
pub struct InFlight {
    by_second: BTreeMap<i64, Second>,
    /// In flight before the first second that is kept.
    base: i64,
}

#[derive(Debug, Clone, Default)]
struct Second {
    /// `(millisecond, change)`, in order, and how often; at one instant ends come before starts. So a second is no
    /// larger for a flood.
    changes: Vec<((i64, i64), i64)>,
    sum: i64,
    highest: i64,
}

impl InFlight {
    /// Adds a request from `start_ms` to `end_ms`; it is in flight for at least a millisecond.
    pub fn add(&mut self, start_ms: i64, end_ms: i64) {
        self.change(start_ms, 1);
        self.change(end_ms.max(start_ms.saturating_add(1)), -1);
    }

    /// Takes back a request that was added.
    pub fn take_back(&mut self, start_ms: i64, end_ms: i64) {
        self.undo(start_ms, 1);
        self.undo(end_ms.max(start_ms.saturating_add(1)), -1);
    }

    fn change(&mut self, at_ms: i64, change: i64) {
        self.by_second.entry(at_ms.div_euclid(1_000)).or_default().insert((at_ms, change), 1);
    }

    fn undo(&mut self, at_ms: i64, change: i64) {
        let number = at_ms.div_euclid(1_000);
        let second = self.by_second.get_mut(&number);
        if !second.is_some_and(|second| second.remove((at_ms, change))) {
            // It is in the base already.
            self.base -= change;
        } else if self.by_second.get(&number).is_some_and(|second| second.changes.is_empty()) {
            self.by_second.remove(&number);
        }
    }

    /// Takes over what others hold.
    pub fn absorb(&mut self, others: &InFlight) {
        self.base += others.base;
        for (number, second) in &others.by_second {
            let own = self.by_second.entry(*number).or_default();
            second.changes.iter().for_each(|(change, times)| own.insert(*change, *times));
        }
    }

    /// How many requests it holds the start of, or that are in flight.
    pub fn total(&self) -> i64 {
        let starts = self.by_second.values().flat_map(|second| &second.changes);
        let starts = starts.filter(|((_, change), _)| *change > 0);
        self.base + starts.map(|(_, times)| times).sum::<i64>()
    }

    /// The most requests in flight at any instant from `from_ms` to `to_ms`, and when that was first reached.
    pub fn peak(&self, from_ms: i64, to_ms: i64) -> (i64, i64) {
        let from = from_ms.div_euclid(1_000);
        let mut running =
            self.by_second.range(..from).fold(self.base, |running, (_, second)| running + second.sum);
        let mut peak = (running, from_ms);
        for (number, second) in self.by_second.range(from..=to_ms.div_euclid(1_000).max(from)) {
            let whole = number * 1_000 >= from_ms && number * 1_000 + 999 <= to_ms;
            if whole && running + second.highest <= peak.0 {
                running += second.sum;
                continue;
            }
            for ((at_ms, change), times) in &second.changes {
                running += change * times;
                if *at_ms <= from_ms {
                    peak = (running, from_ms);
                } else if *at_ms <= to_ms && running > peak.0 {
                    peak = (running, *at_ms);
                }
            }
        }
        peak
    }

    /// Folds what lies before `second` into the base.
    pub fn prune(&mut self, second: i64) {
        let kept = self.by_second.split_off(&second);
        self.base += self.by_second.values().map(|second| second.sum).sum::<i64>();
        self.by_second = kept;
    }

    /// Nothing is in flight, and nothing was within what is kept.
    pub fn is_empty(&self) -> bool {
        self.by_second.is_empty() && self.base == 0
    }
}

impl Second {
    fn insert(&mut self, change: (i64, i64), times: i64) {
        match self.changes.binary_search_by_key(&change, |(known, _)| *known) {
            Ok(place) => self.changes[place].1 += times,
            Err(place) => self.changes.insert(place, (change, times)),
        }
        self.sum_up();
    }

    /// False when there is no such change.
    fn remove(&mut self, change: (i64, i64)) -> bool {
        let Ok(place) = self.changes.binary_search_by_key(&change, |(known, _)| *known) else { return false };
        self.changes[place].1 -= 1;
        if self.changes[place].1 == 0 {
            self.changes.remove(place);
        }
        self.sum_up();
        true
    }

    fn sum_up(&mut self) {
        (self.sum, self.highest) = (0, 0);
        for ((_, change), times) in &self.changes {
            self.sum += change * times;
            self.highest = self.highest.max(self.sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn peaks_are_those_of_every_instant(
            requests in prop::collection::vec((0..9_000i64, 0..4_000i64), 0..40),
            from_ms in 0..9_000i64,
            span_ms in 0..4_000i64,
            pruned in prop::bool::ANY,
            mistaken in prop::collection::vec((0..9_000i64, 0..4_000i64), 0..10),
            apart in 0..40usize,
        ) {
            let (mut in_flight, mut others) = (InFlight::default(), InFlight::default());
            for (number, (start_ms, duration_ms)) in requests.iter().chain(&mistaken).enumerate() {
                let of = if number < apart { &mut others } else { &mut in_flight };
                of.add(*start_ms, start_ms + duration_ms);
            }
            in_flight.absorb(&others);
            prop_assert_eq!(in_flight.total() as usize, requests.len() + mistaken.len());
            if pruned {
                in_flight.prune(from_ms / 1_000);
            }
            for (start_ms, duration_ms) in &mistaken {
                in_flight.take_back(*start_ms, start_ms + duration_ms);
            }
            let at = |ms: i64| requests.iter().filter(|(start, length)| *start <= ms && ms < start + (*length).max(1)).count() as i64;
            let expected = (from_ms..=from_ms + span_ms).map(at).max().unwrap_or(0);
            let (peak, at_ms) = in_flight.peak(from_ms, from_ms + span_ms);
            prop_assert_eq!(peak, expected);
            prop_assert_eq!(at(at_ms), expected);
        }
    }
}
