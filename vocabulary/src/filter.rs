//! Which events a question is about.

use serde::{Deserialize, Serialize};

use crate::Dimension;

/// Only events whose `dimension` has this `value`, or none of those. An empty value means events without one.
///
/// Filters on different dimensions all hold. Of those on one dimension an event has any value that is asked for, and none
/// that is excluded.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Filter {
    pub dimension: Dimension,
    /// Its value, exactly.
    pub value: String,
    /// Whether events with this value are left out, instead of all others.
    #[serde(default)]
    pub is_excluded: bool,
}

impl Filter {
    /// Only events with this value.
    pub fn only(dimension: Dimension, value: impl Into<String>) -> Self {
        Filter { dimension, value: value.into(), is_excluded: false }
    }

    /// All events but those with this value.
    pub fn except(dimension: Dimension, value: impl Into<String>) -> Self {
        Filter { is_excluded: true, ..Filter::only(dimension, value) }
    }

    /// Reads a pair of an address or of a question: the name is a dimension's word, with `-` before it to exclude.
    /// Nothing if it is another name.
    pub fn of_pair(name: &str, value: &str) -> Option<Self> {
        let (word, is_excluded) = name.strip_prefix('-').map_or((name, false), |word| (word, true));
        Some(Filter { dimension: word.parse().ok()?, value: value.to_owned(), is_excluded })
    }

    /// Its name in such a pair.
    pub fn pair_name(&self) -> String {
        format!("{}{}", if self.is_excluded { "-" } else { "" }, self.dimension)
    }
}
