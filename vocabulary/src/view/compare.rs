//! What a page compares with.

use crate::words::words;

words! {
    /// What a page sets beside what it shows.
    Compare {
        /// Nothing.
        Off = "off",
        /// As long a stretch just before it; of the calendar, the day, week or month before.
        Previous = "previous",
        /// The same a day before.
        Day = "day",
        /// The same a week before.
        Week = "week",
    }
}

impl Default for Compare {
    fn default() -> Self {
        Compare::Off
    }
}
