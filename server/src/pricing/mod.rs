//! Usage into money, at the price of the day. Pure.
//!
//! A price change is a row in `prices.toml`. What has no price is unpriced, never 0.

mod book;
mod model;
mod rate;

pub use book::{PriceBook, PriceError};
pub use model::canonical;
