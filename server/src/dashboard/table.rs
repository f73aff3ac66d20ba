//! Events as a table, for spreadsheets.

use domain::time::rfc3339;
use domain::usage::NanoUsd;
use vocabulary::{Dimension, wording};

use crate::store::StoredEvent;

const FACTS: [&str; 17] = [
    "id",
    "at",
    "endpoint",
    "endpoint_class",
    "status",
    "error_type",
    "error_code",
    "input_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "cache_read_tokens",
    "output_tokens",
    "cost_usd",
    "duration_ms",
    "ttft_ms",
    "attempt",
    "stop_reason",
];

/// The events as CSV. What is unknown is an empty cell.
pub(super) fn csv(events: &[StoredEvent]) -> String {
    let mut table = csv::Writer::from_writer(Vec::new());
    let dimensions = Dimension::ALL.iter().map(|dimension| dimension.word());
    // Writing into memory does not fail, and every row is as long as the head.
    let _ = table.write_record(FACTS.into_iter().chain(dimensions).chain(["labels"]));
    for stored in events {
        let _ = table.write_record(row(stored));
    }
    String::from_utf8(table.into_inner().unwrap_or_default()).unwrap_or_default()
}

fn row(stored: &StoredEvent) -> Vec<String> {
    let event = &stored.event;
    let usage = &event.usage;
    let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let failure = event.failure.clone().unwrap_or_default();
    let mut row = vec![
        text(&event.id),
        rfc3339(event.at_ms),
        text(&event.endpoint),
        event.endpoint_class.word().to_owned(),
        number(event.status.map(u64::from)),
        text(&failure.kind),
        text(&failure.code),
        number(usage.input_tokens),
        number(usage.cache_write_5m_tokens),
        number(usage.cache_write_1h_tokens),
        number(usage.cache_read_tokens),
        number(usage.output_tokens),
        stored.cost.map(NanoUsd::as_usd).map(|usd| usd.to_string()).unwrap_or_default(),
        number(event.duration_ms),
        number(event.ttft_ms),
        event.attempt.to_string(),
        text(&event.stop_reason),
    ];
    row.extend(Dimension::ALL.iter().map(|dimension| text(event.dimensions.get(*dimension))));
    let labels = &event.dimensions.labels;
    row.push(if labels.is_empty() {
        String::new()
    } else {
        text(&serde_json::to_string(labels).unwrap_or_default())
    });
    row
}

/// What begins a formula. Some programs read wide and small signs as the plain ones.
const SIGNS: [char; 12] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '﹢', '﹣', '﹦', '﹫'];

/// Text that hides nothing, and that a spreadsheet does not take for a formula, also where it passes over blanks.
pub(super) fn text(text: &str) -> String {
    let seen = wording::visible(text);
    let is_formula = |text: &str| text.trim_start().starts_with(SIGNS);
    // Breaks and tabs, too, which are written out here but stand for themselves again where somebody undoes that.
    if is_formula(&seen) || text.starts_with(|first: char| first.is_control()) {
        format!("'{seen}")
    } else {
        seen.into_owned()
    }
}
