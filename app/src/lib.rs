//! What people see: Tacho's interface. Pages are drawn here, on the server, and nowhere else; browsers are sent HTML, and keep
//! it up to date (`browser`).
//!
//! The modules stand from the ground up: each uses only those above it in this list (`tests/it/architecture.rs`).

// Views nest their types; this is as deep as the largest page goes.
#![recursion_limit = "256"]

pub mod api;
pub mod text;
pub mod documents;
pub mod reader;
pub mod parts;
pub mod plot;
pub mod frame;
pub mod pages;
pub mod shell;
