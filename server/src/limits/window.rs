//! Windows of the calendar, as UTC instants.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{RoundMode, Span, Timestamp, Unit, ZonedDateTimeRound};

/// A period of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// From one full hour to the next.
    Hour,
    /// From midnight to midnight; 23 or 25 hours long when the clocks change.
    Day,
    /// From the first of a month to the first of the next.
    Month,
}

impl Period {
    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Period::Hour => "hour",
            Period::Day => "day",
            Period::Month => "month",
        }
    }

    /// Start and end, Unix milliseconds, of the window that `at_ms` falls in.
    pub fn window(self, zone: &TimeZone, at_ms: i64) -> (i64, i64) {
        self.bounds(zone, at_ms).unwrap_or((i64::MIN, i64::MAX))
    }

    /// Nothing at the very edge of what the calendar can express.
    fn bounds(self, zone: &TimeZone, at_ms: i64) -> Option<(i64, i64)> {
        let at = Timestamp::from_millisecond(at_ms).ok()?.to_zoned_datetime(zone.clone());
        let (start, end) = match self {
            // An hour is 60 minutes of time: the hour that clocks repeat is two windows.
            Period::Hour => {
                let start = at.round(ZonedDateTimeRound::new().smallest(Unit::Hour).mode(RoundMode::Floor)).ok()?;
                let end = start.checked_add(Span::new().hours(1)).ok()?;
                (start, end)
            }
            Period::Day => (at.start_of_day().ok()?, at.tomorrow().ok()?.start_of_day().ok()?),
            Period::Month => {
                let first: DateTime = at.date().first_of_month().into();
                let next = first.date().checked_add(Span::new().months(1)).ok()?;
                (first.to_zoned_datetime(zone.clone()).ok()?, next.to_zoned_datetime(zone.clone()).ok()?)
            }
        };
        Some((start.timestamp().as_millisecond(), end.timestamp().as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ZONES: [&str; 6] =
        ["UTC", "Asia/Seoul", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"];

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).expect("a known zone")
    }

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().expect("a time").as_millisecond()
    }

    #[test]
    fn days_follow_their_zone_and_its_changes_of_clocks() {
        let day = |name, at| Period::Day.window(&zone(name), ms(at));
        assert_eq!(
            day("Asia/Seoul", "2026-11-24T16:00:00Z"),
            (ms("2026-11-24T15:00:00Z"), ms("2026-11-25T15:00:00Z"))
        );
        let (start, end) = day("Europe/Berlin", "2026-03-29T12:00:00Z");
        assert_eq!(end - start, 23 * 3_600_000);
        let (start, end) = day("Europe/Berlin", "2026-10-25T12:00:00Z");
        assert_eq!(end - start, 25 * 3_600_000);
    }

    #[test]
    fn months_end_where_the_next_begins() {
        let month = Period::Month.window(&zone("UTC"), ms("2024-02-29T23:59:59Z"));
        assert_eq!(month, (ms("2024-02-01T00:00:00Z"), ms("2024-03-01T00:00:00Z")));
    }

    proptest! {
        #[test]
        fn windows_tile_time(at_ms in 0..4_000_000_000_000i64, zone_index in 0..ZONES.len()) {
            let zone = zone(ZONES[zone_index]);
            for period in [Period::Hour, Period::Day, Period::Month] {
                let (start, end) = period.window(&zone, at_ms);
                prop_assert!(start <= at_ms && at_ms < end, "{:?} {} not in {}..{}", period, at_ms, start, end);
                prop_assert_eq!(period.window(&zone, start), (start, end));
                prop_assert_eq!(period.window(&zone, end - 1), (start, end));
                prop_assert_eq!(period.window(&zone, end).0, end);
            }
        }
    }
}
