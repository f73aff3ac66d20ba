//! What in an address makes no sense, without words: each language has its own.

use crate::words::words;

/// Characters of what made no sense that are told.
const MOST_TOLD: usize = 64;

words! {
    /// Why something in an address makes no sense.
    Senseless {
        /// It is none of the words there are.
        Unknown = "unknown",
        /// It is no time, no date, and nothing else that is read.
        Unreadable = "unreadable",
        /// It is a time that nothing can be known of.
        Unreachable = "unreachable",
        /// It begins after now.
        Future = "future",
        /// It is longer than can be shown, or than is read.
        TooLong = "too_long",
        /// There are more of it than are taken.
        TooMany = "too_many",
        /// It is an end without a start.
        Alone = "alone",
    }
}

/// A part of an address that made no sense: what stands for it is the default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nonsense {
    /// The name it was given under.
    pub name: String,
    /// What was given, cut where it is long.
    pub value: String,
    /// Why it makes no sense.
    pub reason: Senseless,
}

impl Nonsense {
    /// What was given under a name makes no sense for this reason.
    pub fn new(name: &str, value: &str, reason: Senseless) -> Self {
        Nonsense { name: name.to_owned(), value: value.chars().take(MOST_TOLD).collect(), reason }
    }
}
