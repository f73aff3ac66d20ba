//! A measure over time: the one shape behind every chart, also served as `GET /v1/series`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vocabulary::Measure;

/// A measure over time, one group per combination of the dimensions asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    pub measure: Measure,
    /// `requests`, `tokens` or `usd`.
    pub unit: String,
    /// Width of a bucket, in seconds.
    pub step_s: i64,
    /// Start of the first bucket, Unix seconds.
    pub from: i64,
    /// End of the last bucket, Unix seconds, exclusive.
    pub to: i64,
    /// The last bucket is still filling.
    pub partial: bool,
    /// Events that the totals leave out, in whole or in part, since their price or their usage is not known.
    pub left_out: u64,
    /// Largest total first. One of which nothing is known is not among them.
    pub groups: Vec<Group>,
}

/// One line of a [`Series`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// Dimension word to value; empty for the total. A missing value is the empty string.
    pub key: BTreeMap<String, String>,
    /// Sum over the range.
    pub total: f64,
    /// Events that the total leaves out.
    pub left_out: u64,
    /// `(bucket start in Unix seconds, value)`, only where there is data, in order.
    pub points: Vec<(i64, f64)>,
}
