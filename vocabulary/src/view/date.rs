//! Dates and times of day, as a calendar on the wall has them: in no zone.

use std::fmt;
use std::ops::RangeInclusive;

use crate::words::words;

words! {
    /// A day of the week.
    Weekday {
        Monday = "mon",
        Tuesday = "tue",
        Wednesday = "wed",
        Thursday = "thu",
        Friday = "fri",
        Saturday = "sat",
        Sunday = "sun",
    }
}

/// The years that can be asked about: further off lies a mistake.
pub const YEARS: RangeInclusive<i16> = 2000..=2099;
const MINUTES_A_DAY: u16 = 1_440;

/// A date of [`YEARS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date {
    year: i16,
    month: i8,
    day: i8,
}

impl Date {
    /// The date, if there is one such and it can be asked about.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        let is_one =
            YEARS.contains(&year) && (1..=12).contains(&month) && (1..=days(year, month)).contains(&day);
        is_one.then_some(Date { year, month, day })
    }

    /// The year.
    pub fn year(self) -> i16 {
        self.year
    }

    /// The month, from 1.
    pub fn month(self) -> i8 {
        self.month
    }

    /// The day of the month, from 1.
    pub fn day(self) -> i8 {
        self.day
    }

    /// Days since 1970-01-01.
    pub fn unix_days(self) -> i64 {
        let years =
            (1970..i64::from(self.year)).map(|year| if is_leap(year) { 366 } else { 365 }).sum::<i64>();
        let months = (1..self.month).map(|month| i64::from(days(self.year, month))).sum::<i64>();
        years + months + i64::from(self.day) - 1
    }
}

/// As ISO 8601.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// How many days a month has.
fn days(year: i16, month: i8) -> i8 {
    match month {
        2 if is_leap(i64::from(year)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The names of months, as they are typed; three letters are enough.
pub(super) const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// A day of the year, whichever year: a month from 1 and a day that it has, if only in leap years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DayOfYear {
    month: i8,
    day: i8,
}

impl DayOfYear {
    /// The day, if there is one such.
    pub fn new(month: i8, day: i8) -> Option<Self> {
        let Date { month, day, .. } = Date::new(2000, month, day)?;
        Some(DayOfYear { month, day })
    }

    /// The month, from 1.
    pub fn month(self) -> i8 {
        self.month
    }

    /// The day of the month, from 1.
    pub fn day(self) -> i8 {
        self.day
    }
}

/// As `22 nov`.
impl fmt::Display for DayOfYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let month = (1..).zip(MONTHS).find(|(month, _)| *month == self.month);
        write!(f, "{} {}", self.day, month.map_or("", |(_, name)| &name[..3]))
    }
}

/// A time of day, to the minute. 24:00 is the end of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// The time, if a day has it.
    pub fn new(hour: u16, minute: u16) -> Option<Self> {
        let minutes = hour.checked_mul(60)?.checked_add(minute)?;
        (minute < 60 && minutes <= MINUTES_A_DAY).then_some(TimeOfDay(minutes))
    }

    /// Minutes since midnight.
    pub fn minutes(self) -> u16 {
        self.0
    }
}

/// As `14:02`.
impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_of_the_calendar() {
        for (year, month, day, is_one) in [
            (2026, 2, 28, true),
            (2026, 2, 29, false),
            (2028, 2, 29, true),
            (2026, 0, 1, false),
            (2026, 13, 1, false),
            (2026, 4, 31, false),
            (1999, 12, 31, false),
            (9999, 12, 31, false),
            (0, 1, 1, false),
        ] {
            assert_eq!(Date::new(year, month, day).is_some(), is_one, "{year} {month} {day}");
        }
        let of = |year, month, day| Date::new(year, month, day).map(Date::unix_days);
        assert_eq!(of(2000, 1, 1), Some(10_957));
        assert_eq!(of(2026, 11, 30), Some(20_787));
        assert_eq!(of(2028, 3, 1), Some(21_244));
    }
}
