//! Requests in flight at once: a policy of your own, the provider has no such limit.

use super::kind::{Count, Kind, Unit, WindowShape};

/// The peak over the last minute: events arrive when they end, so this very instant is not known. Where it is enforced,
/// the proxy goes by the calls it has open instead.
pub const KIND: Kind = Kind {
    word: "concurrent_requests",
    label: "Concurrent requests",
    unit: Unit::InFlight,
    window: WindowShape::Rolling { length_s: 60 },
    count: Count::InFlight,
    measure: None,
};
