//! Times as tables write them, decided for a whole column.
//!
//! Digits alone do not say what they count, nor `03/04/2026` which part is the day. A cell is therefore read in
//! every way that makes sense, and all cells of a column together have to leave one. Where they do not, the way is
//! asked for: no cell is guessed at.

use std::collections::BTreeMap;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

use super::written;

/// What the numbers of a column, or the parts of its dates, mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Writing {
    /// A date and time that can be read one way.
    Text,
    /// `20.11.2026`
    DayFirst,
    /// `11/20/2026`
    MonthFirst,
    /// Seconds since 1970.
    UnixS,
    /// Milliseconds since 1970.
    UnixMs,
    /// Microseconds since 1970.
    UnixUs,
    /// Nanoseconds since 1970.
    UnixNs,
    /// The digits of a date and time, such as `20261120103000`.
    Stamp,
    /// Days since the end of 1899, as spreadsheets count them.
    Excel,
}

/// Ways to write a number, in the words of `--time-format`, and what they are called.
const NUMBERS: [(Writing, &str, &str); 6] = [
    (Writing::UnixS, "s", "Unix seconds"),
    (Writing::UnixMs, "ms", "Unix milliseconds"),
    (Writing::UnixUs, "us", "Unix microseconds"),
    (Writing::UnixNs, "ns", "Unix nanoseconds"),
    (Writing::Stamp, "stamp", "the digits of date and time (YYYYMMDDhhmmss)"),
    (Writing::Excel, "excel", "a spreadsheet's days since 1900"),
];
/// Ways to write a date.
const DATES: [(Writing, &str, &str); 2] =
    [(Writing::DayFirst, "dmy", "day/month/year"), (Writing::MonthFirst, "mdy", "month/day/year")];
/// Before this, a number is taken for something else than a time, unless it is said what it is: 2010.
const EARLIEST_MS: i64 = 1_262_304_000_000;

/// What `--time-format` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimeFormat {
    /// What numbers or dates mean.
    Writing(Writing),
    /// A pattern of strptime, such as `%d.%m.%Y %H:%M`, that every cell has.
    Pattern(String),
}

impl FromStr for TimeFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = NUMBERS.iter().chain(&DATES).find(|(_, word, _)| *word == text);
        match known {
            Some((writing, _, _)) => Ok(TimeFormat::Writing(*writing)),
            None if text.contains('%') => Ok(TimeFormat::Pattern(text.to_owned())),
            None => Err(format!(
                "there are: {}, and patterns such as %d.%m.%Y %H:%M",
                words(NUMBERS.iter().chain(&DATES))
            )),
        }
    }
}

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

fn words<'a>(known: impl IntoIterator<Item = &'a (Writing, &'a str, &'a str)>) -> String {
    known.into_iter().map(|(_, word, _)| *word).collect::<Vec<_>>().join("|")
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
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// 2026-11-24T20:00:00Z.
    const LATEST_MS: i64 = 1_795_550_400_000;
    /// 2026-11-20T10:30:00Z.
    const AT_MS: i64 = 1_795_170_600_000;

    fn column(cells: &[&str], format: Option<&str>) -> Times {
        let format = format.map(|format| format.parse().unwrap());
        let mut times = Times::new(format.as_ref(), LATEST_MS);
        for (line, cell) in (2..).zip(cells) {
            times.add(cell, line);
        }
        times
    }

    fn read(cells: &[&str], format: Option<&str>) -> Vec<Option<i64>> {
        let how = column(cells, format).decide().unwrap_or_else(|doubt| panic!("{cells:?}: {doubt:?}"));
        cells.iter().map(|cell| how.read(cell)).collect()
    }

    fn doubt(cells: &[&str]) -> (Vec<u64>, String) {
        let doubt = column(cells, None).decide().unwrap_err();
        (doubt.found.into_iter().map(|(_, line)| line).collect(), doubt.choices)
    }

    #[test]
    fn numbers_have_one_unit_in_a_column() {
        for text in [
            "1795170600",
            "1795170600.0",
            "1795170600,5",
            "1795170600000",
            "1795170600000.0",
            "1795170600000000",
            "1795170600000000000",
            "202611201030",
            "20261120103000",
            "20261120103000000",
        ] {
            let at_ms = if text.ends_with(",5") { AT_MS + 500 } else { AT_MS };
            assert_eq!(read(&[text], None), [Some(at_ms)], "{text}");
        }
        assert_eq!(read(&["20261120"], None), [Some(1_795_132_800_000)]);
        // One that is no such time among those that are is refused by itself.
        assert_eq!(read(&["1795170600", "0", "17951706"], None), [Some(AT_MS), None, None]);
        assert_eq!(read(&["1795170600", "2026-11-20T10:30:00Z"], None), [Some(AT_MS); 2]);
        assert_eq!(doubt(&["1795170600", "7", "1795170600000"]), (vec![2, 4, 3], "s|ms".into()));
        assert_eq!(doubt(&["0", "12"]), (vec![2], "s|ms|us|ns|stamp|excel".into()));
        assert_eq!(doubt(&["46346.4375"]), (vec![2], "excel".into()));
    }

    #[test]
    fn digits_of_a_date_are_no_count() {
        assert_eq!(doubt(&["202611201030", "2026-11-20 10:30:00 UTC"]), (vec![2, 3], "stamp".into()));
        assert_eq!(doubt(&["202611201030", "202613201030"]), (vec![2, 3], "stamp".into()));
        assert_eq!(doubt(&["20261120", "1795170600"]), (vec![3, 2], "s|stamp".into()));
        // With the hour alone they could be seconds, in 2034.
        assert_eq!(doubt(&["2026112010"]).0, [2]);
        assert_eq!(read(&["202611201030", "2026-11-20 10:30:00 UTC"], Some("stamp")), [Some(AT_MS); 2]);
    }

    #[test]
    fn what_was_told_holds_for_all() {
        assert_eq!(read(&["0", "1795170600000"], Some("ms")), [Some(0), Some(AT_MS)]);
        assert_eq!(
            read(&["46346.4375", "46346,4375", "25569"], Some("excel")),
            [Some(AT_MS), Some(AT_MS), Some(0)]
        );
        assert_eq!(read(&["20/11/2026 10:30", "11/20/2026 10:30"], Some("dmy")), [Some(AT_MS), None]);
        assert_eq!(read(&["03/04/2026", "03.04.2026"], Some("mdy")), read(&["2026-03-04"; 2], None));
        let pattern = read(&["20-Nov-26 10.30", "20261120"], Some("%d-%b-%y %H.%M"));
        assert_eq!(pattern, [Some(AT_MS), None]);
        assert_eq!(read(&["2026112010"], Some("%Y%m%d%H")), [Some(AT_MS - 1_800_000)]);
        assert_eq!(read(&["20261120 11:30 +0100"], Some("%Y%m%d %H:%M %z")), [Some(AT_MS)]);
        assert!("weeks".parse::<TimeFormat>().unwrap_err().contains("stamp"));
    }

    #[test]
    fn one_date_tells_the_order_of_all() {
        assert_eq!(read(&["11/20/2026", "03/04/2026"], None), read(&["2026-11-20", "2026-03-04"], None));
        assert_eq!(read(&["03.04.2026", "20.11.2026"], None), read(&["2026-04-03", "2026-11-20"], None));
        assert_eq!(read(&["11/11/2026"], None), read(&["2026-11-11"], None));
        assert_eq!(doubt(&["11/11/2026", "03/04/2026"]), (vec![3], "dmy|mdy".into()));
        assert_eq!(doubt(&["20.11.2026", "11/20/2026"]), (vec![2, 3], "dmy|mdy".into()));
    }

    #[test]
    fn a_column_of_small_numbers_does_not_look_like_times() {
        for cells in [&["46346"][..], &["12"], &["yesterday"], &["2026-11-20", "never"], &[]] {
            assert!(!column(cells, None).looks_like_times(), "{cells:?}");
        }
        for cells in [&["2026-11-20"][..], &["1795170600"], &["03/04/2026", "20/04/2026"]] {
            assert!(column(cells, None).looks_like_times(), "{cells:?}");
        }
    }

    fn cell() -> impl Strategy<Value = String> {
        prop_oneof![
            "179517[0-9]{4}(000){0,3}(\\.0)?",
            "2026(0[1-9]|1[0-2])(0[1-9]|[12][0-9])(1030(00)?)?",
            "[0-3]?[0-9][./][0-1]?[0-9][./]2026( 10:30)?",
            "2026-11-[0-3][0-9]( 10:30:00)?( UTC)?",
            "4[56][0-9]{3}(\\.5)?",
            "[0-9]{1,20}",
            "\\PC{0,12}",
        ]
    }

    proptest! {
        #[test]
        fn the_order_of_rows_decides_nothing((cells, shuffled) in vec(cell(), 0..6)
            .prop_flat_map(|cells| (Just(cells.clone()), Just(cells).prop_shuffle())))
        {
            let decided = |cells: &[String]| {
                let cells: Vec<_> = cells.iter().map(String::as_str).collect();
                let found = |doubt: Doubt| doubt.found.into_iter().map(|(what, _)| what).collect::<Vec<_>>();
                column(&cells, None).decide().map_err(found)
            };
            prop_assert_eq!(decided(&cells), decided(&shuffled));
        }

        #[test]
        fn no_number_is_read_as_long_ago_or_as_the_future(cells in vec("[0-9]{1,20}([.,][0-9]{1,9})?", 1..4)) {
            let cells: Vec<_> = cells.iter().map(String::as_str).collect();
            if let Ok(how) = column(&cells, None).decide() {
                for at_ms in cells.iter().filter_map(|cell| how.read(cell)) {
                    prop_assert!((EARLIEST_MS..=LATEST_MS).contains(&at_ms), "{:?}", cells);
                }
            }
        }
    }
}
