//! Whole numbers as tables write them: `412`, `412.0`, `1,234`, `1.234.567,00`.
//!
//! Which of point and comma begins a fraction, and which parts thousands, is one answer for a whole file. Where no
//! cell tells them apart, it is asked for.

use crate::import::notation::Decimal;

/// Why a cell is no whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotWhole {
    /// There is something behind the decimal mark.
    Fraction,
    NoNumber,
}

/// What the numbers of a file say about their marks: for each, the first line that says it.
#[derive(Debug, Default)]
pub(super) struct Marks {
    point: Option<u64>,
    comma: Option<u64>,
    /// A cell that is another number with each, and its column.
    either: Option<(u64, String)>,
}

/// Why the marks of a file cannot be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Doubt {
    /// Nothing tells point and comma apart, and this line is another number with each.
    Either { line: u64, column: String },
    /// One line has a decimal point, the other a decimal comma.
    Both { point: u64, comma: u64 },
}

impl Marks {
    /// Takes note of a cell.
    pub fn add(&mut self, text: &str, line: u64, column: &str) {
        let is = |decimal| !matches!(whole(text, decimal), Err(NotWhole::NoNumber));
        match (is(Decimal::Point), is(Decimal::Comma)) {
            _ if !text.contains(['.', ',']) => {}
            (true, true) if self.either.is_none() => self.either = Some((line, column.to_owned())),
            (true, false) => self.point = self.point.or(Some(line)),
            (false, true) => self.comma = self.comma.or(Some(line)),
            _ => {}
        }
    }

    /// What begins a fraction in this file; nothing when no number has a mark.
    pub fn decide(&self) -> Result<Option<Decimal>, Doubt> {
        match (self.point, self.comma, &self.either) {
            (Some(point), Some(comma), _) => Err(Doubt::Both { point, comma }),
            (Some(_), None, _) => Ok(Some(Decimal::Point)),
            (None, Some(_), _) => Ok(Some(Decimal::Comma)),
            (None, None, None) => Ok(None),
            (None, None, Some((line, column))) => Err(Doubt::Either { line: *line, column: column.clone() }),
        }
    }
}

/// The whole number that is nearest to the one in a cell.
pub(super) fn nearest(text: &str, decimal: Decimal) -> Option<u64> {
    match whole(text, decimal) {
        Err(NotWhole::Fraction) => {
            let mark = if decimal == Decimal::Point { '.' } else { ',' };
            let (integer, fraction) = text.split_once(mark)?;
            let up = u64::from(fraction.as_bytes().first()? >= &b'5');
            whole(integer, decimal).ok()?.checked_add(up)
        }
        number => number.ok(),
    }
}

/// The whole number in a cell. A fraction of zeros is none: programs that know no missing whole numbers, such as
/// pandas, write `412.0`.
pub(super) fn whole(text: &str, decimal: Decimal) -> Result<u64, NotWhole> {
    let (mark, thousands) = match decimal {
        Decimal::Point => ('.', ','),
        Decimal::Comma => (',', '.'),
    };
    let text = text.strip_prefix('+').unwrap_or(text);
    let (integer, fraction) = text.split_once(mark).unwrap_or((text, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NotWhole::NoNumber);
    }
    let number =
        digits(integer, thousands).and_then(|digits| digits.parse().ok()).ok_or(NotWhole::NoNumber)?;
    if fraction.bytes().all(|byte| byte == b'0') { Ok(number) } else { Err(NotWhole::Fraction) }
}

/// The digits of a number without what parts its thousands: `thousands`, or blanks and apostrophes, which stand for
/// nothing else.
fn digits(integer: &str, thousands: char) -> Option<String> {
    let parts = |char: char| {
        char == thousands
            || matches!(char, ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '\'' | '\u{2019}' | '_')
    };
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some(separator) = integer.chars().find(|char| parts(*char)) else {
        return all_digits(integer).then(|| integer.to_owned());
    };
    let mut groups = integer.split(separator);
    let first = groups.next()?;
    let grouped = all_digits(first)
        && first.len() <= 3
        && !first.starts_with('0')
        && groups.all(|group| group.len() == 3 && all_digits(group));
    grouped.then(|| integer.replace(separator, ""))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decided(cells: &[&str]) -> Result<Option<Decimal>, Doubt> {
        let mut marks = Marks::default();
        for (line, cell) in (2..).zip(cells) {
            marks.add(cell, line, "tokens");
        }
        marks.decide()
    }

    #[test]
    fn whole_numbers_are_read_with_their_marks() {
        for (text, point, comma) in [
            ("412", Ok(412), Ok(412)),
            ("+412", Ok(412), Ok(412)),
            ("412.0", Ok(412), Err(NotWhole::NoNumber)),
            ("412.", Ok(412), Err(NotWhole::NoNumber)),
            ("412,00", Err(NotWhole::NoNumber), Ok(412)),
            ("1.234", Err(NotWhole::Fraction), Ok(1_234)),
            ("1,234", Ok(1_234), Err(NotWhole::Fraction)),
            ("412.000", Ok(412), Ok(412_000)),
            ("1,234,567.0", Ok(1_234_567), Err(NotWhole::NoNumber)),
            ("1.234.567", Err(NotWhole::NoNumber), Ok(1_234_567)),
            ("1 234", Ok(1_234), Ok(1_234)),
            ("1\u{202f}234", Ok(1_234), Ok(1_234)),
            ("1'234.0", Ok(1_234), Err(NotWhole::NoNumber)),
            ("412.5", Err(NotWhole::Fraction), Err(NotWhole::NoNumber)),
            ("0.123", Err(NotWhole::Fraction), Err(NotWhole::NoNumber)),
        ] {
            assert_eq!((whole(text, Decimal::Point), whole(text, Decimal::Comma)), (point, comma), "{text}");
        }
        // 1,23E+06 is what a spreadsheet shows when it has no room: the digits are gone.
        for text in [
            "",
            ".",
            "-5",
            "1e3",
            "1,23E+06",
            "12,34",
            "1,2345",
            "1 23",
            "1,234 567",
            "many",
            "18446744073709551616",
            "١",
        ] {
            assert_eq!(whole(text, Decimal::Point), Err(NotWhole::NoNumber), "{text}");
        }
    }

    #[test]
    fn one_cell_tells_for_all_of_a_file() {
        assert_eq!(decided(&["1", "", "many"]), Ok(None));
        assert_eq!(decided(&["1.234", "412.0"]), Ok(Some(Decimal::Point)));
        assert_eq!(decided(&["1.234", "1.234.567"]), Ok(Some(Decimal::Comma)));
        assert_eq!(decided(&["1,234", "7,5"]), Ok(Some(Decimal::Comma)));
        assert_eq!(decided(&["7", "1.234"]), Err(Doubt::Either { line: 3, column: "tokens".into() }));
        assert_eq!(decided(&["7,5", "1", "7.5"]), Err(Doubt::Both { point: 4, comma: 2 }));
    }

    proptest! {
        #[test]
        fn the_order_of_rows_decides_nothing(
            cells in proptest::collection::vec("[0-9]{1,4}([.,][0-9]{1,3}){0,2}", 0..6).prop_shuffle(),
            seed in any::<prop::sample::Index>(),
        ) {
            let kind = |cells: &[&str]| match decided(cells) {
                Ok(decimal) => format!("{decimal:?}"),
                Err(Doubt::Either { .. }) => "either".to_owned(),
                Err(Doubt::Both { .. }) => "both".to_owned(),
            };
            let mut other: Vec<_> = cells.iter().map(String::as_str).collect();
            let first = kind(&other);
            if !other.is_empty() {
                let by = seed.index(other.len());
                other.rotate_left(by);
                other.reverse();
            }
            prop_assert_eq!(kind(&other), first);
        }
    }
}
