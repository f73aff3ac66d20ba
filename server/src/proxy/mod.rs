//! The streaming proxy: calls pass through untouched, and what they used is read as it passes.

pub mod meter;
