//! How the times of a table are written, in the words of `--time-format`.

use std::str::FromStr;

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
pub(super) const NUMBERS: [(Writing, &str, &str); 6] = [
    (Writing::UnixS, "s", "Unix seconds"),
    (Writing::UnixMs, "ms", "Unix milliseconds"),
    (Writing::UnixUs, "us", "Unix microseconds"),
    (Writing::UnixNs, "ns", "Unix nanoseconds"),
    (Writing::Stamp, "stamp", "the digits of date and time (YYYYMMDDhhmmss)"),
    (Writing::Excel, "excel", "a spreadsheet's days since 1900"),
];
/// Ways to write a date.
pub(super) const DATES: [(Writing, &str, &str); 2] =
    [(Writing::DayFirst, "dmy", "day/month/year"), (Writing::MonthFirst, "mdy", "month/day/year")];

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

pub(super) fn words<'a>(known: impl IntoIterator<Item = &'a (Writing, &'a str, &'a str)>) -> String {
    known.into_iter().map(|(_, word, _)| *word).collect::<Vec<_>>().join("|")
}
