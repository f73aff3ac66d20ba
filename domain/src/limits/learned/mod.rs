//! Limits that nobody typed: what the provider's response headers say about its own.
//!
//! [`headers`] reads them, [`pools`](super::pools) says which bucket they are about, and the [`Book`] keeps what they have taught:
//! amounts, when they changed, and when they were last named. What is left of a bucket goes to its replica.

mod book;
pub mod headers;
mod limiter;
mod named_by;
mod place;
mod room;
mod seen;
mod summary;

pub use book::{Book, Change, Lesson};
pub use headers::{Observation, Observed};
pub use limiter::{Burn, Family, Limiter};
pub use named_by::{NamedBy, Reporter};
pub use place::Place;
pub use seen::Seen;
