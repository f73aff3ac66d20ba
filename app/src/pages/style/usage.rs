//! Made-up sums.

use crate::api::breakdown::{BreakdownRow, BreakdownSums};

const NAMES: [&str; 8] =
    ["checkout", "search", "support", "claude-code", "nightly", "evals", "docs", "playground"];

/// What so many calls add up to.
pub(super) fn sums(requests: u64, unpriced: u64, unknown_usage: u64) -> BreakdownSums {
    BreakdownSums {
        requests,
        input_tokens: requests * 1_480,
        cache_write_tokens: requests * 210,
        cache_read_tokens: requests * 9_300,
        output_tokens: requests * 412,
        cost_usd: requests.saturating_sub(unpriced) as f64 * 0.0123,
        unpriced,
        errors: requests / 90,
        throttled: requests / 200,
        unknown_usage,
    }
}

/// Both together.
pub(super) fn plus(one: BreakdownSums, other: BreakdownSums) -> BreakdownSums {
    BreakdownSums {
        requests: one.requests + other.requests,
        input_tokens: one.input_tokens + other.input_tokens,
        cache_write_tokens: one.cache_write_tokens + other.cache_write_tokens,
        cache_read_tokens: one.cache_read_tokens + other.cache_read_tokens,
        output_tokens: one.output_tokens + other.output_tokens,
        cost_usd: one.cost_usd + other.cost_usd,
        unpriced: one.unpriced + other.unpriced,
        errors: one.errors + other.errors,
        throttled: one.throttled + other.throttled,
        unknown_usage: one.unknown_usage + other.unknown_usage,
    }
}

/// A row of a table.
pub(super) fn row(name: &str, sums: BreakdownSums) -> BreakdownRow {
    BreakdownRow { value: name.to_owned(), name: name.to_owned(), sums }
}

/// Rows, the largest first.
pub(super) fn rows(number: usize) -> Vec<BreakdownRow> {
    let names = NAMES.iter().take(number).zip(1..);
    names.map(|(name, place)| row(name, sums(4_000 / (place * place), 0, 0))).collect()
}

/// What is left.
pub(super) fn others() -> BreakdownRow {
    row("", sums(37, 0, 0))
}
