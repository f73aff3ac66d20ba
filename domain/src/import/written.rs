//! Dates and times in figures: `2026-11-20 10:00:00+00:00`, `20.11.2026 10:00`, `11/20/2026 10:00 AM`.

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::rfc2822;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// Digits of a date without separators: `20261120`.
const BASIC_DATE: usize = 8;

/// A time that was read, Unix milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Read {
    /// With the day before the month, where the text does not say; nothing if there is no such date.
    pub day_first_ms: Option<i64>,
    /// With the month before the day.
    pub month_first_ms: Option<i64>,
    /// It names an offset or a zone.
    pub zone: bool,
    /// It names a time of the day.
    pub clock: bool,
}

/// Where a time is.
enum Zone {
    Offset(Offset),
    Named(TimeZone),
}

/// The time in a text that can be read one way alone, Unix milliseconds; without a zone, in UTC.
pub(super) fn time_of(text: &str) -> Option<i64> {
    read(text).filter(|read| read.day_first_ms == read.month_first_ms)?.day_first_ms
}

/// Reads a date that stands before a time, if there is one. Years have four digits; zones are offsets, UTC, GMT or
/// names such as `Europe/Berlin`: abbreviations mean different zones in different places.
pub(super) fn read(text: &str) -> Option<Read> {
    // As mail and HTTP write it; but there, zones with names are taken for UTC when they are unknown.
    let mail = text.ends_with(" GMT") || text.ends_with(|char: char| char.is_ascii_digit());
    let at = text.parse::<Timestamp>().ok();
    if let Some(at) = at.or_else(|| rfc2822::parse(text).ok().filter(|_| mail).map(|at| at.timestamp())) {
        let at_ms = Some(at.as_millisecond());
        return Some(Read { day_first_ms: at_ms, month_first_ms: at_ms, zone: true, clock: true });
    }
    let end = text.find(['T', 't', ' ', ',']).unwrap_or(text.len());
    let (day_first, month_first) = dates(&text[..end])?;
    let rest = text[end..].trim_start_matches(['T', 't', ',']).trim_start();
    let is_basic = text[..end].len() == BASIC_DATE;
    let (time, zone) =
        if rest.is_empty() { (Time::midnight(), None) } else { time_and_zone(rest, is_basic)? };
    let at_ms = |date: Option<Date>| at_ms(date?.to_datetime(time), zone.as_ref());
    let (day_first_ms, month_first_ms) = (at_ms(day_first), at_ms(month_first));
    day_first_ms.or(month_first_ms)?;
    Some(Read { day_first_ms, month_first_ms, zone: zone.is_some(), clock: !rest.is_empty() })
}

/// The time that digits alone spell, from the year to the day, the minute, the second or the millisecond.
pub(super) fn stamp(digits: &str) -> Option<i64> {
    let part = |from: usize, to: usize| -> Option<i8> { digits.get(from..to)?.parse().ok() };
    let year: i16 = digits.get(..4)?.parse().ok()?;
    let (month, day) = (part(4, 6)?, part(6, 8)?);
    let (hour, minute) = if digits.len() > 8 { (part(8, 10)?, part(10, 12)?) } else { (0, 0) };
    let second = if digits.len() > 12 { part(12, 14)? } else { 0 };
    let nanos = match digits.len() {
        8 | 12 | 14 => 0,
        17 => digits[14..].parse::<i32>().ok()? * 1_000_000,
        _ => return None,
    };
    at_ms(DateTime::new(year, month, day, hour, minute, second, nanos).ok()?, None)
}

/// The date with the day first and the one with the month first: the same where the year comes first.
fn dates(text: &str) -> Option<(Option<Date>, Option<Date>)> {
    if text.len() == BASIC_DATE && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let part = |from: usize, to: usize| text[from..to].parse().ok();
        let date = Date::new(text[..4].parse().ok()?, part(4, 6)?, part(6, 8)?).ok();
        return Some((date, date));
    }
    let separator = text.chars().find(|char| matches!(char, '-' | '/' | '.'))?;
    let parts: Vec<_> = text.split(separator).collect();
    let [first, second, third] = parts[..] else { return None };
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !parts.iter().all(|part| all_digits(part)) {
        return None;
    }
    let date = |year: &str, month: &str, day: &str| {
        let small = |text: &str| if text.len() <= 2 { text.parse().ok() } else { None };
        Date::new(year.parse().ok()?, small(month)?, small(day)?).ok()
    };
    match (first.len(), third.len()) {
        (4, _) => Some((date(first, second, third), date(first, second, third))),
        (_, 4) => Some((date(third, second, first), date(third, first, second))),
        _ => None,
    }
}

/// A time of the day, and where that is. Behind a date without separators it has none either: `100000`.
fn time_and_zone(text: &str, is_basic: bool) -> Option<(Time, Option<Zone>)> {
    let end = text
        .find(|char: char| !char.is_ascii_digit() && !matches!(char, ':' | '.' | ','))
        .unwrap_or(text.len());
    let (clock, rest) = text.split_at(end);
    let (half, rest) = half_of_day(rest.trim_start());
    let (clock, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, "0"));
    let pieces: Vec<&str> = match clock.len() {
        4 | 6 if is_basic && !clock.contains(':') => {
            (0..clock.len()).step_by(2).map(|at| &clock[at..at + 2]).collect()
        }
        _ => clock.split(':').collect(),
    };
    let mut parts =
        pieces.into_iter().map(|part| if part.len() <= 2 { part.parse::<i8>().ok() } else { None });
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    if parts.next().is_some() {
        return None;
    }
    let hour = match half {
        None => hour,
        Some(add) => {
            if (1..=12).contains(&hour) {
                hour % 12 + add
            } else {
                return None;
            }
        }
    };
    let nanos: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    Some((Time::new(hour, minute, second, nanos.parse().ok()?).ok()?, zone(rest.trim())?))
}

/// The hours that `AM` or `PM` add, and what stands behind.
fn half_of_day(text: &str) -> (Option<i8>, &str) {
    for (word, hours) in [("am", 0), ("pm", 12)] {
        if text.get(..2).is_some_and(|start| start.eq_ignore_ascii_case(word)) {
            return (Some(hours), &text[2..]);
        }
    }
    (None, text)
}

/// The zone of a time; nothing within when it names none, nothing at all when it cannot be read.
fn zone(text: &str) -> Option<Option<Zone>> {
    if text.is_empty() {
        return Some(None);
    }
    if text.contains('/') {
        return TimeZone::get(text).ok().map(|zone| Some(Zone::Named(zone)));
    }
    let utc = ["UTC", "GMT", "Z"]
        .iter()
        .find(|word| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)));
    let offset = utc.map_or(text, |word| &text[word.len()..]);
    if utc.is_some() && offset.is_empty() {
        return Some(Some(Zone::Offset(Offset::UTC)));
    }
    let sign = match offset.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits = offset[1..].replacen(':', "", 1);
    let (hours, minutes) = digits.split_at_checked(digits.len().min(2))?;
    let minutes: i64 = if minutes.is_empty() { 0 } else { minutes.parse().ok()? };
    let seconds = (hours.parse::<i64>().ok()? * 60 + minutes) * 60 * sign;
    (minutes < 60 && digits.len() <= 4).then_some(())?;
    Offset::try_from(SignedDuration::from_secs(seconds)).ok().map(|offset| Some(Zone::Offset(offset)))
}

/// Unix milliseconds of a local time; in UTC without a zone. An hour that a zone has twice or not at all is none.
fn at_ms(local: DateTime, zone: Option<&Zone>) -> Option<i64> {
    let at = match zone {
        None => TimeZone::UTC.to_timestamp(local),
        Some(Zone::Offset(offset)) => offset.to_timestamp(local),
        Some(Zone::Named(zone)) => zone.to_ambiguous_timestamp(local).unambiguous(),
    };
    at.ok().map(Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-20T10:00:00Z.
    const AT_MS: i64 = 1_795_168_800_000;

    #[test]
    fn times_are_read_as_programs_write_them() {
        for text in [
            "2026-11-20T10:00:00Z",
            "2026-11-20T10:00:00.0000001Z",
            "2026-11-20t10:00:00z",
            "2026-11-20T11:00:00+01:00",
            "2026-11-20 11:00:00+01:00",
            "2026-11-20 10:00:00+00",
            "2026-11-20 10:00:00.000000+00:00",
            "2026-11-20 10:00:00 +0000",
            "2026-11-20 05:00:00-0500",
            "2026-11-20 10:00:00 UTC",
            "2026-11-20 10:00 GMT",
            "2026-11-20 11:00 UTC+1",
            "2026-11-20T10:00",
            "2026-11-20 10:00:00,000",
            "2026/11/20 10:00",
            "2026.11.20 10:00:00",
            "20261120T100000Z",
            "20261120T100000",
            "20261120T1000",
            "20261120 100000",
            "20261120T110000+0100",
            "20261120T100000.000",
            "20.11.2026 10:00",
            "20.11.2026, 10:00:00",
            "11/20/2026 10:00",
            "11/20/2026, 10:00:00 AM",
            "11/20/2026 10:00AM",
            "2026-11-20 11:00 Europe/Berlin",
            "2026-11-20T11:00:00+01:00[Europe/Berlin]",
            "Fri, 20 Nov 2026 10:00:00 GMT",
            "Fri, 20 Nov 2026 11:00:00 +0100",
        ] {
            let read = read(text).unwrap_or_else(|| panic!("{text} is not read"));
            assert_eq!(read.day_first_ms.or(read.month_first_ms), Some(AT_MS), "{text}");
            assert!(read.clock, "{text}");
        }
        let noon = |text| read(text).unwrap().month_first_ms.unwrap();
        assert_eq!(
            (noon("11/20/2026 12:00 PM"), noon("11/20/2026 12:00 AM")),
            (AT_MS + 7_200_000, AT_MS - 36_000_000)
        );
    }

    #[test]
    fn what_is_no_time_for_sure_is_none() {
        for text in [
            "",
            "yesterday",
            "2026-11",
            "20.11.26 10:00",
            "2026-13-20",
            "2026-11-31 10:00",
            "2026-11-20 25:00",
            "2026-11-20 10",
            "2026-11-20 1000",
            "20261120T10",
            "20261320T100000",
            "20261120T256000",
            "2026-11-20 10:00 CET",
            "2026-11-20 10:00 Europe/Atlantis",
            "Fri, 20 Nov 2026 10:00:00 CET",
            "2026-11-20 13:00 PM",
            "2026-11-20 10:00 +99",
            "2026-11-20 10:00 +",
            "2026-11-20 10:00:00 é",
            "20-11/2026",
            "é/é/2026",
            // Twice, and never.
            "2026-10-25 02:30 Europe/Berlin",
            "2026-03-29 02:30 Europe/Berlin",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
        for digits in ["", "2026112", "2026112010", "20261320", "20261120250000", "202611201030001"] {
            assert_eq!(stamp(digits), None, "{digits}");
        }
    }
}
