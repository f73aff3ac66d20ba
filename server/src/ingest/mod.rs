//! Foreign data in, events out, and nothing that is wrong gets through unnoticed.
//!
//! A body travels through the stages in this order: [`inflate`] undoes its encoding, [`split`] finds its
//! items, [`read`] makes an event of each item and checks it, and the [`recorder`] stores events durably.
//! The [`answer`] says item by item what became of them. A stage either hands on or refuses with a code and a
//! sentence that says how to put it right; one wrong item never takes others down with it. What an item held
//! is never repeated in a refusal: it might be anything.
//!
//! `tacho import` enters through a [`file::Format`], which turns a file into the same items.
//!
//! A [`source`] is the file itself, opened as often as it takes.
//!
//! To add a format: write `ingest/<format>.rs` with a `FORMAT`, then list it in [`FORMATS`].

pub mod answer;
pub mod bounds;
pub mod csv;
pub mod digest;
pub(crate) mod fields;
pub mod file;
pub mod inflate;
pub mod intake;
pub mod item;
pub mod mapping;
mod names;
pub mod ndjson;
pub mod plausible;
pub mod read;
pub mod read_only;
pub mod recorder;
pub mod refusal;
pub(crate) mod said;
mod scan;
pub mod shift;
pub mod source;
pub mod split;
mod time;
mod told;
pub(crate) mod tokens;
mod utf16;

#[cfg(test)]
mod edges;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod lenient;
#[cfg(test)]
mod properties;

/// Every file format `tacho import` reads, in the order in which they are tried.
pub const FORMATS: &[file::Format] = &[ndjson::FORMAT, csv::FORMAT];
