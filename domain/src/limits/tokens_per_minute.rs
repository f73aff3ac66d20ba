//! The most restrictive token limit in force, as the provider's headers put it.

use vocabulary::Measure;

use super::kind::{Count, Kind, Unit, WindowShape};

/// It may be a workspace's limit on input or on output, or the sum of both: the headers do not say which, so
/// Tacho's own count would be held against the wrong amount. What stands is what they say is left.
pub const KIND: Kind = Kind {
    word: "tokens_per_minute",
    label: "Tokens per minute",
    unit: Unit::Tokens,
    window: WindowShape::Rolling { length_s: 60 },
    count: Count::Reported,
    measure: Some(Measure::TotalTokens),
};
