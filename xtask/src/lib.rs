//! What the server's build script and the developer commands share.

pub mod cargo;
pub mod web;

pub use anyhow::Result;
