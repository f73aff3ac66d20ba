//! Input tokens per minute: the provider's ITPM.

use vocabulary::Measure;

use super::kind::{Count, Kind, Unit, WindowShape};
use crate::rollup::Sums;

/// Uncached input and cache writes; cache reads do not count on any current model.
pub const KIND: Kind = Kind {
    word: "input_tokens_per_minute",
    label: "Input tokens per minute",
    unit: Unit::Tokens,
    window: WindowShape::Rolling { length_s: 60 },
    count: Count::AtStart(Sums::itpm_tokens),
    measure: Some(Measure::ItpmTokens),
};
