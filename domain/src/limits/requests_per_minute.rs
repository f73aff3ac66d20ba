//! Requests per minute: the provider's RPM.

use vocabulary::Measure;

use super::kind::{Count, Kind, Unit, WindowShape};

/// Every HTTP attempt counts, also one that was refused: whether the provider counts those is not documented.
pub const KIND: Kind = Kind {
    word: "requests_per_minute",
    label: "Requests per minute",
    unit: Unit::Requests,
    window: WindowShape::Rolling { length_s: 60 },
    count: Count::AtStart(|sums| sums.requests),
    measure: Some(Measure::Requests),
};
