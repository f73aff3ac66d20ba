//! Words that stand everywhere.

use vocabulary::{Dimension, Measure};

use super::{Named, Words1};

/// Words that stand everywhere.
pub struct WordsTexts {
    pub unknown: &'static str,
    pub none: &'static str,
    pub just_now: &'static str,
    pub minute: &'static str,
    pub hour: &'static str,
    pub day: &'static str,
    /// Seconds, minutes, hours, days, as they follow a number.
    pub time_units: [&'static str; 4],
    pub ago: Words1,
    /// The number as it is written, how many, and of what.
    pub count: fn(&str, u64, Noun) -> String,
    /// The year where it is not this one, the month from 1, the day.
    pub date: fn(Option<i64>, i64, i64) -> String,
    pub at_least: Words1,
    /// As [`vocabulary::Severity`] has them.
    pub states: [&'static str; 3],
    /// As [`Measure`] has them.
    pub measures: [&'static str; 10],
    pub measures_short: [&'static str; 10],
    /// As [`Dimension`] has them.
    pub dimensions: [&'static str; 8],
    pub units: Named,
}

impl WordsTexts {
    /// What a measure is called.
    pub fn measure(&self, measure: Measure) -> &'static str {
        self.measures[measure as usize]
    }

    /// The same at the head of a column.
    pub fn measure_short(&self, measure: Measure) -> &'static str {
        self.measures_short[measure as usize]
    }

    /// What a dimension is called.
    pub fn dimension(&self, dimension: Dimension) -> &'static str {
        self.dimensions[dimension as usize]
    }

    /// What a unit of the API is called; money has its sign.
    pub fn unit(&self, word: &str) -> &'static str {
        self.units.iter().find(|(unit, _)| *unit == word).map_or("", |(_, name)| name)
    }
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noun {
    Request,
    Call,
    Event,
    InputToken,
    Time,
    Limit,
}
