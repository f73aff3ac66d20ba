//! Tacho's server. The modules stand in the order in which a usage event travels through them.

pub mod alert;
pub mod dashboard;
pub mod http;
pub mod ingest;
pub mod limits;
pub mod pricing;
pub mod rollup;
pub mod store;
pub mod usage;
pub mod watch;

pub mod access;
pub mod assembly;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod policy;
