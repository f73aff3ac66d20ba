//! The words of typed times, in English and in Korean. Whichever language somebody reads, they may type either.

use super::date::{DayOfYear, MONTHS, Weekday};
use super::edge::{date_of, number};
use super::nonsense::Senseless;
use super::stretch::Day;

/// What is called otherwise than by its word in an address. Korean is written with spaces and without, here without.
const QUICK: [(&str, &str); 10] = [
    ("now", "15m"),
    ("지금", "15m"),
    ("오늘", "today"),
    ("어제", "yesterday"),
    ("이번주", "this_week"),
    ("지난주", "last_week"),
    ("저번주", "last_week"),
    ("이번달", "this_month"),
    ("지난달", "last_month"),
    ("저번달", "last_month"),
];
/// What may stand before a length, and after it.
const BEFORE: [&str; 6] = ["now-", "last ", "past ", "지금-", "최근", "지난"];
/// What stands before a unit that is meant once: `last hour`.
const BEFORE_ONE: [&str; 2] = ["last ", "past "];
const AFTER: [&str; 3] = [" ago", "전", "동안"];
/// The names of units, and how many minutes each is.
const UNITS: [(&[&str], u32); 4] = [
    (&["m", "min", "mins", "minute", "minutes", "분", "분간"], 1),
    (&["h", "hr", "hrs", "hour", "hours", "시간"], 60),
    (&["d", "day", "days", "일", "일간"], 1_440),
    (&["w", "week", "weeks", "주", "주간", "주일"], 10_080),
];
const WEEKDAYS: [(&str, &str); 7] = [
    ("monday", "월요일"),
    ("tuesday", "화요일"),
    ("wednesday", "수요일"),
    ("thursday", "목요일"),
    ("friday", "금요일"),
    ("saturday", "토요일"),
    ("sunday", "일요일"),
];

/// The word of what is called so.
pub(super) fn quick(text: &str) -> String {
    let close = text.replace(' ', "");
    let named = QUICK.iter().find(|(name, _)| *name == close);
    named.map_or_else(|| text.replace(' ', "_"), |(_, word)| (*word).to_owned())
}

/// Reads `6h`, `now-6h`, `last 3 days`, `last hour`, `3시간 전`: more than the longest stretch, if it is.
pub(super) fn minutes(text: &str) -> Option<u32> {
    let is_one = BEFORE_ONE.iter().any(|start| text.starts_with(start));
    let text = BEFORE.iter().find_map(|start| text.strip_prefix(start)).unwrap_or(text);
    let text = AFTER.iter().find_map(|end| text.strip_suffix(end)).unwrap_or(text).trim();
    let (digits, unit) = text.split_at(text.find(|char: char| !char.is_ascii_digit())?);
    let (_, minutes) = UNITS.iter().find(|(names, _)| names.contains(&unit.trim_start()))?;
    let number: u32 = match digits {
        "" if is_one => 1,
        "" => return None,
        digits => digits.parse().unwrap_or(u32::MAX),
    };
    Some(number.saturating_mul(*minutes)).filter(|minutes| *minutes > 0)
}

/// The day of the week with a name.
pub(super) fn weekday(name: &str) -> Option<Weekday> {
    let is_named = |(english, korean): &(&str, &str)| begins(english, name) || *korean == name;
    let named = Weekday::ALL.iter().zip(WEEKDAYS).find(|(_, names)| is_named(names));
    named.map(|(weekday, _)| *weekday)
}

/// Reads `22 nov` or `nov 22`, and what is like it: `22nd november`, `22. nov`.
pub(super) fn day_of_year(one: &str, other: &str) -> Option<DayOfYear> {
    let month = |name: &str| (1..).zip(MONTHS).find(|(_, whole)| begins(whole, name)).map(|(month, _)| month);
    let (month, day) = match (month(one), month(other)) {
        (Some(month), None) => (month, other),
        (None, Some(month)) => (month, one),
        _ => return None,
    };
    let number =
        number([".", "st", "nd", "rd", "th"].iter().find_map(|end| day.strip_suffix(end)).unwrap_or(day), 2)?;
    DayOfYear::new(month, i8::try_from(number).ok()?)
}

/// Reads `11월 22일` and `2026년 11월 29일`, with spaces and without; nothing where it is no such date.
pub(super) fn korean_date(text: &str) -> Option<Result<Day, Senseless>> {
    let close = text.replace(' ', "");
    let (year, rest) =
        close.split_once('년').map_or((None, close.as_str()), |(year, rest)| (Some(year), rest));
    let (month, day) = rest.strip_suffix('일')?.split_once('월')?;
    let (month, day) = (number(month, 2)?, number(day, 2)?);
    match year {
        Some(year) => Some(date_of(number(year, 4)?, month, day).map(Day::Date)),
        None => {
            DayOfYear::new(i8::try_from(month).ok()?, i8::try_from(day).ok()?).map(|day| Ok(Day::OfYear(day)))
        }
    }
}

/// Whether a name is a whole one cut to three letters or more.
fn begins(whole: &str, name: &str) -> bool {
    name.len() >= 3 && whole.starts_with(name)
}

#[cfg(test)]
mod tests {
    use super::super::date::{Date, TimeOfDay};
    use super::super::stretch::{Hours, Stretch};
    use super::*;
    use crate::Range;

    #[test]
    fn korean_is_read_as_english_is() {
        for (korean, english) in [
            ("지금", "now"),
            ("오늘", "today"),
            ("어제", "yesterday"),
            ("이번 주", "this week"),
            ("이번주", "this week"),
            ("지난주", "last week"),
            ("지난 주", "last week"),
            ("이번 달", "this month"),
            ("지난달", "last month"),
            ("30분", "30m"),
            ("90분 전", "90 minutes ago"),
            ("6시간", "6h"),
            ("3시간전", "3 hours ago"),
            ("지금 - 6시간", "now-6h"),
            ("최근 3일", "last 3 days"),
            ("지난 2주", "past 2w"),
            ("2주 동안", "2w"),
            ("7일간", "7d"),
            ("월요일", "monday"),
            ("지난 화요일", "last tue"),
            ("지난 화요일 14:02", "last tue 14:02"),
            ("어제 14:00-15:30", "yesterday 14:00-15:30"),
            ("오늘 09:05", "today 9:05"),
            ("11월 22일", "22 nov"),
            ("11월22일", "22 nov"),
            ("11월 2일 14:02", "2 nov 14:02"),
            ("2026년 11월 29일", "2026-11-29"),
            ("2026년 11월 29일 14:02", "2026-11-29 14:02"),
        ] {
            let read = Stretch::typed(korean);
            assert!(read.is_ok(), "{korean}: {read:?}");
            assert_eq!(read, Stretch::typed(english), "{korean}");
        }
        let date = Day::Date(Date::new(2026, 11, 29).unwrap());
        let around = Hours::Around(TimeOfDay::new(14, 2).unwrap());
        assert_eq!(Stretch::typed("2026년 11월 29일 14:02"), Ok(Stretch::Hours(Some(date), around)));
        assert_eq!(Stretch::typed("지금"), Ok(Stretch::Last(Range::QuarterHour)));
    }

    #[test]
    fn korean_that_is_no_time_is_refused_calmly() {
        for (text, reason) in [
            ("나중에", Senseless::Unreadable),
            ("시간", Senseless::Unreadable),
            ("0분", Senseless::Unreadable),
            ("월", Senseless::Unreadable),
            ("13월 1일", Senseless::Unreadable),
            ("11월 31일", Senseless::Unreadable),
            ("11월", Senseless::Unreadable),
            ("2026년", Senseless::Unreadable),
            ("2026년 2월 29일", Senseless::Unreadable),
            ("9999년 11월 29일", Senseless::Unreachable),
            ("99999주 전", Senseless::TooLong),
        ] {
            assert_eq!(Stretch::typed(text), Err(reason), "{text}");
        }
    }
}
