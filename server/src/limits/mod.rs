//! Limits: how much usage is allowed, and how close we are. Pure: events and times come in, standings go out.
//!
//! To add a kind of limit: a file here with its `KIND`, and one word in [`KINDS`].
//!
//! Learned limits will come with a source of their own and a replica of the provider's token bucket; a
//! standing is then the worse of the count here and of the replica.

mod board;
mod cells;
mod concurrent_requests;
mod in_flight;
mod input_tokens_per_minute;
mod kind;
mod limit;
mod meter;
mod output_tokens_per_minute;
mod requests_per_hour;
mod requests_per_minute;
mod spend_per_day;
mod spend_per_month;
mod token_bucket;
mod tokens_per_day;
mod window;

pub use board::{Board, SeedNeed, StandingReading, TouchedReading};
pub use kind::{Count, Kind, Unit, UnitError, WindowShape};
pub use limit::{Limit, LimitError, Scope, Source};
pub use meter::{LATENESS_S, Reading};
pub use token_bucket::{Refill, Short, TokenBucket};
pub use window::Period;

/// Every kind of limit, in the order they are offered.
pub const KINDS: &[&Kind] = &[
    &requests_per_minute::KIND,
    &input_tokens_per_minute::KIND,
    &output_tokens_per_minute::KIND,
    &requests_per_hour::KIND,
    &tokens_per_day::KIND,
    &concurrent_requests::KIND,
    &spend_per_day::KIND,
    &spend_per_month::KIND,
];

/// The length of the longest rolling window, in seconds.
pub fn longest_rolling_s() -> i64 {
    let lengths = KINDS.iter().map(|kind| match kind.window {
        WindowShape::Rolling { length_s } => length_s,
        WindowShape::Calendar(_) => 0,
    });
    lengths.max().unwrap_or(0)
}

/// The kind with this word.
pub fn kind(word: &str) -> Option<&'static Kind> {
    KINDS.iter().copied().find(|kind| kind.word == word)
}
