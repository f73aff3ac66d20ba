//! What pages offer to choose from.

use vocabulary::{Dimension, Measure};

/// Measures, in their order.
pub const MEASURES: [Measure; 7] = [
    Measure::Requests,
    Measure::ItpmTokens,
    Measure::OutputTokens,
    Measure::TotalTokens,
    Measure::CostUsd,
    Measure::Throttled,
    Measure::Errors,
];

/// Dimensions of the second table; sessions are only kept with events.
pub const DIMENSIONS: [Dimension; 6] = [
    Dimension::Project,
    Dimension::Feature,
    Dimension::User,
    Dimension::ApiKey,
    Dimension::Workspace,
    Dimension::Organization,
];
