//! Money as whole nano-dollars: one cache-read token of the cheapest model costs 10 of them, so nothing is
//! ever rounded away.

use serde::{Deserialize, Serialize};

/// An amount of money in billionths of a US dollar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NanoUsd(pub i64);

impl NanoUsd {
    /// Nano-dollars in a dollar.
    pub const PER_USD: i64 = 1_000_000_000;

    /// The amount in dollars, for showing; sums are kept in nano-dollars.
    pub fn as_usd(self) -> f64 {
        self.0 as f64 / Self::PER_USD as f64
    }

    /// The nearest amount to `usd`; nothing when it is negative, not a number or too large.
    pub fn from_usd(usd: f64) -> Option<Self> {
        let nano = (usd * Self::PER_USD as f64).round();
        (nano >= 0.0 && nano < i64::MAX as f64).then_some(NanoUsd(nano as i64))
    }

    /// The sum, or the largest amount there is.
    pub fn saturating_add(self, other: Self) -> Self {
        NanoUsd(self.0.saturating_add(other.0))
    }
}
