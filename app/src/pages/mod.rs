//! One file per page.
//!
//! To add a page: a file here, and one route in `shell.rs`.

pub mod channels;
pub mod limits;
pub mod overview;
