//! What some calls have used of a limit.

use crate::rollup::Sums;

/// What some calls have used of a limit, in its kind's own unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub calls: i64,
    pub used: i64,
    /// How many of them are of unknown size: all have used so much, or more.
    pub unknown: i64,
}

impl Tally {
    /// Adds others.
    pub fn add(&mut self, other: &Tally) {
        self.calls = self.calls.saturating_add(other.calls);
        self.used = self.used.saturating_add(other.used);
        self.unknown = self.unknown.saturating_add(other.unknown);
    }

    /// Takes back what was added. False where what is left cannot be told, because sums have stopped at
    /// [`Sums::LARGEST`].
    pub fn take_back(&mut self, other: &Tally) -> bool {
        let is_exact = self.used < Sums::LARGEST && other.used < Sums::LARGEST;
        self.calls = (self.calls - other.calls).max(0);
        self.used = (self.used - other.used).max(0);
        self.unknown = (self.unknown - other.unknown).max(0);
        is_exact
    }

    /// Whether nothing was counted, or all of it taken back.
    pub fn is_empty(&self) -> bool {
        *self == Tally::default()
    }
}
