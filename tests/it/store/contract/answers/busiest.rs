//! The busiest windows of each bucket, as stores tell them.

use domain::rollup::Grain;
use serde_json::{Value, json};
use server::store::{Busiest, SeriesQuery, Store, plan};
use vocabulary::{Dimension, Filter, Measure};

use crate::harness::tacho::NOON_MS;
use crate::store::corrections::ingest;
use crate::store::{HOUR_MS, MINUTE_MS};

contract! {
    of_each_bucket_the_busiest_window_is_told,
    each_measure_has_a_busiest_window_of_its_own,
    what_filters_let_through_is_summed_together,
}

/// Windows that fit the buckets of a question.
pub fn windows(question: &SeriesQuery) -> impl Iterator<Item = Grain> {
    let edges_ms = [question.from_ms, question.step_ms];
    let fits = move |grain: &Grain| edges_ms.iter().all(|ms| ms % grain.length_ms() == 0);
    [Grain::Minute, Grain::Hour, Grain::Day].into_iter().filter(fits)
}

const DAY_MS: i64 = 24 * HOUR_MS;
const MIDNIGHT_MS: i64 = NOON_MS - 12 * HOUR_MS;

fn call(number: usize, minute: i64, model: &str, tokens: u64) -> Value {
    json!({
        "id": format!("e{number}"), "at": MIDNIGHT_MS + minute * MINUTE_MS + 59_999, "model": model,
        "user": format!("u_{number}"), "session": model, "usage": { "input_tokens": tokens, "output_tokens": 1 },
    })
}

async fn put(store: &dyn Store, calls: &[(i64, &str, u64)]) {
    let calls = calls.iter().enumerate();
    let items: Vec<Value> =
        calls.map(|(number, (minute, model, tokens))| call(number, *minute, model, *tokens)).collect();
    ingest(store, &items).await;
}

async fn told(
    store: &dyn Store,
    filters: &[Filter],
    step_ms: i64,
    window: Grain,
    of: &[Measure],
) -> Vec<(i64, Vec<f64>)> {
    let query = plan::query(&[Dimension::User], filters, MIDNIGHT_MS, NOON_MS, step_ms);
    let rows = store.busiest(&query, window, of).await.unwrap();
    rows.into_iter()
        .map(|Busiest { bucket_ms, most }| ((bucket_ms - MIDNIGHT_MS) / MINUTE_MS, most))
        .collect()
}

async fn of_each_bucket_the_busiest_window_is_told(store: &dyn Store) {
    put(store, &[(0, "m", 1), (0, "n", 1), (1, "m", 1), (59, "m", 1), (60, "m", 1), (300, "m", 1)]).await;
    let requests = async |step_ms, window| {
        let rows = told(store, &[], step_ms, window, &[Measure::Requests]).await;
        rows.into_iter().map(|(minute, most)| (minute, most[0])).collect::<Vec<_>>()
    };
    assert_eq!(requests(HOUR_MS, Grain::Minute).await, [(0, 2.0), (60, 1.0), (300, 1.0)]);
    assert_eq!(requests(2 * HOUR_MS, Grain::Hour).await, [(0, 4.0), (240, 1.0)]);
    assert_eq!(requests(HOUR_MS, Grain::Hour).await, [(0, 4.0), (60, 1.0), (300, 1.0)]);
    assert_eq!(requests(DAY_MS, Grain::Minute).await, [(0, 2.0)]);
    assert_eq!(requests(DAY_MS, Grain::Day).await, [(0, 6.0)]);
}

async fn each_measure_has_a_busiest_window_of_its_own(store: &dyn Store) {
    put(store, &[(0, "claude-opus-5-5", 9), (1, "m", 1), (1, "m", 2)]).await;
    let of = [Measure::TotalTokens, Measure::Requests, Measure::Errors, Measure::CostUsd];
    let rows = told(store, &[], HOUR_MS, Grain::Minute, &of).await;
    let [(0, most)] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!(most[..3], [10.0, 2.0, 0.0]);
    assert!(most[3] > 0.0 && most[3] < 0.01, "{most:?}");
    assert_eq!(told(store, &[], HOUR_MS, Grain::Minute, &[]).await, [(0, vec![])]);
}

async fn what_filters_let_through_is_summed_together(store: &dyn Store) {
    put(store, &[(0, "m", 1), (0, "n", 1), (0, "o", 1), (7, "o", 1), (7, "o", 1)]).await;
    let only = |dimension, value: &str| Filter::only(dimension, value);
    let both = [only(Dimension::Model, "m"), only(Dimension::Model, "n")];
    let of = [Measure::Requests];
    assert_eq!(told(store, &both, HOUR_MS, Grain::Minute, &of).await, [(0, vec![2.0])]);
    let two = [only(Dimension::Model, "o"), only(Dimension::User, "u_3")];
    assert_eq!(told(store, &two, HOUR_MS, Grain::Minute, &of).await, [(0, vec![1.0])]);
    // Which only events carry.
    let session = [only(Dimension::Session, "o")];
    assert_eq!(told(store, &session, HOUR_MS, Grain::Minute, &of).await, [(0, vec![2.0])]);
    assert_eq!(told(store, &session, HOUR_MS, Grain::Hour, &of).await, [(0, vec![3.0])]);
    assert_eq!(told(store, &[only(Dimension::Model, "p")], HOUR_MS, Grain::Minute, &of).await, []);
}
