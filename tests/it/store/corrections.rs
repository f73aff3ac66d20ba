//! What is deleted and put right: every store has the same afterwards, and its rollups hold what its events hold.

mod lookup;

use std::sync::Arc;

use domain::read::bounds::MAX_INTEGER;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use server::record::intake::correct::{deletion, replacement};
use server::record::recorder::Unwatched;
use server::store::memory::MemoryStore;
use server::store::plan;
use server::store::{AlertChanges, Author, Corrected, Correction, Entry, EventQuery, Fate, Store};
use vocabulary::Dimension;

use super::{HOUR_MS, MINUTE_MS, PRICES, event, questions, reading, sqlite, stored};
use crate::harness::tacho::NOON_MS;

/// One thing that happens to a store.
#[derive(Debug, Clone)]
enum Step {
    Ingest(Vec<Value>),
    Correct(Vec<Change>),
}

#[derive(Debug, Clone)]
pub enum Change {
    Delete { id: String, project: Option<String> },
    Replace { item: Value, project: Option<String> },
}

pub fn author() -> Author {
    Author { key_public: "abcd".to_owned(), key_name: "ops".to_owned(), address: None }
}

pub fn judge() -> Unwatched {
    Unwatched { author: author(), now_ms: NOON_MS }
}

pub fn correction(change: &Change) -> Correction {
    match change {
        Change::Delete { id, project } => deletion(id, project.as_deref()),
        Change::Replace { item, project } => corrected(item, project.as_deref()),
    }
}

/// A correction as it comes out of `POST /v1/events/correct`.
fn corrected(item: &Value, project: Option<&str>) -> Correction {
    replacement(reading(item, NOON_MS), project, PRICES.clone())
}

pub async fn ingest(store: &dyn Store, items: &[Value]) -> Vec<Fate> {
    let batch: Vec<Entry> = items.iter().map(stored).collect();
    store.ingest(&batch, &mut |_: &[&Entry]| AlertChanges::default()).await.unwrap()
}

pub async fn correct(store: &dyn Store, changes: &[Change]) -> Vec<Corrected> {
    let corrections: Vec<Correction> = changes.iter().map(correction).collect();
    store.correct(&corrections, &mut judge()).await.unwrap()
}

prop_compose! {
    /// An event, now and then one whose sums stop at their bound.
    fn any_event()(event in event(), is_absurd in prop::bool::weighted(0.15)) -> Value {
        let mut event = event;
        if is_absurd {
            event["usage"] = json!({ "input_tokens": MAX_INTEGER, "output_tokens": MAX_INTEGER });
        }
        event
    }
}

fn step() -> impl Strategy<Value = Step> {
    let project = || prop::option::of(prop::sample::select(vec![String::new(), "a".into(), "b".into()]));
    let delete =
        (0..40u32, project()).prop_map(|(id, project)| Change::Delete { id: format!("e{id}"), project });
    let replace = (any_event(), project(), any::<bool>()).prop_map(|(mut item, project, keeps_time)| {
        if keeps_time {
            item["at"] = Value::Null;
        }
        Change::Replace { item, project }
    });
    let change = prop_oneof![delete, replace];
    prop_oneof![
        prop::collection::vec(any_event(), 1..25).prop_map(Step::Ingest),
        prop::collection::vec(change, 1..15).prop_map(Step::Correct),
    ]
}

pub fn all_events() -> EventQuery {
    EventQuery { from_ms: 0, to_ms: i64::MAX, filters: vec![], only_long: false, before: None, limit: 10_000 }
}

/// Rollup rows without any event.
async fn empty_rows(directory: &std::path::Path) -> i64 {
    let database = format!("sqlite://{}", directory.join("tacho.db").display());
    let pool = sqlx::SqlitePool::connect(&database).await.unwrap();
    let mut empty = 0;
    for table in ["rollup_minute", "rollup_hour", "rollup_day"] {
        let sql = sqlx::AssertSqlSafe(format!("select count(*) from {table} where requests = 0"));
        empty += sqlx::query_scalar::<_, i64>(sql).fetch_one(&pool).await.unwrap();
    }
    pool.close().await;
    empty
}

#[test]
fn whatever_is_put_right_rollups_hold_what_the_events_hold() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let cases = ProptestConfig { cases: 24, ..ProptestConfig::default() };
    TestRunner::new(cases)
        .run(&prop::collection::vec(step(), 2..9), |steps| {
            runtime.block_on(async {
                let directories = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
                let stores: [Arc<dyn Store>; 3] = [
                    Arc::new(MemoryStore::default()),
                    Arc::new(sqlite(directories[0].path(), 100_000).await),
                    // Most of its series lie beyond the cap.
                    Arc::new(sqlite(directories[1].path(), 12).await),
                ];
                for step in &steps {
                    match step {
                        Step::Ingest(items) => {
                            let fates = ingest(&*stores[0], items).await;
                            for store in &stores[1..] {
                                prop_assert_eq!(&ingest(&**store, items).await, &fates);
                            }
                        }
                        Step::Correct(changes) => {
                            let fates = correct(&*stores[0], changes).await;
                            for store in &stores[1..] {
                                prop_assert_eq!(&correct(&**store, changes).await, &fates);
                            }
                        }
                    }
                    for store in &stores {
                        prop_assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
                    }
                }
                let oracle = &stores[0];
                for store in &stores[1..] {
                    prop_assert_eq!(
                        store.events(&all_events()).await.unwrap(),
                        oracle.events(&all_events()).await.unwrap()
                    );
                    prop_assert_eq!(
                        store.audit(None, 1_000).await.unwrap(),
                        oracle.audit(None, 1_000).await.unwrap()
                    );
                }
                for question in questions() {
                    let sorted = async |store: &Arc<dyn Store>| {
                        let mut rows = store.series(&question).await.unwrap();
                        rows.sort_by(|a, b| (a.bucket_ms, &a.key).cmp(&(b.bucket_ms, &b.key)));
                        rows
                    };
                    prop_assert_eq!(sorted(oracle).await, sorted(&stores[1]).await, "{:?}", question);
                    // Beyond the cap only totals are told apart.
                    if question.by.is_empty() && question.filters.is_empty() {
                        prop_assert_eq!(sorted(oracle).await, sorted(&stores[2]).await, "{:?}", question);
                    }
                }
                for directory in &directories {
                    prop_assert_eq!(empty_rows(directory.path()).await, 0);
                }
                Ok(())
            })
        })
        .unwrap();
}

#[tokio::test]
async fn a_sum_that_has_stopped_at_its_bound_is_counted_anew() {
    let directory = tempfile::tempdir().unwrap();
    // With room for every series, and with room for the first only.
    for max_series in [100_000, 9] {
        let directory = directory.path().join(max_series.to_string());
        let store = sqlite(&directory, max_series).await;
        let store: &dyn Store = &store;
        let item = |number: u64, tokens: u64| {
            json!({
                "id": format!("e{number}"), "at": NOON_MS - HOUR_MS, "model": "claude-opus-5-5",
                "user": format!("u_{}", number % 3), "usage": { "input_tokens": tokens, "output_tokens": 1 },
            })
        };
        let items: Vec<Value> =
            (0..30).map(|number| item(number, if number < 20 { MAX_INTEGER } else { 7 })).collect();
        ingest(store, &items).await;
        for number in 0..20 {
            let change = match number % 2 {
                0 => Change::Delete { id: format!("e{number}"), project: None },
                _ => Change::Replace { item: item(number, 5), project: None },
            };
            assert_eq!(correct(store, &[change]).await, [Corrected::Changed]);
            assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new(), "after {number}");
        }
        for step_ms in [MINUTE_MS, HOUR_MS, 24 * HOUR_MS] {
            let query = plan::query(&[], &[], NOON_MS - 2 * HOUR_MS, NOON_MS, step_ms);
            let rows = store.series(&query).await.unwrap();
            let [row] = rows.as_slice() else { panic!("{rows:?}") };
            assert_eq!((row.sums.requests, row.sums.input_tokens), (20, 120));
        }
        let by_user = plan::query(&[Dimension::User], &[], NOON_MS - 2 * HOUR_MS, NOON_MS, HOUR_MS);
        let sum: i64 = store.series(&by_user).await.unwrap().iter().map(|row| row.sums.input_tokens).sum();
        assert_eq!(sum, 120);
        assert_eq!(empty_rows(&directory).await, 0);
    }
}
