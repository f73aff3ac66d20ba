//! How Tacho itself is: what it keeps, what waits, what it has refused.

use leptos::prelude::*;

use crate::reader::Reader;

/// What is told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct HealthPage {
    pub version: String,
    /// Where everything is kept, and how large that is.
    pub data_dir: String,
    pub database_bytes: u64,
    /// The first event there is, Unix milliseconds.
    pub first_ms: Option<i64>,
    /// Events that wait in a file.
    pub waiting_bytes: u64,
    /// Events of the proxy lost since Tacho started.
    pub lost: u64,
    /// Events refused in the last day.
    pub refused: u64,
    /// Events of the last day with fields that could not be read.
    pub unreadable: u64,
    /// Whether something can be stored at present.
    pub stores: bool,
    /// Bytes of events that wait to be stored.
    pub queued_bytes: u64,
}

/// The facts.
pub fn health(reader: &Reader, health: &HealthPage) -> AnyView {
    let text = &reader.text().health;
    let megabytes = |bytes: u64| format!("{}\u{a0}MB", vocabulary::wording::fixed(bytes as f64 / 1e6, 1));
    let fact = |name: &'static str, said: String, is_bad: bool| {
        view! { <div data-bad=is_bad.then_some("")><dt>{name}</dt><dd>{said}</dd></div> }
    };
    let number = |number: u64| reader.exact(number as f64);
    let waiting = |bytes: u64| if bytes > 0 { megabytes(bytes) } else { number(0) };
    let storing = if health.stores { text.stores } else { text.stores_not };
    view! {
        <dl class="facts-list">
            {fact(text.version, health.version.clone(), false)}
            {fact(text.storage, storing.to_owned(), !health.stores)}
            {fact(text.database, format!("{} · {}", megabytes(health.database_bytes), health.data_dir), false)}
            {fact(text.first_event, health.first_ms.map_or_else(|| "·".to_owned(), |at_ms| reader.date_and_clock(at_ms / 1_000)), false)}
            {fact(text.queue, waiting(health.queued_bytes), false)}
            {fact(text.waiting, waiting(health.waiting_bytes), health.waiting_bytes > 0)}
            {fact(text.lost, number(health.lost), health.lost > 0)}
            {fact(text.refused, number(health.refused), health.refused > 0)}
            {fact(text.unreadable, number(health.unreadable), health.unreadable > 0)}
        </dl>
        <p class="footnote"><a href="/docs/operations">{reader.text().docs.operations}</a></p>
    }
    .into_any()
}
