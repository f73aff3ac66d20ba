//! Reads where a stretch begins or ends.

use super::date::{Date, TimeOfDay, YEARS};
use super::nonsense::Senseless;
use super::stretch::Edge;

const DAY_S: i64 = 86_400;
/// The first and the last second of [`YEARS`], in UTC.
pub const INSTANTS_S: std::ops::Range<i64> = 946_684_800..4_102_444_800;

impl Edge {
    /// Reads a moment (RFC 3339 or Unix seconds), a time on the reader's clock (`2026-11-29T14:02`) or a date.
    pub fn read(text: &str) -> Result<Self, Senseless> {
        let text = text.trim();
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Edge::instant(text.parse().unwrap_or(i64::MAX)).ok_or(Senseless::Unreachable);
        }
        if let Some((day, time)) = text.split_once(['T', 't']) {
            return at(date(day)?, time, offset_s);
        }
        match text.split_once(' ') {
            // Two times with a `-` between them are no offset here.
            Some((day, time)) => {
                at(date(day)?, time, |zone| (zone.is_empty()).then_some(None).or_else(|| utc(zone)))
            }
            None => Ok(Edge::Date(date(text)?)),
        }
    }

    /// The moment of a Unix time in seconds, if it can be asked about.
    pub fn instant(at_s: i64) -> Option<Self> {
        INSTANTS_S.contains(&at_s).then_some(Edge::Instant(at_s))
    }

    /// When it is in UTC, or about when it is elsewhere, in Unix seconds.
    pub(super) fn about_s(self) -> i64 {
        match self {
            Edge::Instant(at_s) => at_s,
            Edge::Local(date, time) => date.unix_days() * DAY_S + i64::from(time.minutes()) * 60,
            Edge::Date(date) => date.unix_days() * DAY_S,
        }
    }
}

/// A time of a date: a moment, if the zone says its offset.
fn at(date: Date, text: &str, offset_s: fn(&str) -> Option<Option<i64>>) -> Result<Edge, Senseless> {
    let zone =
        text.find(|part: char| !part.is_ascii_digit() && part != ':' && part != '.').unwrap_or(text.len());
    let (clock, zone) = text.split_at(zone);
    let (time, second) = time_of_day(clock).ok_or(Senseless::Unreadable)?;
    match offset_s(zone).ok_or(Senseless::Unreadable)? {
        Some(offset_s) => {
            let at_s = Edge::Local(date, time).about_s() + second - offset_s;
            Edge::instant(at_s).ok_or(Senseless::Unreachable)
        }
        None => Ok(Edge::Local(date, time)),
    }
}

/// Reads `Z`, an offset, or nothing where there is none. A `+` that an address means as a space is taken for one.
fn offset_s(zone: &str) -> Option<Option<i64>> {
    let sign = match zone.chars().next() {
        None => return Some(None),
        Some('+' | ' ') => 1,
        Some('-') => -1,
        Some(_) => return utc(zone),
    };
    let (time, second) = time_of_day(&zone[1..])?;
    (second == 0).then(|| Some(sign * i64::from(time.minutes()) * 60))
}

fn utc(zone: &str) -> Option<Option<i64>> {
    zone.eq_ignore_ascii_case("z").then_some(Some(0))
}

/// Reads `14:02`, with seconds or without.
pub(super) fn time_of_day(text: &str) -> Option<(TimeOfDay, i64)> {
    let mut parts = text.split(':');
    let (hour, minute) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let second = match parts.next() {
        None => 0,
        Some(second) => number(second.split_once('.').map_or(second, |(whole, _)| whole), 2)?,
    };
    let time = TimeOfDay::new(u16::try_from(hour).ok()?, u16::try_from(minute).ok()?)?;
    (parts.next().is_none() && second <= 60).then_some((time, second))
}

/// Reads `2026-11-29`.
pub(super) fn date(text: &str) -> Result<Date, Senseless> {
    let parts: Vec<&str> = text.trim().splitn(3, '-').collect();
    let [year, month, day] = parts[..] else { return Err(Senseless::Unreadable) };
    let numbers = || Some((number(year, 4)?, number(month, 2)?, number(day, 2)?));
    let (year, month, day) = numbers().ok_or(Senseless::Unreadable)?;
    date_of(year, month, day)
}

/// The date of these numbers.
pub(super) fn date_of(year: i64, month: i64, day: i64) -> Result<Date, Senseless> {
    let year = i16::try_from(year).map_err(|_| Senseless::Unreachable)?;
    if !YEARS.contains(&year) {
        return Err(Senseless::Unreachable);
    }
    let date = || Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    date().ok_or(Senseless::Unreadable)
}

/// Reads digits, so many at most.
pub(super) fn number(text: &str, most: usize) -> Option<i64> {
    let is_one = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_read_as_they_are_written() {
        let local = |hour, minute| {
            Edge::Local(Date::new(2026, 11, 29).unwrap(), TimeOfDay::new(hour, minute).unwrap())
        };
        let noon_s = 1_795_953_600;
        for (text, expected) in [
            ("1795953600", Ok(Edge::Instant(noon_s))),
            ("2026-11-29T12:00:00Z", Ok(Edge::Instant(noon_s))),
            ("2026-11-29T12:00:07.250Z", Ok(Edge::Instant(noon_s + 7))),
            ("2026-11-29t12:00z", Ok(Edge::Instant(noon_s))),
            ("2026-11-29T17:30:00+05:30", Ok(Edge::Instant(noon_s))),
            ("2026-11-29T17:30:00 05:30", Ok(Edge::Instant(noon_s))),
            ("2026-11-29T04:00:00-08:00", Ok(Edge::Instant(noon_s))),
            ("2026-11-29 12:00:00Z", Ok(Edge::Instant(noon_s))),
            ("2026-11-29T14:02", Ok(local(14, 2))),
            (" 2026-11-29 14:02:59 ", Ok(local(14, 2))),
            ("2026-11-29T24:00", Ok(local(24, 0))),
            ("2026-11-29", Ok(Edge::Date(Date::new(2026, 11, 29).unwrap()))),
            ("9999-12-31", Err(Senseless::Unreachable)),
            ("0000-01-01T00:00:00Z", Err(Senseless::Unreachable)),
            ("99999999999999999999999", Err(Senseless::Unreachable)),
            ("1795953600000", Err(Senseless::Unreachable)),
            ("0", Err(Senseless::Unreachable)),
            ("2099-12-31T23:59:59-12:00", Err(Senseless::Unreachable)),
            ("", Err(Senseless::Unreadable)),
            ("-5", Err(Senseless::Unreadable)),
            ("2026-02-29", Err(Senseless::Unreadable)),
            ("2026-11-29T", Err(Senseless::Unreadable)),
            ("2026-11-29T25:00", Err(Senseless::Unreadable)),
            ("2026-11-29T12:60", Err(Senseless::Unreadable)),
            ("2026-11-29T24:01", Err(Senseless::Unreadable)),
            ("2026-11-29T12:00:00+", Err(Senseless::Unreadable)),
            ("2026-11-29T12:00:00é01:00", Err(Senseless::Unreadable)),
            ("2026-11-29 12:00-13:00", Err(Senseless::Unreadable)),
            ("²026-11-29", Err(Senseless::Unreadable)),
        ] {
            assert_eq!(Edge::read(text), expected, "{text}");
        }
    }
}
