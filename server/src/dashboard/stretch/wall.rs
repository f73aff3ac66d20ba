//! The clock and the calendar on somebody's wall.

use domain::time::timestamp;
use jiff::ToSpan;
use jiff::civil;
use jiff::tz::TimeZone;
use vocabulary::view::{Date, Day, Edge, INSTANTS_S, TimeOfDay, Weekday};

use super::bins::{DAY_MS, MINUTE_MS};

/// A 29th of February comes within so many years.
const LEAP_YEARS: i16 = 8;

/// Now, in a zone.
#[derive(Debug, Clone)]
pub(super) struct Wall {
    pub now_ms: i64,
    zone: TimeZone,
}

impl Wall {
    pub fn new(now_ms: i64, zone: TimeZone) -> Self {
        // A clock that shows other years is wrong.
        Wall { now_ms: now_ms.clamp(INSTANTS_S.start * 1_000, INSTANTS_S.end * 1_000), zone }
    }

    /// The date it is.
    pub fn today(&self) -> civil::Date {
        self.zone.to_datetime(timestamp(self.now_ms)).date()
    }

    /// The date that was so many days ago.
    pub fn days_ago(&self, days: i64) -> civil::Date {
        self.today().saturating_sub(days.days())
    }

    /// The date of a day, if there has been one.
    pub fn date(&self, day: Day) -> Option<civil::Date> {
        let today = self.today();
        let since = |weekday: Weekday| i64::from(today.weekday().to_monday_zero_offset()) - weekday as i64;
        match day {
            Day::Today => Some(today),
            Day::Yesterday => Some(self.days_ago(1)),
            Day::Weekday(weekday) => Some(self.days_ago(since(weekday).rem_euclid(7))),
            Day::LastWeekday(weekday) => Some(self.days_ago((since(weekday) - 1).rem_euclid(7) + 1)),
            Day::OfYear(of) => {
                let years = (0..=LEAP_YEARS).map(|back| today.year() - back);
                let dates = years.filter_map(|year| civil::Date::new(year, of.month(), of.day()).ok());
                dates.into_iter().find(|date| *date <= today)
            }
            Day::Date(date) => civil_of(date),
        }
    }

    /// When a day begins. Where the zone has no midnight that day, with its first moment.
    pub fn midnight_ms(&self, date: civil::Date) -> i64 {
        self.instant_ms(date.at(0, 0, 0, 0))
    }

    /// When a clock shows a time of a day. What it shows twice is the first; what it leaves out is as much later.
    pub fn at_ms(&self, date: civil::Date, time: TimeOfDay) -> i64 {
        self.clock_ms(date, i64::from(time.minutes()) * MINUTE_MS)
    }

    /// The same for so many milliseconds of the clock after midnight.
    pub fn clock_ms(&self, date: civil::Date, after_ms: i64) -> i64 {
        self.instant_ms(date.at(0, 0, 0, 0).saturating_add(after_ms.milliseconds()))
    }

    fn instant_ms(&self, at: civil::DateTime) -> i64 {
        // What lies at the edge of what can be written is as in UTC.
        let instant =
            at.to_zoned_datetime(self.zone.clone()).or_else(|_| at.to_zoned_datetime(TimeZone::UTC));
        instant.map_or(self.now_ms, |instant| instant.timestamp().as_millisecond())
    }

    /// The same time of day so many days before.
    pub fn before_ms(&self, at_ms: i64, days: i64) -> i64 {
        let at = timestamp(at_ms).to_zoned_datetime(self.zone.clone());
        let before = at.checked_sub(days.days());
        before.map_or(at_ms - days * DAY_MS, |before| before.timestamp().as_millisecond())
    }

    /// When an edge begins.
    pub fn start_ms(&self, edge: Edge) -> i64 {
        match edge {
            Edge::Instant(at_s) => at_s.saturating_mul(1_000),
            Edge::Local(date, time) => civil_of(date).map_or(self.now_ms, |date| self.at_ms(date, time)),
            Edge::Date(date) => civil_of(date).map_or(self.now_ms, |date| self.midnight_ms(date)),
        }
    }

    /// When a stretch ends that has this edge as its end.
    pub fn end_ms(&self, edge: Edge) -> i64 {
        match edge {
            Edge::Date(date) => {
                let next = civil_of(date).and_then(|date| date.tomorrow().ok());
                next.map_or(self.now_ms, |next| self.midnight_ms(next))
            }
            edge => self.start_ms(edge),
        }
    }
}

/// The date, as jiff has it.
pub(super) fn civil_of(date: Date) -> Option<civil::Date> {
    civil::Date::new(date.year(), date.month(), date.day()).ok()
}
