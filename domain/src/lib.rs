//! What Tacho knows of usage and limits. Values come in, values go out: nothing here waits, keeps a store, reads the
//! clock or speaks a protocol.
//!
//! The modules stand from the ground up: each uses only those above it in this list (`tests/it/architecture.rs`).

pub mod time;
pub mod usage;
pub mod pricing;
pub mod rollup;
pub mod limits;
pub mod alert;
pub mod read;
pub mod import;
pub mod meter;
