//! The stretch of time a page shows, as it is asked for: in no zone, and at no time. When that is, the server says.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::date::{Date, DayOfYear, TimeOfDay, Weekday};
use crate::Range;
use crate::words::words;

/// The longest stretch, in minutes: five years.
pub const LONGEST_MINUTES: u32 = 5 * 366 * 1_440;

words! {
    /// A stretch of the calendar that is not a day. Weeks begin on Monday.
    Calendar {
        ThisWeek = "this_week",
        LastWeek = "last_week",
        ThisMonth = "this_month",
        LastMonth = "last_month",
    }
}

/// A day, as people call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Day {
    Today,
    Yesterday,
    /// The latest of its name, which may be today.
    Weekday(Weekday),
    /// The latest of its name before today.
    LastWeekday(Weekday),
    /// The latest of the years, up to today.
    OfYear(DayOfYear),
    Date(Date),
}

/// A part of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hours {
    /// A minute, with some around it.
    Around(TimeOfDay),
    /// From one time to another, of the next day if that is earlier.
    Between(TimeOfDay, TimeOfDay),
}

/// Where a stretch begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Edge {
    /// A moment, in Unix seconds.
    Instant(i64),
    /// A time on the reader's clock.
    Local(Date, TimeOfDay),
    /// The start of a day; as the end of a stretch, the end of that day.
    Date(Date),
}

/// The stretch of time a page shows. Between programs it travels as the pairs of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<(String, String)>", into = "Vec<(String, String)>")]
pub enum Stretch {
    /// So long until now.
    Last(Range),
    /// So many minutes until now. Made by [`Stretch::past`], which calls what is a [`Range`] by its name.
    Past(u32),
    Day(Day),
    Calendar(Calendar),
    /// A part of a day; of the latest that has come to it, if it says no day.
    Hours(Option<Day>, Hours),
    /// From one edge to another, or to now.
    Between(Edge, Option<Edge>),
}

impl Default for Stretch {
    fn default() -> Self {
        Stretch::Last(Range::Hour)
    }
}

impl Stretch {
    /// What is offered to choose from, in order of length.
    pub const QUICK: &'static [Stretch] = &[
        Stretch::Last(Range::QuarterHour),
        Stretch::Last(Range::Hour),
        Stretch::Last(Range::SixHours),
        Stretch::Last(Range::Day),
        Stretch::Day(Day::Today),
        Stretch::Day(Day::Yesterday),
        Stretch::Last(Range::Week),
        Stretch::Calendar(Calendar::ThisWeek),
        Stretch::Calendar(Calendar::LastWeek),
        Stretch::Last(Range::Month),
        Stretch::Calendar(Calendar::ThisMonth),
        Stretch::Calendar(Calendar::LastMonth),
    ];

    /// So many minutes until now, at least one and at most [`LONGEST_MINUTES`].
    pub fn past(minutes: u32) -> Self {
        let minutes = minutes.clamp(1, LONGEST_MINUTES);
        let quick = Range::ALL.iter().find(|range| range.length_s() == i64::from(minutes) * 60);
        quick.map_or(Stretch::Past(minutes), |range| Stretch::Last(*range))
    }

    /// Its word, if it is one of [`Stretch::QUICK`].
    pub fn word(self) -> Option<&'static str> {
        match self {
            Stretch::Last(range) => Some(range.word()),
            Stretch::Calendar(calendar) => Some(calendar.word()),
            Stretch::Day(Day::Today) => Some("today"),
            Stretch::Day(Day::Yesterday) => Some("yesterday"),
            _ => None,
        }
    }

    /// The one of [`Stretch::QUICK`] with this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Stretch::QUICK.iter().find(|stretch| stretch.word() == Some(word)).copied()
    }
}

/// As it is typed.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Day::Today => f.write_str("today"),
            Day::Yesterday => f.write_str("yesterday"),
            Day::Weekday(weekday) => weekday.fmt(f),
            Day::LastWeekday(weekday) => write!(f, "last {weekday}"),
            Day::OfYear(day) => day.fmt(f),
            Day::Date(date) => date.fmt(f),
        }
    }
}

/// As it is typed.
impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Hours::Around(time) => time.fmt(f),
            Hours::Between(from, to) => write!(f, "{from}-{to}"),
        }
    }
}

/// As an address has it.
impl fmt::Display for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Edge::Instant(at_s) => at_s.fmt(f),
            Edge::Local(date, time) => write!(f, "{date}T{time}"),
            Edge::Date(date) => date.fmt(f),
        }
    }
}
