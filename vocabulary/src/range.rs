//! The stretch of time a page shows.

use crate::words::words;

words! {
    /// A stretch of time that ends now.
    Range {
        /// 15 minutes in 1-minute bins.
        QuarterHour = "15m",
        /// One hour in 1-minute bins.
        Hour = "1h",
        /// Six hours in 5-minute bins.
        SixHours = "6h",
        /// A day in 15-minute bins.
        Day = "24h",
        /// Seven days in 1-hour bins.
        Week = "7d",
        /// Thirty days in 6-hour bins.
        Month = "30d",
    }
}

impl Range {
    /// Its length in seconds.
    pub fn length_s(self) -> i64 {
        match self {
            Range::QuarterHour => 900,
            Range::Hour => 3_600,
            Range::SixHours => 21_600,
            Range::Day => 86_400,
            Range::Week => 604_800,
            Range::Month => 2_592_000,
        }
    }

    /// The width of one bin in seconds.
    pub fn step_s(self) -> i64 {
        match self {
            Range::QuarterHour | Range::Hour => 60,
            Range::SixHours => 300,
            Range::Day => 900,
            Range::Week => 3_600,
            Range::Month => 21_600,
        }
    }
}
