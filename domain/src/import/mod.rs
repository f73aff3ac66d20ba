//! Files into the items that [`read`](crate::read) makes events of.
//!
//! A [`file::Format`] turns the bytes of a file into items; the file is opened as often as it takes.
//!
//! To add a format: write `import/<format>.rs` with a `FORMAT`, then list it in [`FORMATS`].

pub mod csv;
pub mod file;
pub mod mapping;
pub mod ndjson;
pub mod notation;
pub mod shift;
pub mod time_format;
mod written;

/// Every file format `tacho import` reads, in the order in which they are tried.
pub const FORMATS: &[file::Format] = &[ndjson::FORMAT, csv::FORMAT];
