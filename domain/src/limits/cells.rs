//! One-second cells: a rolling sum, exact to the second, in which late events still count.

use std::collections::BTreeMap;

/// An answer takes at most this long: an hour. What a reporter says beyond it is not believed.
const MOST_SPREAD_S: i64 = 3_600;

/// An amount spread evenly over the seconds from `first` to `last`: each with its part. The parts sum to the whole.
pub fn spread(first: i64, last: i64, amount: i64) -> impl Iterator<Item = (i64, i64)> {
    let seconds = last.saturating_sub(first).saturating_add(1).clamp(1, MOST_SPREAD_S);
    let (each, rest) = (amount / seconds, amount % seconds);
    (0..seconds).map(move |offset| (first.saturating_add(offset), each + i64::from(offset < rest)))
}

/// Amounts by second. A window that ends in second `s` covers `s` and the `length - 1` seconds before it.
#[derive(Debug, Clone, Default)]
pub struct Cells {
    by_second: BTreeMap<i64, i64>,
    total: i128,
}

impl Cells {
    /// Adds to a second.
    pub fn add(&mut self, second: i64, amount: i64) {
        if amount != 0 {
            let cell = self.by_second.entry(second).or_default();
            let before = *cell;
            *cell = cell.saturating_add(amount);
            self.total += i128::from(*cell) - i128::from(before);
        }
    }

    /// Takes back what was added to a second, unless that is forgotten already. False where what is left cannot be told,
    /// because the second was too full to hold all that was added.
    pub fn take_back(&mut self, second: i64, amount: i64) -> bool {
        let Some(cell) = self.by_second.get_mut(&second) else { return true };
        let (before, is_exact) = (*cell, *cell < i64::MAX);
        *cell = (*cell - amount).max(0);
        self.total += i128::from(*cell) - i128::from(before);
        if *cell == 0 {
            self.by_second.remove(&second);
        }
        is_exact
    }

    /// Takes over what others hold.
    pub fn absorb(&mut self, others: &Cells) {
        others.by_second.iter().for_each(|(second, amount)| self.add(*second, *amount));
    }

    /// The sum of all that is kept.
    pub fn total(&self) -> i128 {
        self.total
    }

    /// Whether a second after `second` holds anything.
    pub fn any_after(&self, second: i64) -> bool {
        self.by_second.range(second.saturating_add(1)..).next().is_some()
    }

    /// The sum of the window that ends in `second`.
    pub fn sum_ending(&self, second: i64, length_s: i64) -> i64 {
        self.by_second
            .range(second.saturating_sub(length_s - 1)..=second)
            .fold(0, |sum: i64, (_, amount)| sum.saturating_add(*amount))
    }

    /// The largest sum of any window that ends from `from` to `to`, and the second in which it ends first.
    pub fn peak(&self, from: i64, to: i64, length_s: i64) -> (i64, i64) {
        let mut peak = (self.sum_ending(from, length_s), from);
        // A sum grows only where a cell enters the window.
        for second in self.by_second.range(from..=to.max(from)).map(|(second, _)| *second) {
            let sum = self.sum_ending(second, length_s);
            if sum > peak.0 {
                peak = (sum, second);
            }
        }
        peak
    }

    /// Forgets what lies before `second`.
    pub fn prune(&mut self, second: i64) {
        let kept = self.by_second.split_off(&second);
        self.total -= self.by_second.values().map(|amount| i128::from(*amount)).sum::<i128>();
        self.by_second = kept;
    }

    /// Nothing is left.
    pub fn is_empty(&self) -> bool {
        self.by_second.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sums_and_peaks_are_those_of_the_cells(
            amounts in prop::collection::vec((0..200i64, 0..1_000i64), 0..80),
            from in 0..200i64,
            span in 0..200i64,
        ) {
            let mut cells = Cells::default();
            for (second, amount) in &amounts {
                cells.add(*second, *amount);
            }
            let sum = |end: i64| amounts.iter().filter(|(second, _)| *second <= end && *second > end - 60).map(|(_, amount)| amount).sum::<i64>();
            prop_assert_eq!(cells.sum_ending(from, 60), sum(from));
            let (peak, at) = cells.peak(from, from + span, 60);
            prop_assert_eq!(Some(peak), (from..=from + span).map(sum).max());
            prop_assert_eq!(sum(at), peak);
            let mut others = Cells::default();
            amounts.iter().for_each(|(second, amount)| others.add(*second, *amount));
            cells.absorb(&others);
            prop_assert_eq!(cells.sum_ending(from, 60), 2 * sum(from));
            others.prune(from);
            let kept = amounts.iter().filter(|(second, _)| *second >= from);
            prop_assert_eq!(others.total(), kept.map(|(_, amount)| i128::from(*amount)).sum::<i128>());
        }

        #[test]
        fn spreading_keeps_the_whole(first in 0..1_000i64, length in 0..3_000i64, amount in 0..1_000_000i64) {
            let mut cells = Cells::default();
            spread(first, first + length, amount).for_each(|(second, part)| cells.add(second, part));
            prop_assert_eq!(cells.sum_ending(first + length, length + 1), amount);
        }
    }
}
