//! Output tokens per minute: the provider's OTPM.

use vocabulary::Measure;

use super::kind::{Count, Kind, Unit, WindowShape};

/// Tokens as they are generated: the provider counts them in real time, `max_tokens` plays no part.
pub const KIND: Kind = Kind {
    word: "output_tokens_per_minute",
    label: "Output tokens per minute",
    unit: Unit::Tokens,
    window: WindowShape::Rolling { length_s: 60 },
    count: Count::WhileGenerating(|sums| sums.output_tokens),
    measure: Some(Measure::OutputTokens),
};
