//! Tacho's server. The modules stand from the ground up.

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
pub mod assembly;
pub mod cli;
pub mod demo;
pub mod fuzz;
mod start_error;
