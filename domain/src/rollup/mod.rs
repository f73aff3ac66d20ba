//! Events rolled up: what a bucket sums, how long buckets are, and which dimensions a rollup keeps. Pure.

mod grain;
mod shape;
mod sums;

pub use grain::Grain;
pub use shape::{ROLLED_DIMENSIONS, Shape, series_id};
pub use sums::Sums;

/// What stands in place of a value for all those beyond a cap, which are summed or counted together.
pub const OVERFLOW: &str = "(other)";
