//! What every store answers people and programs.

pub mod busiest;
mod gaps;
pub mod policies;
pub mod remarks;
pub mod throttled;

use domain::rollup::Sums;
use serde_json::json;
use server::store::{
    EventQuery, Most, OVERFLOW, SeriesQuery, SeriesRow, SeriesSource, Store, TopSeries, plan,
};
use vocabulary::{Dimension, Filter, Measure};

use crate::harness::tacho::NOON_MS;
use crate::store::MINUTE_MS;
use crate::store::corrections::{all_events, ingest};

contract! {
    the_largest_groups_are_told_apart_and_the_others_are_one,
    a_page_of_events_is_what_the_ledger_says,
}

fn row(bucket_ms: i64, key: &str, requests: i64, input_tokens: i64) -> SeriesRow {
    let sums =
        Sums { requests, input_tokens, unpriced: requests, unknown_usage: requests, ..Sums::default() };
    SeriesRow { bucket_ms, key: vec![key.to_owned()], sums }
}

async fn the_largest_groups_are_told_apart_and_the_others_are_one(store: &dyn Store) {
    let mut items = Vec::new();
    for (name, tokens) in [("a", [1, 9]), ("b", [50, 0]), ("c", [4, 4]), ("d", [4, 6])] {
        for (minute, tokens) in (0..).zip(tokens) {
            let at = NOON_MS + minute * MINUTE_MS;
            items.push(json!({
                "id": format!("{name}{minute}"), "at": at, "model": "m", "user": name, "session": name,
                "usage": { "input_tokens": tokens },
            }));
        }
    }
    // Twice in the same minute.
    items.push(json!({ "id": "c2", "at": NOON_MS, "model": "m", "user": "c", "session": "c", "usage": { "input_tokens": 0 } }));
    let top = async |by: &[Dimension], groups, measure| {
        let query = plan::query(by, &[], NOON_MS, NOON_MS + 2 * MINUTE_MS, MINUTE_MS);
        let mut top = store.top_series(&query, Most { groups, by: measure }).await.unwrap();
        assert!(top.rows.is_sorted_by_key(|row| row.bucket_ms));
        top.rows.sort_by(|a, b| (a.bucket_ms, &a.key).cmp(&(b.bucket_ms, &b.key)));
        top
    };
    assert_eq!(top(&[Dimension::User], 3, Measure::Requests).await, TopSeries { rows: vec![], groups: 0 });
    ingest(store, &items).await;
    let later_ms = NOON_MS + MINUTE_MS;
    for by in [Dimension::User, Dimension::Session] {
        // Of `a` and `d`, which have used as much, the first by name.
        let tokens = TopSeries {
            rows: vec![
                row(NOON_MS, OVERFLOW, 3, 8),
                row(NOON_MS, "a", 1, 1),
                row(NOON_MS, "b", 1, 50),
                row(later_ms, OVERFLOW, 2, 10),
                row(later_ms, "a", 1, 9),
                row(later_ms, "b", 1, 0),
            ],
            groups: 4,
        };
        assert_eq!(top(&[by], 2, Measure::InputTokens).await, tokens, "{by:?}");
        let requests = top(&[by], 1, Measure::Requests).await;
        assert_eq!(requests.rows[1], row(NOON_MS, "c", 2, 4), "{by:?}");
        let all = top(&[by], 4, Measure::Requests).await;
        assert_eq!((all.rows.len(), all.groups), (8, 4));
        assert!(all.rows.iter().all(|row| row.key != [OVERFLOW]));
    }
    let two = top(&[Dimension::Session, Dimension::Model], 1, Measure::InputTokens).await;
    assert_eq!(two.rows[0].key, [OVERFLOW, OVERFLOW]);
    assert_eq!(two.rows[1].key, ["b", "m"]);
    let total = top(&[], 1, Measure::Requests).await;
    assert_eq!((total.rows.len(), total.groups, total.rows[0].sums.requests), (2, 1, 5));
}

async fn a_page_of_events_is_what_the_ledger_says(store: &dyn Store) {
    let item = |number: i64| {
        json!({
            "id": format!("e{number}"), "at": NOON_MS + number, "model": format!("m{}", number % 2),
            "duration_ms": 30_000 * number,
        })
    };
    ingest(store, &(0..6).map(item).collect::<Vec<_>>()).await;
    let filters = vec![Filter::only(Dimension::Model, "m1")];
    let all = store.events(&all_events()).await.unwrap();
    let before = Some((all[1].event.at_ms, all[1].key));
    for (query, expected) in [
        (all_events(), vec![5, 4, 3, 2, 1, 0]),
        (EventQuery { limit: 2, ..all_events() }, vec![5, 4]),
        (EventQuery { before, limit: 2, ..all_events() }, vec![3, 2]),
        (EventQuery { filters, ..all_events() }, vec![5, 3, 1]),
        (EventQuery { filters: vec![Filter::except(Dimension::Model, "m1")], ..all_events() }, vec![4, 2, 0]),
        (EventQuery { only_long: true, ..all_events() }, vec![5, 4, 3, 2]),
        (EventQuery { from_ms: NOON_MS + 2, to_ms: NOON_MS + 4, ..all_events() }, vec![3, 2]),
    ] {
        let page = store.page_of_events(&query).await.unwrap();
        let ids: Vec<String> = page.iter().map(|stored| stored.event.id.clone()).collect();
        assert_eq!(ids, expected.iter().map(|number| format!("e{number}")).collect::<Vec<_>>(), "{query:?}");
        assert_eq!(page, store.events(&query).await.unwrap());
    }
}

/// A question for sums over the events themselves is one that reads each of them.
#[test]
fn sessions_are_asked_of_the_events() {
    let SeriesQuery { source, .. } = plan::query(&[Dimension::Session], &[], NOON_MS, NOON_MS + 1, MINUTE_MS);
    assert_eq!(source, SeriesSource::Raw);
}
