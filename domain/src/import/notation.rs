//! What a table leaves open about how it is written, in the words of `--delimiter` and `--decimal`.

use std::str::FromStr;

/// What separates the columns of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delimiter(pub(super) u8);

impl Delimiter {
    /// What it is called.
    pub fn word(self) -> String {
        if self.0 == b'\t' { "tab".to_owned() } else { format!("`{}`", char::from(self.0)) }
    }
}

impl FromStr for Delimiter {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.as_bytes() {
            _ if text == "tab" || text == "\\t" => Ok(Delimiter(b'\t')),
            [byte] if (byte.is_ascii_punctuation() && *byte != b'"') || *byte == b'\t' => {
                Ok(Delimiter(*byte))
            }
            _ => Err("it is one character, such as ; or |, or the word tab"),
        }
    }
}

/// What begins a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decimal {
    /// `1,234.5`
    Point,
    /// `1.234,5`
    Comma,
}

impl Decimal {
    /// What it is called.
    pub fn word(self) -> &'static str {
        match self {
            Decimal::Point => "decimal point",
            Decimal::Comma => "decimal comma",
        }
    }
}

impl FromStr for Decimal {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "." | "point" => Ok(Decimal::Point),
            "," | "comma" => Ok(Decimal::Comma),
            _ => Err("it is . or ,"),
        }
    }
}
