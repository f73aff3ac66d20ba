//! What a page compares with.

use crate::words::words;

words! {
    /// What a page sets beside what it shows.
    #[derive(Default)]
    Compare {
        /// Nothing.
        #[default]
        Off = "off",
        /// As long a stretch just before it; of the calendar, the day, week or month before.
        Previous = "previous",
        /// The same a day before.
        Day = "day",
        /// The same a week before.
        Week = "week",
    }
}
