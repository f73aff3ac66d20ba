//! Reads what people type for a stretch of time: `6h`, `14:02`, `yesterday 14:00-15:30`, `last tue`, `22 nov`.

use super::date::TimeOfDay;
use super::edge::{date, date_of, number, time_of_day};
use super::nonsense::Senseless;
use super::spoken::{self, day_of_year, korean_date, minutes, weekday};
use super::stretch::{Day, Edge, Hours, LONGEST_MINUTES, Stretch};

/// Seconds before and after the start of a minute that is shown with some around it.
const AROUND_S: (i64, i64) = (7 * 60, 8 * 60);

impl Stretch {
    /// Reads what somebody has typed. A moment that is pasted is shown with some minutes around it.
    pub fn typed(text: &str) -> Result<Self, Senseless> {
        let text = text.to_lowercase().replace(['\u{2013}', '\u{2014}'], "-").replace([',', '_'], " ");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ").replace(" - ", "-");
        if let Some(quick) = Stretch::of_word(&spoken::quick(&text)) {
            return Ok(quick);
        }
        match Edge::read(&text) {
            Ok(Edge::Instant(at_s)) => {
                let minute_s = at_s.div_euclid(60) * 60;
                let edge = |at_s| Edge::Instant(at_s);
                return Ok(Stretch::Between(edge(minute_s - AROUND_S.0), Some(edge(minute_s + AROUND_S.1))));
            }
            Ok(Edge::Local(date, time)) => {
                return Ok(Stretch::Hours(Some(Day::Date(date)), Hours::Around(time)));
            }
            Ok(Edge::Date(date)) => return Ok(Stretch::Day(Day::Date(date))),
            Err(Senseless::Unreachable) => return Err(Senseless::Unreachable),
            Err(_) => {}
        }
        let (before, last) = text.rsplit_once(' ').unwrap_or(("", &text));
        if last.contains(':') {
            let day = if before.is_empty() { None } else { Some(day(before)?) };
            return Ok(Stretch::Hours(day, hours(last).ok_or(Senseless::Unreadable)?));
        }
        match minutes(&text) {
            Some(minutes) if minutes > LONGEST_MINUTES => Err(Senseless::TooLong),
            Some(minutes) => Ok(Stretch::past(minutes)),
            None => Ok(Stretch::Day(day(&text)?)),
        }
    }
}

/// Reads `14:02` or `14:00-15:30`.
fn hours(text: &str) -> Option<Hours> {
    let time = |text| Some(time_of_day(text)?.0);
    let Some((from, to)) = text.split_once('-') else { return Some(Hours::Around(time(text)?)) };
    let (from, to) = (time(from)?, time(to)?);
    let is_over = TimeOfDay::new(24, 0) == Some(from);
    (!is_over).then_some(if from == to { Hours::Around(from) } else { Hours::Between(from, to) })
}

/// Reads a day, as people call it.
fn day(text: &str) -> Result<Day, Senseless> {
    if let Some(date) = korean_date(text) {
        return date;
    }
    let parts: Vec<&str> = text.split(' ').collect();
    let named = match parts[..] {
        ["today" | "오늘"] => Some(Day::Today),
        ["yesterday" | "어제"] => Some(Day::Yesterday),
        ["last" | "지난", name] => weekday(name).map(Day::LastWeekday),
        [name] => weekday(name).map(Day::Weekday),
        [one, other] => day_of_year(one, other).map(Day::OfYear),
        [one, other, year] => match (day_of_year(one, other), number(year, 4)) {
            (Some(of), Some(year)) => {
                return Ok(Day::Date(date_of(year, of.month().into(), of.day().into())?));
            }
            _ => None,
        },
        _ => None,
    };
    match named {
        Some(day) => Ok(day),
        None => Ok(Day::Date(date(text)?)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::date::{Date, DayOfYear, Weekday};
    use super::*;
    use crate::Range;

    #[test]
    fn what_people_type_is_read() {
        let time = |hour, minute| TimeOfDay::new(hour, minute).unwrap();
        let around = |day, hour, minute| Stretch::Hours(day, Hours::Around(time(hour, minute)));
        let date = Date::new(2026, 11, 29).unwrap();
        let of_year = Day::OfYear(DayOfYear::new(11, 22).unwrap());
        let between = Hours::Between(time(14, 0), time(15, 30));
        let instants = Stretch::Between(Edge::Instant(1_795_953_180), Some(Edge::Instant(1_795_954_080)));
        for (text, expected) in [
            ("6h", Stretch::Last(Range::SixHours)),
            ("now-6h", Stretch::Last(Range::SixHours)),
            ("360 minutes", Stretch::Last(Range::SixHours)),
            ("last 24h", Stretch::Last(Range::Day)),
            ("Last hour", Stretch::Last(Range::Hour)),
            ("last day", Stretch::Last(Range::Day)),
            ("past minute", Stretch::Past(1)),
            ("90m", Stretch::Past(90)),
            ("last 2 days", Stretch::Past(2_880)),
            ("2W", Stretch::Past(20_160)),
            ("14:02", around(None, 14, 2)),
            ("9:05:33", around(None, 9, 5)),
            ("14:00-15:30", Stretch::Hours(None, between)),
            ("yesterday, 14:00 \u{2013} 15:30", Stretch::Hours(Some(Day::Yesterday), between)),
            ("22:00-02:00", Stretch::Hours(None, Hours::Between(time(22, 0), time(2, 0)))),
            ("14:00-14:00", around(None, 14, 0)),
            ("yesterday 14:02", around(Some(Day::Yesterday), 14, 2)),
            ("last tue 14:02", around(Some(Day::LastWeekday(Weekday::Tuesday)), 14, 2)),
            ("nov 22 14:02", around(Some(of_year), 14, 2)),
            ("2026-11-29 14:02", around(Some(Day::Date(date)), 14, 2)),
            ("2026-11-29T14:02", around(Some(Day::Date(date)), 14, 2)),
            ("2026-11-29 14:00-15:30", Stretch::Hours(Some(Day::Date(date)), between)),
            ("2026-11-29T12:00:59Z", instants),
            ("Last Tue", Stretch::Day(Day::LastWeekday(Weekday::Tuesday))),
            ("tuesday", Stretch::Day(Day::Weekday(Weekday::Tuesday))),
            ("thurs", Stretch::Day(Day::Weekday(Weekday::Thursday))),
            ("2026-11-29", Stretch::Day(Day::Date(date))),
            ("29 nov 2026", Stretch::Day(Day::Date(date))),
            ("22 nov", Stretch::Day(of_year)),
            ("nov 22", Stretch::Day(of_year)),
            ("22. November", Stretch::Day(of_year)),
            ("nov 22nd", Stretch::Day(of_year)),
            ("today", Stretch::Day(Day::Today)),
            ("last week", Stretch::of_word("last_week").unwrap()),
            ("this_month", Stretch::of_word("this_month").unwrap()),
        ] {
            assert_eq!(Stretch::typed(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused_calmly() {
        for (text, reason) in [
            ("", Senseless::Unreadable),
            ("soon", Senseless::Unreadable),
            ("h", Senseless::Unreadable),
            ("hour", Senseless::Unreadable),
            ("now-h", Senseless::Unreadable),
            ("last", Senseless::Unreadable),
            ("0h", Senseless::Unreadable),
            ("6y", Senseless::Unreadable),
            ("99999999999999999999w", Senseless::TooLong),
            ("6y 14:02", Senseless::Unreadable),
            ("25:00", Senseless::Unreadable),
            ("14:00-", Senseless::Unreadable),
            ("24:00-02:00", Senseless::Unreadable),
            ("31 feb", Senseless::Unreadable),
            ("29 feb 2026", Senseless::Unreadable),
            ("nov nov", Senseless::Unreadable),
            ("22 nov 9999", Senseless::Unreachable),
            ("9999-12-31", Senseless::Unreachable),
            ("0000-01-01", Senseless::Unreachable),
            ("300w", Senseless::TooLong),
        ] {
            assert_eq!(Stretch::typed(text), Err(reason), "{text}");
        }
    }
}
