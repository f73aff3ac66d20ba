//! Pieces that pages are made of.

mod answer;
mod copy;
mod erase;
mod gauge;
mod items;

pub use answer::{Answered, Followed};
pub use copy::CopyButton;
pub use erase::Erase;
pub use gauge::{Gauge, state_word};
pub use items::Items;
