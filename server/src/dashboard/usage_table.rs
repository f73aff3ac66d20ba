//! A table of sums as a file, for spreadsheets.

use app::api::breakdown::{Breakdown, BreakdownRow};
use domain::time::rfc3339;

use super::span::BinnedSpan;
use super::table::text;

/// What tells spreadsheets that a file is UTF-8 (a byte order mark): Excel reads names of other alphabets wrong without it.
const IS_UTF8: &str = "\u{feff}";

/// As CSV, a row for each value: exact numbers, the whole stretch in each row.
pub(super) fn csv(breakdown: &Breakdown, span: &BinnedSpan) -> String {
    let mut table = csv::Writer::from_writer(Vec::new());
    let (from, to) = (rfc3339(span.start_ms()), rfc3339(span.end_ms()));
    let head = [
        "from",
        "to",
        breakdown.by.word(),
        "requests",
        "input_tokens",
        "cache_write_tokens",
        "cache_read_tokens",
        "output_tokens",
        "cost_usd",
        "errors",
        "throttled",
        "unpriced_requests",
        "unknown_usage_requests",
    ];
    // Writing into memory does not fail, and every row is as long as the head.
    let _ = table.write_record(head);
    let others = breakdown.others.as_ref().map(|row| ("(other)".to_owned(), row));
    let rows = breakdown.rows.iter().map(|row| (text(&row.value), row));
    for (value, BreakdownRow { sums, .. }) in rows.chain(others) {
        // What is not known is left empty, never 0; where some of it is known, the last columns say how much is left out.
        let tokens = |count: u64| match count == 0 && sums.unknown_usage > 0 {
            true => String::new(),
            false => count.to_string(),
        };
        let is_unpriced = sums.cost_usd == 0.0 && sums.unpriced > 0;
        let _ = table.write_record([
            from.clone(),
            to.clone(),
            value,
            sums.requests.to_string(),
            tokens(sums.input_tokens),
            tokens(sums.cache_write_tokens),
            tokens(sums.cache_read_tokens),
            tokens(sums.output_tokens),
            if is_unpriced { String::new() } else { sums.cost_usd.to_string() },
            sums.errors.to_string(),
            sums.throttled.to_string(),
            sums.unpriced.to_string(),
            sums.unknown_usage.to_string(),
        ]);
    }
    let text = String::from_utf8(table.into_inner().unwrap_or_default()).unwrap_or_default();
    if text.is_ascii() { text } else { format!("{IS_UTF8}{text}") }
}
