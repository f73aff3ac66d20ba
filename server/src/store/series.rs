//! Questions for sums over time, and their rows.

use domain::rollup::{Grain, Shape, Sums};
use domain::usage::Endpoints;
use vocabulary::{Dimension, Filter};

/// Where a [`SeriesQuery`] reads from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeriesSource {
    /// A rollup: the dimensions it keeps, and its grain.
    Rollup(Shape, Grain),
    /// The events themselves, for dimensions that rollups do not keep.
    Raw,
    /// The events themselves, as a limit on requests counts them: to these endpoints, and without results of Message
    /// Batches. Rollups tell neither apart.
    Counted(Endpoints),
}

/// A question for sums over time.
#[derive(Debug, Clone)]
pub struct SeriesQuery {
    /// Where to read.
    pub source: SeriesSource,
    /// Dimensions to group by.
    pub by: Vec<Dimension>,
    /// Only these events.
    pub filters: Vec<Filter>,
    /// Start, Unix milliseconds, inclusive.
    pub from_ms: i64,
    /// End, Unix milliseconds, exclusive.
    pub to_ms: i64,
    /// Width of a bucket; the first starts where the question does.
    pub step_ms: i64,
    /// From when on buckets are of another width, in order: as days are, where clocks are changed.
    pub turns: Vec<Turn>,
}

/// A bucket begins here that is of another width than those before, and so are those after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// Unix milliseconds.
    pub at_ms: i64,
    pub step_ms: i64,
}

impl SeriesQuery {
    /// Its turns, from the start of the question on.
    pub fn all_turns(&self) -> impl DoubleEndedIterator<Item = Turn> {
        std::iter::once(Turn { at_ms: self.from_ms, step_ms: self.step_ms }).chain(self.turns.iter().copied())
    }

    /// Start of the bucket that a time falls in.
    pub fn bucket_ms(&self, at_ms: i64) -> i64 {
        let first = Turn { at_ms: self.from_ms, step_ms: self.step_ms };
        self.turns.iter().rev().find(|turn| turn.at_ms <= at_ms).unwrap_or(&first).bucket_ms(at_ms)
    }
}

impl Turn {
    /// How long after a multiple of their width buckets start, in milliseconds.
    pub fn offset_ms(self) -> i64 {
        self.at_ms.rem_euclid(self.step_ms)
    }

    /// Start of the bucket that a time falls in.
    pub fn bucket_ms(self, at_ms: i64) -> i64 {
        (at_ms - self.offset_ms()).div_euclid(self.step_ms) * self.step_ms + self.offset_ms()
    }
}

/// The sums of one bucket and one combination of values.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesRow {
    /// Start of the bucket, Unix milliseconds.
    pub bucket_ms: i64,
    /// Values of the dimensions grouped by, in the order asked.
    pub key: Vec<String>,
    pub sums: Sums,
}

/// The most of one bucket: of each measure on its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Busiest {
    /// Start of the bucket, Unix milliseconds.
    pub bucket_ms: i64,
    /// The measures in the order asked, each in its unit.
    pub most: Vec<f64>,
}
