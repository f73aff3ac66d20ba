//! A window of a subscription, such as five hours or seven days: how much of it is used, as headers say.

use super::kind::{Count, Kind, Unit, WindowShape};

/// All of a window, in the unit of its amount: hundredths of a percent.
pub const WHOLE: i64 = 10_000;

/// Percent of the window. What the provider counts, and how, is not known: no event is counted.
pub const KIND: Kind = Kind {
    word: "subscription_window",
    label: "Subscription window",
    unit: Unit::Percent,
    window: WindowShape::Reported,
    count: Count::Reported,
    measure: None,
};
