//! Tacho's server.
//!
//! The modules stand from the ground up: each uses only those above it in this list (`tests/it/architecture.rs`).

pub mod clock;
pub mod private;
pub mod wire;
pub mod secrets;
pub mod alert;
pub mod store;
pub mod watch;
pub mod record;
pub mod access;
pub mod proxy;
pub mod config;
pub mod dashboard;
pub mod commands;
pub mod http;
mod start_error;
pub mod assembly;
pub mod demo;
pub mod cli;
pub mod fuzz;
