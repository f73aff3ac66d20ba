//! All measures of a range by one dimension: the tables beside the chart.

use serde::{Deserialize, Serialize};
use vocabulary::{Dimension, Measure};

/// Sums by one dimension.
#[derive(Debug, Clone, PartialEq)]
pub struct Breakdown {
    /// The dimension of the rows.
    pub by: Dimension,
    /// The largest rows, at most [`MAX_ROWS`].
    pub rows: Vec<BreakdownRow>,
    /// The sum of the rows left out, if any.
    pub others: Option<BreakdownRow>,
    /// How many rows were left out.
    pub other_count: u64,
    /// What all of them add up to.
    pub total: BreakdownSums,
    /// The colour of each row, where the plot has one for it.
    pub colors: Vec<u8>,
}

/// Rows a breakdown shows before it sums the rest.
pub const MAX_ROWS: usize = 8;

/// What the events of one value add up to.
#[derive(Debug, Clone, Default, PartialEq)]
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

impl BreakdownSums {
    /// How many events the sum of one measure leaves out.
    pub fn left_out(&self, measure: Measure) -> u64 {
        measure.left_out(self.unpriced, self.unknown_usage)
    }

    /// The sum of one measure, in its unit.
    pub fn measure(&self, measure: Measure) -> f64 {
        let count = match measure {
            Measure::CostUsd => return self.cost_usd,
            Measure::Requests => self.requests,
            Measure::ItpmTokens => self.input_tokens.saturating_add(self.cache_write_tokens),
            Measure::InputTokens => self.input_tokens,
            Measure::CacheWriteTokens => self.cache_write_tokens,
            Measure::CacheReadTokens => self.cache_read_tokens,
            Measure::OutputTokens => self.output_tokens,
            Measure::TotalTokens => {
                [self.input_tokens, self.cache_write_tokens, self.cache_read_tokens, self.output_tokens]
                    .into_iter()
                    .fold(0, u64::saturating_add)
            }
            Measure::Errors => self.errors,
            Measure::Throttled => self.throttled,
        };
        count as f64
    }
}
