//! Tokens per day: a policy of your own, the provider has no such limit today.

use vocabulary::Measure;

use super::kind::{Count, Kind, Unit, WindowShape};
use super::window::Period;
use crate::rollup::Sums;

/// Input and output together, all four kinds, as the article Tacho grew from counts them.
pub const KIND: Kind = Kind {
    word: "tokens_per_day",
    label: "Tokens per day",
    unit: Unit::Tokens,
    window: WindowShape::Calendar(Period::Day),
    count: Count::AtStart(Sums::total_tokens),
    measure: Some(Measure::TotalTokens),
};
