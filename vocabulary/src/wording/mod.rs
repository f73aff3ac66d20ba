//! Numbers, times and names into words. Pure, and the same on the server and in the browser.

mod moments;
mod names;
mod numbers;

pub use moments::{ago, clock, date, date_and_clock, duration, span, step};
pub use names::{line, name, passage, sentence, visible};
pub use numbers::{amount, count, exact, exact_usd, fixed, percent, plain, short, unpriced, usd};
