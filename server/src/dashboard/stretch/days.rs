//! Whole days of the calendar, and the days beside them.

use jiff::ToSpan;
use jiff::civil;
use vocabulary::view::{Calendar, Date, Day, Edge, Stretch};

use super::wall::{Wall, civil_of};

/// From one day to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Days {
    first: civil::Date,
    last: civil::Date,
}

impl Days {
    /// The days of a stretch, if it is whole days and there have been such.
    pub fn of(stretch: Stretch, wall: &Wall) -> Option<Self> {
        match stretch {
            Stretch::Day(day) => wall.date(day).map(|date| Days { first: date, last: date }),
            Stretch::Calendar(calendar) => Days::of_calendar(calendar, wall.today()),
            Stretch::Between(Edge::Date(from), None) => {
                let first = civil_of(from)?;
                Some(Days { first, last: wall.today().max(first) })
            }
            Stretch::Between(Edge::Date(from), Some(Edge::Date(to))) => {
                let (first, last) = (civil_of(from.min(to))?, civil_of(from.max(to))?);
                Some(Days { first, last })
            }
            _ => None,
        }
    }

    fn of_calendar(calendar: Calendar, today: civil::Date) -> Option<Self> {
        let monday = today.saturating_sub(i64::from(today.weekday().to_monday_zero_offset()).days());
        let week = Days { first: monday, last: monday.saturating_add(6.days()) };
        let month = Days { first: today.first_of_month(), last: today.last_of_month() };
        match calendar {
            Calendar::ThisWeek => Some(week),
            Calendar::LastWeek => week.moved(-1),
            Calendar::ThisMonth => Some(month),
            Calendar::LastMonth => month.moved(-1),
        }
    }

    /// When they begin and end.
    pub fn bounds(self, wall: &Wall) -> (i64, i64) {
        let next = self.last.tomorrow().unwrap_or(self.last);
        (wall.midnight_ms(self.first), wall.midnight_ms(next))
    }

    /// Each of them.
    pub fn dates(self) -> impl Iterator<Item = civil::Date> {
        self.first.series(1.day()).take_while(move |date| *date <= self.last)
    }

    /// How many days after the first of others its first one is.
    pub fn after(self, others: Days) -> i64 {
        others.first.duration_until(self.first).as_hours() / 24
    }

    /// As many days, or whole months, so many times later.
    pub fn moved(self, times: i64) -> Option<Self> {
        let Some(months) = self.months() else { return self.days_before(-times * self.count()) };
        let first = self.first.checked_add((times * months).months()).ok()?;
        let last = first.checked_add((months - 1).months()).ok()?.last_of_month();
        Some(Days { first, last })
    }

    /// As many days, so many days before.
    pub fn days_before(self, days: i64) -> Option<Self> {
        let before = |date: civil::Date| date.checked_sub(days.days()).ok();
        Some(Days { first: before(self.first)?, last: before(self.last)? })
    }

    /// These days and as many before them.
    pub fn with_those_before(self) -> Option<Self> {
        Some(Days { first: self.moved(-1)?.first, ..self })
    }

    /// What they are called today.
    pub fn named(self, wall: &Wall) -> Option<Stretch> {
        let is_named = |stretch: &&Stretch| Days::of(**stretch, wall) == Some(self);
        if let Some(stretch) = Stretch::QUICK.iter().find(is_named) {
            return Some(*stretch);
        }
        let date = |date: civil::Date| Date::new(date.year(), date.month(), date.day());
        let (first, last) = (date(self.first)?, date(self.last)?);
        if first == last {
            return Some(Stretch::Day(Day::Date(first)));
        }
        Some(Stretch::Between(Edge::Date(first), Some(Edge::Date(last))))
    }

    /// How many days they are.
    fn count(self) -> i64 {
        self.first.duration_until(self.last).as_hours() / 24 + 1
    }

    /// How many months they are, if they are whole ones.
    fn months(self) -> Option<i64> {
        let Days { first, last } = self;
        let is_whole = first == first.first_of_month() && last == last.last_of_month();
        let months = |date: civil::Date| i64::from(date.year()) * 12 + i64::from(date.month());
        is_whole.then(|| months(last) - months(first) + 1)
    }
}
