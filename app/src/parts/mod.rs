//! Pieces that pages are made of.

mod answer;
mod copy;
mod erase;
mod form;
mod gauge;
mod icon;
mod items;

pub use answer::{Answered, Asked, Followed, asked, asking};
pub use copy::CopyButton;
pub use erase::Erase;
pub use form::{IdButton, LastRefusal, PostForm};
pub use gauge::{Gauge, state_word};
pub use icon::{ICON, MARK, icon};
pub use items::Items;
