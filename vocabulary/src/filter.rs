//! Which events a question is about.

use serde::{Deserialize, Serialize};

use crate::Dimension;

/// Only events whose `dimension` has this `value`. An empty value means events without one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Filter {
    pub dimension: Dimension,
    /// Its value, exactly.
    pub value: String,
}
