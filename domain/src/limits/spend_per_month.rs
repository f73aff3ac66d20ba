//! Spend per month: your own budget, or the cap of your usage tier.

use vocabulary::Measure;

use super::kind::{Count, Kind, Unit, WindowShape};
use super::window::Period;

/// Cost of the priced events of a calendar month; the provider's months are UTC.
pub const KIND: Kind = Kind {
    word: "spend_per_month",
    label: "Spend per month",
    unit: Unit::NanoUsd,
    window: WindowShape::Calendar(Period::Month),
    count: Count::AtStart(|sums| sums.cost_nano_usd),
    measure: Some(Measure::CostUsd),
};
