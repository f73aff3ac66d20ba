//! Foreign data in, events out, and nothing that is wrong gets through unnoticed.
//!
//! A body travels through the stages in this order: [`inflate`] undoes its encoding, [`split`] finds its items, and
//! [`event`] makes an event of each item and checks it. The [`answer`] says item by item what became of them. A stage
//! either hands on or refuses with a code and a sentence that says how to put it right; one wrong item never takes
//! others down with it. What an item held is never repeated in a refusal: it might be anything.

pub mod answer;
pub mod bounds;
pub mod context;
pub mod digest;
pub mod event;
pub(crate) mod fields;
pub mod inflate;
pub mod item;
mod names;
pub mod plausible;
pub mod refusal;
pub(crate) mod said;
pub(crate) mod scan;
pub mod split;
pub(crate) mod time;
mod told;
pub(crate) mod tokens;

#[cfg(test)]
mod tests;
