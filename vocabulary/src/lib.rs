//! The words that everything shares, from the store to the browser: measures, dimensions, severities, and how numbers,
//! times and foreign names are written for people. Nothing here knows an interface, a store or a clock.

mod dimension;
mod filter;
mod measure;
mod problem;
mod range;
mod severity;
pub mod view;
pub mod wording;
mod words;

pub use dimension::{Dimension, OVERFLOW};
pub use filter::Filter;
pub use measure::Measure;
pub use problem::{Problem, ProblemKind};
pub use range::Range;
pub use severity::Severity;
