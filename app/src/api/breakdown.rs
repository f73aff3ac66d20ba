//! All measures of a range by one dimension: the tables beside the chart.

use serde::{Deserialize, Serialize};
use vocabulary::{Dimension, Filter, Range};

/// What a breakdown shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BreakdownQuestion {
    /// What rows stand for.
    pub by: Dimension,
    /// The stretch of time, ending now.
    pub range: Range,
    /// Only these events.
    pub filters: Vec<Filter>,
}

/// The answer to a [`BreakdownQuestion`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Breakdown {
    /// The dimension of the rows.
    pub by: Dimension,
    /// The largest rows by requests, at most [`MAX_ROWS`].
    pub rows: Vec<BreakdownRow>,
    /// The sum of the rows left out, if any.
    pub others: Option<BreakdownRow>,
    /// How many rows were left out.
    pub other_count: u64,
}

/// Rows a breakdown shows before it sums the rest.
pub const MAX_ROWS: usize = 8;

/// What the events of one value add up to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct BreakdownRow {
    /// The value, exactly; empty for events without one.
    pub value: String,
    /// The same, as it is shown.
    pub name: String,
    pub sums: BreakdownSums,
}

/// Sums over events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct BreakdownSums {
    /// HTTP attempts.
    pub requests: u64,
    /// Uncached input tokens.
    pub input_tokens: u64,
    /// Cache write tokens, both lifetimes.
    pub cache_write_tokens: u64,
    pub cache_read_tokens: u64,
    /// Generated tokens.
    pub output_tokens: u64,
    /// Cost of the priced events.
    pub cost_usd: f64,
    /// Events whose price is unknown, left out of `cost_usd`.
    pub unpriced: u64,
    /// Events with a status of 400 or above, with an error in the answer, or whose answer never came to its end.
    pub errors: u64,
    /// Events with status 429.
    pub throttled: u64,
    /// Events whose usage is not fully known: the token counts are lower bounds.
    pub unknown_usage: u64,
}
