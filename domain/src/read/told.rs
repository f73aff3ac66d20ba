//! What is told of one field of the API's, however it is written.

use super::fields::unquote;

/// What was said of a field. Of two tellings the larger says more: counts of one answer never fall.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Told<T> {
    /// Nothing, or null.
    #[default]
    Nothing,
    /// Something that is none of what the field holds.
    Unreadable,
    /// This.
    As(T),
}

impl<T> Told<T> {
    /// What was said, if it could be read.
    pub fn known(self) -> Option<T> {
        if let Told::As(value) = self { Some(value) } else { None }
    }

    /// The same, of what stays where it is.
    pub fn as_ref(&self) -> Told<&T> {
        match self {
            Told::Nothing => Told::Nothing,
            Told::Unreadable => Told::Unreadable,
            Told::As(value) => Told::As(value),
        }
    }

    /// The same with what `read` makes of the value; nothing it makes is unreadable.
    pub fn and_then<U>(self, read: impl FnOnce(T) -> Option<U>) -> Told<U> {
        match self {
            Told::Nothing => Told::Nothing,
            Told::Unreadable => Told::Unreadable,
            Told::As(value) => read(value).map_or(Told::Unreadable, Told::As),
        }
    }

    /// Takes what was said later over what was said before, unless nothing was, or nothing that can be read.
    pub fn overwrite(&mut self, later: Told<T>) {
        if matches!((&*self, &later), (Told::Nothing, _) | (_, Told::As(_))) {
            *self = later;
        }
    }
}

/// Why something is no count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoCount {
    /// A number, but none that counts: negative, or with a fraction.
    OtherNumber,
    /// A larger number.
    TooLarge,
    /// No number at all, or one in quotes that counts nothing: who has written that down passes on what others sent.
    NoNumber,
}

/// A count from 0 to `most` as raw JSON: a whole number however it is written, also as `12.0`, `1.2e1` or in quotes.
pub(super) fn count(raw: &str, most: u64) -> Result<u64, NoCount> {
    if raw.starts_with('"') {
        let text = unquote(raw).ok_or(NoCount::NoNumber)?;
        return number(text.trim(), most).map_err(|_| NoCount::NoNumber);
    }
    number(raw, most)
}

fn number(text: &str, most: u64) -> Result<u64, NoCount> {
    if let Ok(number) = text.parse::<u64>() {
        return if number <= most { Ok(number) } else { Err(NoCount::TooLarge) };
    }
    // Exact up to 2^53, and counts end before that.
    match text.parse::<f64>().map_err(|_| NoCount::NoNumber)? {
        number if number > most as f64 => Err(NoCount::TooLarge),
        number if number >= 0.0 && number.fract() == 0.0 => Ok(number as u64),
        _ => Err(NoCount::OtherNumber),
    }
}

#[cfg(test)]
mod tests {
    use super::super::bounds::MAX_INTEGER;
    use super::*;

    #[test]
    fn a_whole_number_is_a_count_however_it_is_written() {
        for (raw, number) in [
            ("0", 0),
            ("-0", 0),
            ("12", 12),
            ("12.0", 12),
            ("1.2e1", 12),
            ("120E-1", 12),
            ("1e3", 1_000),
            ("\"12\"", 12),
            ("\" 12.0 \"", 12),
            ("9007199254740991", MAX_INTEGER),
            ("9007199254740991.0", MAX_INTEGER),
        ] {
            assert_eq!(count(raw, MAX_INTEGER), Ok(number), "{raw}");
        }
        for raw in ["-1", "1.5", "1e-1", "NaN", "-Infinity", "-1e400"] {
            assert_eq!(count(raw, MAX_INTEGER), Err(NoCount::OtherNumber), "{raw}");
        }
        for raw in ["1e400", "9007199254740992", "1180591620717411303424", "Infinity"] {
            assert_eq!(count(raw, MAX_INTEGER), Err(NoCount::TooLarge), "{raw}");
        }
        for raw in
            ["true", "[]", "[1]", "{}", "\"\"", "\"many\"", "\"-1\"", "\"1,234\"", "\"0x10\"", "\"\\ud800\""]
        {
            assert_eq!(count(raw, MAX_INTEGER), Err(NoCount::NoNumber), "{raw}");
        }
        assert_eq!((count("10", 10), count("11", 10)), (Ok(10), Err(NoCount::TooLarge)));
    }

    #[test]
    fn the_larger_says_more_and_null_says_nothing() {
        assert_eq!(Told::As(3).max(Told::As(0)), Told::As(3));
        assert_eq!(Told::As(0).max(Told::Unreadable), Told::As(0));
        assert_eq!(Told::Unreadable.max(Told::<u64>::Nothing), Told::Unreadable);
        let mut word = Told::As("us");
        word.overwrite(Told::Nothing);
        word.overwrite(Told::Unreadable);
        assert_eq!(word, Told::As("us"));
        word.overwrite(Told::As("global"));
        assert_eq!(word, Told::As("global"));
    }
}
