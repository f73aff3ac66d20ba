//! Spend per day: a budget of your own.

use vocabulary::Measure;

use super::kind::{Count, Kind, Unit, WindowShape};
use super::window::Period;

/// Cost of the priced events of a calendar day; unpriced events make it a lower bound.
pub const KIND: Kind = Kind {
    word: "spend_per_day",
    label: "Spend per day",
    unit: Unit::NanoUsd,
    window: WindowShape::Calendar(Period::Day),
    count: Count::AtStart(|sums| sums.cost_nano_usd),
    measure: Some(Measure::CostUsd),
};
