//! The main chart: one measure over a range, stacked by model, with the limit lines that apply.

use serde::{Deserialize, Serialize};
use vocabulary::{Filter, Measure, Range};

use super::series::Series;
use super::zone::Zone;

/// What the main chart shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ChartQuestion {
    pub measure: Measure,
    /// The stretch of time, ending now.
    pub range: Range,
    /// Only these events.
    pub filters: Vec<Filter>,
}

/// The answer to a [`ChartQuestion`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// The measure by model, largest first.
    pub series: Series,
    /// Limits of this measure whose window is as long as a bin; empty when none compares with a bin.
    pub lines: Vec<LimitLine>,
    /// Events in the range whose price is unknown: left out of cost, never counted as 0.
    pub unpriced_requests: u64,
    /// Events in the range whose token counts are unknown.
    pub unknown_usage_requests: u64,
    /// When the answer was true, Unix milliseconds.
    pub as_of_ms: i64,
    /// The display time zone.
    pub zone: Zone,
}

/// A horizontal line on the chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LimitLine {
    pub name: String,
    /// Its amount, in the measure's unit per bin.
    pub amount: f64,
    /// The warning threshold, in percent of the amount.
    pub warn_percent: u32,
}
