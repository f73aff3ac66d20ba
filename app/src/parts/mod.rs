//! Pieces that pages are made of.

mod answer;
mod copy;
mod gauge;

pub use answer::Answered;
pub use copy::CopyButton;
pub use gauge::{Gauge, state_word};
