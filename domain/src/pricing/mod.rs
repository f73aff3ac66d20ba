//! Usage into money, at the price of the day. Pure.
//!
//! A price change is a row in `prices.toml`, a name of a model a word in `models.toml`, and what a cloud or a gateway asks
//! a row in `providers.toml`, a region of a cloud a word in `regions.toml`. What has no price is unpriced, never 0.

mod book;
mod model;
mod offer;
mod price;
mod provider;
mod rate;
mod region;
mod spelling;

pub use book::PriceBook;
pub use price::PriceError;
pub use spelling::{FIRST_PARTY, Spelling, canonical, lower};
