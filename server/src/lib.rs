//! Tacho's server. The modules stand in the order in which a usage event travels through them.

pub mod store;
pub mod proxy;
pub mod alert;
pub mod watch;
pub mod record;
pub mod dashboard;
pub mod http;

pub mod access;
pub mod assembly;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod fuzz;
pub mod policy;
pub mod private;
mod start_error;
