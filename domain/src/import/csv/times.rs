//! Times as tables write them, decided for a whole column.
//!
//! Digits alone do not say what they count, nor `03/04/2026` which part is the day. A cell is therefore read in
//! every way that makes sense, and all cells of a column together have to leave one. Where they do not, the way is
//! asked for: no cell is guessed at.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

use crate::import::time_format::{DATES, NUMBERS, TimeFormat, Writing, words};
use crate::import::written;

/// Before this, a number is taken for something else than a time, unless it is said what it is: 2010.
const EARLIEST_MS: i64 = 1_262_304_000_000;

/// How the cells of a column are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct How {
    number: Option<Writing>,
    date: Option<Writing>,
    pattern: Option<String>,
    /// Numbers that mean no time between [`EARLIEST_MS`] and this are not read. Nothing when it was said what
    /// numbers mean.
    latest_ms: Option<i64>,
}

impl How {
    /// The time in a cell, Unix milliseconds; nothing when it cannot be read this way.
    pub fn read(&self, text: &str) -> Option<i64> {
        if let Some(pattern) = &self.pattern {
            return by_pattern(pattern, text);
        }
        if is_number(text) {
            let at_ms = number(text, self.number?)?;
            let plausible = self.latest_ms.is_none_or(|latest_ms| (EARLIEST_MS..=latest_ms).contains(&at_ms));
            return plausible.then_some(at_ms);
        }
        let read = written::read(text)?;
        match self.date {
            _ if read.month_first_ms == read.day_first_ms => read.day_first_ms,
            Some(Writing::DayFirst) => read.day_first_ms,
            Some(Writing::MonthFirst) => read.month_first_ms,
            _ => None,
        }
    }
}

/// Cells that can be read one way.
#[derive(Debug, Clone, Copy)]
struct Tally {
    /// The first line with one.
    line: u64,
    first_ms: i64,
    last_ms: i64,
}

/// What a column of times holds.
#[derive(Debug, Default)]
pub(super) struct Times {
    told: How,
    latest_ms: i64,
    /// Each way in which some cell can be read.
    ways: BTreeMap<Writing, Tally>,
    /// For each order of day and month, the first line that has no other.
    only: BTreeMap<Writing, u64>,
    /// The first line whose number is no time of any kind.
    no_time: Option<u64>,
    /// Some cell names no zone, or no time of the day.
    without_zone: bool,
    without_clock: bool,
    /// Some number has the length of a day alone, if it spells or counts days.
    day_alone: bool,
    /// Cells with something in them, and those that can be read in some way.
    cells: u64,
    readable: u64,
}

/// Why a column's times cannot be told: what was found, and on which line first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Doubt {
    /// What some cells would be, each with the first line.
    pub found: Vec<(&'static str, u64)>,
    /// Words for `--time-format` that would settle it.
    pub choices: String,
}

impl Times {
    /// A column of which `format` was told; times after `latest_ms` are the future.
    pub fn new(format: Option<&TimeFormat>, latest_ms: i64) -> Self {
        let mut told = How::default();
        match format {
            Some(TimeFormat::Pattern(pattern)) => told.pattern = Some(pattern.clone()),
            Some(TimeFormat::Writing(writing @ (Writing::DayFirst | Writing::MonthFirst))) => {
                told.date = Some(*writing);
            }
            Some(TimeFormat::Writing(writing)) => told.number = Some(*writing),
            None => {}
        }
        Times { told, latest_ms, ..Times::default() }
    }

    /// Takes note of a cell.
    pub fn add(&mut self, text: &str, line: u64) {
        let ways = self.ways_of(text);
        self.cells += 1;
        self.readable += u64::from(!ways.is_empty());
        if ways.is_empty() && is_number(text) {
            self.no_time = self.no_time.or(Some(line));
        }
        if let [(only @ (Writing::DayFirst | Writing::MonthFirst), _)] = ways[..] {
            self.only.entry(only).or_insert(line);
        }
        for (writing, at_ms) in ways {
            let tally = self.ways.entry(writing).or_insert(Tally { line, first_ms: at_ms, last_ms: at_ms });
            tally.first_ms = tally.first_ms.min(at_ms);
            tally.last_ms = tally.last_ms.max(at_ms);
        }
    }

    /// Every way in which a cell makes sense, and the time it is then.
    fn ways_of(&mut self, text: &str) -> Vec<(Writing, i64)> {
        let way = |writing, at_ms: Option<i64>| at_ms.map(|at_ms| (writing, at_ms));
        if self.told.pattern.is_some() {
            return way(Writing::Text, self.told.read(text)).into_iter().collect();
        }
        if is_number(text) {
            self.day_alone |=
                text.len() <= "20261120".len() && text.bytes().all(|byte| byte.is_ascii_digit());
            if let Some(told) = self.told.number {
                return way(told, number(text, told)).into_iter().collect();
            }
            let plausible = EARLIEST_MS..=self.latest_ms;
            let ways = NUMBERS.iter().filter_map(|(writing, _, _)| way(*writing, number(text, *writing)));
            return ways.filter(|(_, at_ms)| plausible.contains(at_ms)).collect();
        }
        let Some(read) = written::read(text) else { return Vec::new() };
        self.without_zone |= !read.zone;
        self.without_clock |= !read.clock;
        if read.day_first_ms == read.month_first_ms {
            return way(Writing::Text, read.day_first_ms).into_iter().collect();
        }
        let [day_first, month_first] =
            [way(Writing::DayFirst, read.day_first_ms), way(Writing::MonthFirst, read.month_first_ms)];
        day_first.into_iter().chain(month_first).collect()
    }

    /// Whether the column looks like one of times: every cell can be read, and not only as a day of a spreadsheet,
    /// which any small number can be.
    pub fn looks_like_times(&self) -> bool {
        self.cells > 0 && self.readable == self.cells && !self.ways.contains_key(&Writing::Excel)
    }

    /// How the column is to be read: the one way that all of its cells leave.
    pub fn decide(&self) -> Result<How, Doubt> {
        if self.told.pattern.is_some() {
            return Ok(self.told.clone());
        }
        let latest_ms = if self.told.number.is_some() { None } else { Some(self.latest_ms) };
        Ok(How { number: self.numbers()?, date: self.dates()?, pattern: None, latest_ms })
    }

    fn numbers(&self) -> Result<Option<Writing>, Doubt> {
        if self.told.number.is_some() {
            return Ok(self.told.number);
        }
        let kinds: Vec<_> = NUMBERS.iter().filter(|(kind, _, _)| self.ways.contains_key(kind)).collect();
        let texts = [Writing::Text, Writing::DayFirst, Writing::MonthFirst];
        let text = texts.iter().filter_map(|writing| self.ways.get(writing)).map(|tally| tally.line).min();
        let others =
            [("numbers that are no time between 2010 and now", self.no_time), ("a written date", text)];
        match kinds[..] {
            [] if self.no_time.is_none() => return Ok(None),
            [(Writing::Stamp, _, _)] if self.no_time.is_none() && text.is_none() => {
                return Ok(Some(Writing::Stamp));
            }
            [(Writing::Stamp | Writing::Excel, _, _)] => {}
            [(unix, _, _)] => return Ok(Some(*unix)),
            _ => {}
        }
        let mut found: Vec<_> = kinds.iter().map(|(kind, _, name)| (*name, self.ways[kind].line)).collect();
        found.extend(others.into_iter().filter_map(|(name, line)| Some((name, line?))));
        let choices = if kinds.is_empty() { words(&NUMBERS) } else { words(kinds) };
        Err(Doubt { found, choices })
    }

    fn dates(&self) -> Result<Option<Writing>, Doubt> {
        if self.told.date.is_some() {
            return Ok(self.told.date);
        }
        let found: Vec<_> =
            DATES.iter().filter_map(|(date, _, name)| Some((*name, *self.only.get(date)?))).collect();
        let both = self.ways.get(&Writing::DayFirst).filter(|_| found.is_empty());
        match found[..] {
            [] if both.is_none() => return Ok(None),
            [_] => return Ok(self.only.keys().next().copied()),
            _ => {}
        }
        let both = both.map(|tally| ("day/month/year or month/day/year", tally.line));
        Err(Doubt { found: found.into_iter().chain(both).collect(), choices: words(&DATES) })
    }

    /// What was decided, for the summary: what the numbers are, from when to when, and what was taken for granted.
    pub fn said(&self, how: &How) -> String {
        let name = |writing| {
            NUMBERS.iter().chain(&DATES).find(|(known, _, _)| *known == writing).map(|(_, _, name)| *name)
        };
        let used = [Some(Writing::Text), how.number, how.date].into_iter().flatten();
        let tallies: Vec<_> = used.filter_map(|writing| Some((writing, self.ways.get(&writing)?))).collect();
        let mut said: Vec<_> =
            tallies.iter().filter_map(|(writing, _)| name(*writing)).map(str::to_owned).collect();
        let first_ms = tallies.iter().map(|(_, tally)| tally.first_ms).min();
        let last_ms = tallies.iter().map(|(_, tally)| tally.last_ms).max();
        let when =
            |at_ms: i64| Timestamp::from_millisecond(at_ms).map(|at| format!("{at:.0}")).unwrap_or_default();
        match first_ms.zip(last_ms) {
            Some((first_ms, last_ms)) => said.push(format!("from {} to {}", when(first_ms), when(last_ms))),
            None => said.push("no times".to_owned()),
        }
        let digits = matches!(how.number, Some(Writing::Stamp | Writing::Excel));
        let no_offset =
            |pattern: &String| !["%z", "%:z", "%Q", "%s"].iter().any(|zone| pattern.contains(zone));
        if self.without_zone || digits || how.pattern.as_ref().is_some_and(no_offset) {
            said.push("times without a zone taken as UTC".to_owned());
        }
        if self.without_clock || digits && self.day_alone {
            said.push("days without a time taken as their midnight".to_owned());
        }
        said.join(", ")
    }
}

/// Digits, with at most one mark of a fraction among them.
fn is_number(text: &str) -> bool {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    !whole.is_empty() && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit())
}

/// The time that a number means if it is written this way.
fn number(text: &str, writing: Writing) -> Option<i64> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    if writing == Writing::Stamp {
        return if fraction.is_empty() { written::stamp(whole) } else { None };
    }
    let count: i64 = whole.parse().ok()?;
    let at_ms = match writing {
        Writing::UnixS => {
            let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
            count.checked_mul(1_000)?.checked_add(thousandths.parse().ok()?)?
        }
        Writing::UnixMs => count,
        Writing::UnixUs => count / 1_000,
        Writing::UnixNs => count / 1_000_000,
        Writing::Excel => {
            let part: f64 = format!("0.{fraction}").parse().ok()?;
            let days = count.checked_sub(EXCEL_DAYS_UNTIL_1970)?;
            days.checked_mul(DAY_MS)?.checked_add((part * DAY_MS as f64).round() as i64)?
        }
        _ => return None,
    };
    Timestamp::from_millisecond(at_ms).is_ok().then_some(at_ms)
}

const DAY_MS: i64 = 86_400_000;
/// From 30 December 1899, which spreadsheets count days from, to 1970.
const EXCEL_DAYS_UNTIL_1970: i64 = 25_569;

fn by_pattern(pattern: &str, text: &str) -> Option<i64> {
    let parsed = strtime::parse(pattern, text).ok()?;
    if let Ok(at) = parsed.to_timestamp() {
        return Some(at.as_millisecond());
    }
    let at = parsed.to_datetime().or_else(|_| parsed.to_date().map(|date| date.at(0, 0, 0, 0))).ok()?;
    TimeZone::UTC.to_timestamp(at).ok().map(Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests;
