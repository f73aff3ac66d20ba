//! Requests per hour: a policy of your own, the provider has no such limit.

use vocabulary::Measure;

use super::kind::{Count, Kind, Unit, WindowShape};
use super::window::Period;

/// Every attempt of a calendar hour to one of the endpoints that the limit covers.
pub const KIND: Kind = Kind {
    word: "requests_per_hour",
    label: "Requests per hour",
    unit: Unit::Requests,
    window: WindowShape::Calendar(Period::Hour),
    count: Count::AtStart(|sums| sums.requests),
    measure: Some(Measure::Requests),
};
