//! Windows of the calendar, as UTC instants.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

const HOUR_MS: i64 = 3_600_000;

/// A period of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// From one full hour to the next; cut short where clocks change within it, as they do by half an hour.
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

    /// How long it is, in seconds; of a month, 30 days.
    pub fn length_s(self) -> i64 {
        match self {
            Period::Hour => 3_600,
            Period::Day => 86_400,
            Period::Month => 30 * 86_400,
        }
    }

    /// Start and end, Unix milliseconds, of the window that `at_ms` falls in. Windows tile time: the end of
    /// one is the start of the next.
    pub fn window(self, zone: &TimeZone, at_ms: i64) -> (i64, i64) {
        let bounds = match self {
            Period::Hour => hour(zone, at_ms),
            Period::Day => dates(zone, at_ms, |day| Some((day, day.tomorrow().ok()?))),
            Period::Month => {
                dates(zone, at_ms, |day| Some((day.first_of_month(), day.last_of_month().tomorrow().ok()?)))
            }
        };
        // At the very edge of what the calendar can express there is one window.
        bounds.unwrap_or((i64::MIN, i64::MAX))
    }
}

/// The hour that clocks repeat is two windows.
fn hour(zone: &TimeZone, at_ms: i64) -> Option<(i64, i64)> {
    let at = Timestamp::from_millisecond(at_ms).ok()?;
    let civil = zone.to_datetime(at);
    let minute_ms = i64::from(civil.minute()) * 60_000;
    let into_hour_ms = minute_ms + i64::from(civil.second()) * 1_000 + i64::from(civil.millisecond());
    let start_ms = at_ms - into_hour_ms;
    let end_ms = start_ms + HOUR_MS;
    let changes = |edge: &i64| {
        let offset = |ms| Timestamp::from_millisecond(ms).map(|at| zone.to_offset(at)).ok();
        offset(*edge - 1) != offset(*edge)
    };
    let after = Timestamp::from_millisecond(at_ms + 1).ok()?;
    let before = zone.preceding(after).next().map(|change| change.timestamp().as_millisecond());
    let next = zone.following(at).next().map(|change| change.timestamp().as_millisecond());
    Some((
        before.filter(|edge| *edge > start_ms).filter(changes).unwrap_or(start_ms),
        next.filter(|edge| *edge < end_ms).filter(changes).unwrap_or(end_ms),
    ))
}

/// A window from midnight of a date to midnight of a later one, as `window_of` says.
fn dates(
    zone: &TimeZone,
    at_ms: i64,
    window_of: impl Fn(Date) -> Option<(Date, Date)>,
) -> Option<(i64, i64)> {
    let midnight = |day: Date| {
        let instant = day.at(0, 0, 0, 0).to_zoned_datetime(zone.clone()).ok()?;
        Some(instant.timestamp().as_millisecond())
    };
    let (first, next) = window_of(zone.to_datetime(Timestamp::from_millisecond(at_ms).ok()?).date())?;
    let (start_ms, end_ms) = (midnight(first)?, midnight(next)?);
    if at_ms < end_ms {
        return Some((start_ms, end_ms));
    }
    // Clocks that go back over midnight show the old date again, after its window has ended.
    Some((end_ms, midnight(window_of(next)?.1)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PERIODS: [Period; 3] = [Period::Hour, Period::Day, Period::Month];

    /// Half-hour changes, offsets of 45 minutes, changes at midnight, and a day that was left out.
    const ZONES: [&str; 14] = [
        "UTC",
        "Asia/Seoul",
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kolkata",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "America/St_Johns",
        "America/Goose_Bay",
        "America/Sao_Paulo",
        "America/Havana",
        "Asia/Beirut",
        "Pacific/Apia",
        "Antarctica/Troll",
    ];

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).expect("a known zone")
    }

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().expect("a time").as_millisecond()
    }

    #[test]
    fn windows_follow_their_zone_and_its_changes_of_clocks() {
        use Period::{Day, Hour, Month};
        for (name, period, at, start, end) in [
            ("Asia/Seoul", Day, "2026-11-24T16:00:00Z", "2026-11-24T15:00:00Z", "2026-11-25T15:00:00Z"),
            // 23 and 25 hours.
            ("Europe/Berlin", Day, "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
            ("Europe/Berlin", Day, "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"),
            ("America/New_York", Day, "2026-03-08T12:00:00Z", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"),
            // The hour from 2 to 3 happens twice.
            ("Europe/Berlin", Hour, "2026-10-25T00:30:00Z", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"),
            ("Europe/Berlin", Hour, "2026-10-25T01:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"),
            // Full hours are full hours of the zone.
            ("Asia/Kolkata", Hour, "2026-11-24T12:00:00Z", "2026-11-24T11:30:00Z", "2026-11-24T12:30:00Z"),
            // At 2:00 clocks go back to 1:30.
            (
                "Australia/Lord_Howe",
                Hour,
                "2026-04-04T14:59:00Z",
                "2026-04-04T14:00:00Z",
                "2026-04-04T15:00:00Z",
            ),
            (
                "Australia/Lord_Howe",
                Hour,
                "2026-04-04T15:00:00Z",
                "2026-04-04T15:00:00Z",
                "2026-04-04T15:30:00Z",
            ),
            // A minute after midnight clocks went back to the day before.
            (
                "America/Goose_Bay",
                Day,
                "2009-11-01T03:30:00Z",
                "2009-11-01T03:00:00Z",
                "2009-11-02T04:00:00Z",
            ),
            // 30 December 2011 was left out.
            ("Pacific/Apia", Day, "2011-12-30T09:59:00Z", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"),
            ("Pacific/Apia", Day, "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"),
            ("UTC", Month, "2024-02-29T23:59:59Z", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"),
            ("Europe/Berlin", Month, "2026-10-31T23:30:00Z", "2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z"),
        ] {
            assert_eq!(
                period.window(&zone(name), ms(at)),
                (ms(start), ms(end)),
                "{period:?} of {at} in {name}"
            );
        }
    }

    fn tiles(zone: &TimeZone, at_ms: i64) -> bool {
        PERIODS.into_iter().all(|period| {
            let (start, end) = period.window(zone, at_ms);
            let around = [start, end - 1].map(|inside| period.window(zone, inside));
            start <= at_ms && at_ms < end && around == [(start, end); 2] && period.window(zone, end).0 == end
        })
    }

    #[test]
    fn windows_tile_time_around_every_change_of_clocks() {
        for name in ZONES {
            let zone = zone(name);
            let changes: Vec<i64> = zone
                .following(Timestamp::UNIX_EPOCH)
                .map(|change| change.timestamp().as_millisecond())
                .take_while(|change| *change < ms("2040-01-01T00:00:00Z"))
                .collect();
            for change in changes {
                for minutes in [-1_500, -61, -30, -1, 0, 1, 29, 30, 59, 61, 90, 1_500] {
                    for at_ms in [change + minutes * 60_000 - 1, change + minutes * 60_000] {
                        assert!(tiles(&zone, at_ms), "{name} at {at_ms}");
                    }
                }
            }
        }
    }

    #[test]
    fn times_beyond_the_calendar_have_a_window() {
        for at_ms in [i64::MIN, i64::MAX, -377_705_023_201_000, 253_402_207_200_000, 253_402_300_799_999] {
            for period in PERIODS {
                let (start, end) = period.window(&zone("Europe/Berlin"), at_ms);
                assert!(start <= at_ms && at_ms <= end, "{period:?} of {at_ms}");
            }
        }
    }

    proptest! {
        #[test]
        fn windows_tile_time(at_ms in 0..4_000_000_000_000i64, zone_index in 0..ZONES.len()) {
            prop_assert!(tiles(&zone(ZONES[zone_index]), at_ms), "{} at {}", ZONES[zone_index], at_ms);
        }
    }
}
