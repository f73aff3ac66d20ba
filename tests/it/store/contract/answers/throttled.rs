//! When calls were throttled last, as stores tell it.

use serde_json::{Value, json};
use server::store::{Largest, Store, Throttled};
use vocabulary::{Dimension, Filter};

use crate::harness::tacho::NOON_MS;
use crate::store::corrections::ingest;
use crate::store::{HOUR_MS, MINUTE_MS};

contract! {
    the_latest_minute_is_told_and_what_most_of_its_calls_were_about,
    only_what_is_asked_for_is_looked_at,
}

/// Stretches of time, and filters, to ask about.
pub fn questions() -> Vec<(i64, i64, Vec<Filter>)> {
    let minutes_ago = [(3_000, -1), (2_999, 700), (1_501, 61), (59, 1), (1, 1)];
    let only = |dimension, value: &str| Filter::only(dimension, value);
    let filters = [
        vec![],
        vec![only(Dimension::Model, "claude-opus-5-5"), only(Dimension::Model, "unheard-of")],
        vec![only(Dimension::User, "u_1"), only(Dimension::Project, "a")],
        vec![only(Dimension::Session, "s_1")],
    ];
    let at = |minutes_ago: i64| NOON_MS - minutes_ago * MINUTE_MS;
    let spans = minutes_ago.map(|(from, to)| (at(from), at(to)));
    let with = |(from_ms, to_ms)| filters.clone().map(|filters| (from_ms, to_ms, filters));
    spans.into_iter().flat_map(with).collect()
}

async fn put(store: &dyn Store, calls: &[(i64, u16, &str, &str)]) {
    let items: Vec<Value> = calls
        .iter()
        .enumerate()
        .map(|(number, (minutes_ago, status, model, project))| {
            json!({
                "id": format!("e{number}"), "at": NOON_MS - minutes_ago * MINUTE_MS + 1, "model": model,
                "project": project, "status": status,
            })
        })
        .collect();
    ingest(store, &items).await;
}

fn largest(value: &str, calls: u64, values: u64) -> Largest {
    Largest { value: value.to_owned(), calls, values }
}

/// A minute with one call.
fn throttled(minutes_ago: i64, model: &str, project: &str) -> Option<Throttled> {
    let minute_ms = NOON_MS - minutes_ago * MINUTE_MS;
    Some(Throttled { minute_ms, calls: 1, models: largest(model, 1, 1), projects: largest(project, 1, 1) })
}

async fn the_latest_minute_is_told_and_what_most_of_its_calls_were_about(store: &dyn Store) {
    assert_eq!(store.last_throttled(0, NOON_MS, &[]).await.unwrap(), None);
    let calls = [
        (1, 200, "n", "b"),
        (1, 529, "n", "b"),
        (50 * 60, 429, "m", "a"),
        (70, 429, "m", "a"),
        (70, 429, "m", "b"),
        (70, 429, "o", ""),
        (70, 429, "o", ""),
        (70, 200, "n", "b"),
        (70, 200, "n", "b"),
    ];
    put(store, &calls).await;
    // Of as many the first by name.
    let last = store.last_throttled(0, NOON_MS + HOUR_MS, &[]).await.unwrap();
    let minute_ms = NOON_MS - 70 * MINUTE_MS;
    let (models, projects) = (largest("m", 2, 2), largest("", 2, 3));
    assert_eq!(last, Some(Throttled { minute_ms, calls: 4, models, projects }));
}

async fn only_what_is_asked_for_is_looked_at(store: &dyn Store) {
    put(store, &[(3_000, 429, "m", "a"), (61, 429, "m", "a"), (60, 429, "n", "b"), (5, 429, "o", "")]).await;
    let last = async |from: i64, to: i64, filters: &[Filter]| {
        let at = |minutes_ago: i64| NOON_MS - minutes_ago * MINUTE_MS;
        store.last_throttled(at(from), at(to), filters).await.unwrap()
    };
    assert_eq!(last(9_000, 0, &[]).await, throttled(5, "o", ""));
    assert_eq!(last(9_000, 5, &[]).await, throttled(60, "n", "b"), "to exclusive");
    assert_eq!(last(60, 5, &[]).await, throttled(60, "n", "b"), "from inclusive");
    assert_eq!(last(59, 5, &[]).await, None);
    assert_eq!(last(9_000, 60, &[]).await, throttled(61, "m", "a"));
    assert_eq!(last(9_000, 61, &[]).await, throttled(3_000, "m", "a"));
    let only = Filter::only(Dimension::Project, "a");
    assert_eq!(last(9_000, 0, &[only]).await, throttled(61, "m", "a"));
}
