//! Events rolled up: what a bucket sums, how long buckets are, and which dimensions a rollup keeps. Pure.

mod grain;
mod shape;
mod sums;

pub use grain::Grain;
pub use shape::{ROLLED_DIMENSIONS, Shape, series_id};
pub use sums::Sums;
pub use vocabulary::OVERFLOW;
