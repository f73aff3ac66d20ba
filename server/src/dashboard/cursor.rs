//! Where the next page of events begins.

use domain::usage::EventKey;
use vocabulary::Problem;

/// The cursor of the page after `at_ms` and `key`.
pub fn write_cursor(at_ms: i64, key: EventKey) -> String {
    format!("{at_ms}-{:032x}", u128::from_be_bytes(key.0))
}

/// The place that a cursor names.
pub fn read_cursor(text: &str) -> Result<(i64, EventKey), Problem> {
    let parts = text.split_once('-');
    let read = |(at_ms, key): (&str, &str)| {
        Some((at_ms.parse().ok()?, EventKey(u128::from_str_radix(key, 16).ok()?.to_be_bytes())))
    };
    parts.and_then(read).ok_or_else(|| {
        Problem::invalid("invalid_parameter", "`cursor` must be the `next_cursor` of the page before")
    })
}
