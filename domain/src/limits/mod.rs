//! Limits: how much usage is allowed, and how close we are. Pure: events and times come in, standings go out.
//!
//! To add a kind of limit: a file here with its `KIND`, and one word in [`KINDS`].
//!
//! Limits that response headers tell of ([`learned`]) have a source of their own and a replica of the provider's token
//! bucket; a standing is the worse of the count here and of the replica, and says which.

mod board;
mod cells;
mod concurrent_requests;
mod in_flight;
mod input_tokens_per_minute;
mod kind;
pub mod learned;
mod limit;
mod meter;
mod open_calls;
mod output_tokens_per_minute;
pub mod pools;
mod replica;
mod report;
mod reported;
mod requests_per_hour;
mod requests_per_minute;
mod reset_window;
mod spend_per_day;
mod spend_per_month;
mod subscription_window;
mod tally;
mod token_bucket;
mod tokens_per_day;
mod tokens_per_minute;
mod unseen;
mod window;

pub use board::{Board, Glance, MOST_VALUES, Measured, Models, SeedNeed, TouchedReading, WantedCall};
pub use kind::{Count, Kind, Unit, UnitError, WindowShape};
pub use limit::{Limit, LimitError, Scope, Source};
pub use meter::{LATENESS_S, Reading};
pub use open_calls::{Held, Hold, OpenCalls};
pub use replica::ReplicaReading;
pub use report::Report;
pub use reported::Spoke;
pub use reset_window::JITTER_MS;
pub use tally::Tally;
pub use token_bucket::{Refill, Short, TokenBucket};
pub use unseen::Unseen;
pub use window::Period;

/// Every kind of limit that can be added, in the order they are offered.
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

/// Kinds that only response headers tell of: nobody can add one.
const REPORTED_KINDS: &[&Kind] = &[&tokens_per_minute::KIND, &subscription_window::KIND];

/// The length of the longest rolling window, in seconds.
pub fn longest_rolling_s() -> i64 {
    let lengths = KINDS.iter().map(|kind| match kind.window {
        WindowShape::Rolling { length_s } => length_s,
        WindowShape::Calendar(_) | WindowShape::Reported => 0,
    });
    lengths.max().unwrap_or(0)
}

/// The kind with this word.
pub fn kind(word: &str) -> Option<&'static Kind> {
    KINDS.iter().chain(REPORTED_KINDS).copied().find(|kind| kind.word == word)
}

/// The kind with this word that can be added.
pub fn kind_to_add(word: &str) -> Option<&'static Kind> {
    kind(word).filter(|kind| !kind.is_reported())
}
