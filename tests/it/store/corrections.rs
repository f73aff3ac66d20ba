//! What is deleted and put right: every store has the same afterwards, and its rollups hold what its events hold.

mod judge;
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

use super::{HOUR_MS, MINUTE_MS, PRICES, event, questions, reading, sqlite, stored, stores};
use crate::harness::tacho::NOON_MS;

/// One thing that happens to a store.
#[derive(Debug, Clone)]
enum Step {
    Ingest(Vec<Value>),
    Correct(Vec<Change>),
}

#[derive(Debug, Clone)]
enum Change {
    Delete { id: String, project: Option<String> },
    Replace { item: Value, project: Option<String> },
}

fn author() -> Author {
    Author { key_public: "abcd".to_owned(), key_name: "ops".to_owned(), address: None }
}

fn judge() -> Unwatched {
    Unwatched { author: author(), now_ms: NOON_MS }
}

fn correction(change: &Change) -> Correction {
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

async fn correct(store: &dyn Store, changes: &[Change]) -> Vec<Corrected> {
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

fn all_events() -> EventQuery {
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
async fn an_event_is_found_by_its_id_and_where_that_is_not_enough_by_its_project() {
    let directory = tempfile::tempdir().unwrap();
    for store in stores(directory.path()).await {
        let store = &*store;
        let of = |project: &str| json!({ "id": "x", "at": NOON_MS, "model": "m", "project": project });
        let delete = |project: Option<&str>| {
            [Change::Delete { id: "x".to_owned(), project: project.map(str::to_owned) }]
        };
        assert_eq!(correct(store, &delete(None)).await, [Corrected::NotFound]);
        ingest(store, &[of(""), of("a"), of("b")]).await;
        let all = ["", "a", "b"].map(str::to_owned).to_vec();
        assert_eq!(correct(store, &delete(None)).await, [Corrected::Ambiguous(all.clone())]);
        assert_eq!(correct(store, &delete(Some("c"))).await, [Corrected::NotFound]);
        assert_eq!(correct(store, &delete(Some(""))).await, [Corrected::Changed]);
        assert_eq!(correct(store, &delete(Some(""))).await, [Corrected::NotFound]);
        // By the project of the item itself; one that has no such event would be ambiguous again.
        let replace = |project: &str, to: Option<&str>| {
            let item = json!({ "id": "x", "model": "n", "project": project });
            [Change::Replace { item, project: to.map(str::to_owned) }]
        };
        assert_eq!(correct(store, &replace("a", None)).await, [Corrected::Changed]);
        assert_eq!(correct(store, &replace("a", None)).await, [Corrected::Unchanged]);
        assert_eq!(correct(store, &replace("c", None)).await, [Corrected::Ambiguous(all[1..].to_vec())]);
        // Into a project that has one already, and then into one of its own.
        assert_eq!(correct(store, &replace("b", Some("a"))).await, [Corrected::Taken]);
        assert_eq!(correct(store, &replace("c", Some("a"))).await, [Corrected::Changed]);
        assert_eq!(correct(store, &delete(Some("a"))).await, [Corrected::NotFound]);
        assert_eq!(correct(store, &delete(Some("b"))).await, [Corrected::Changed]);
        // The only one that is left, and back again.
        assert_eq!(correct(store, &replace("a", None)).await, [Corrected::Changed]);
        assert_eq!(correct(store, &delete(None)).await, [Corrected::Changed]);
        assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
        assert_eq!(store.check().await.unwrap().events, 0);
    }
}

#[tokio::test]
async fn an_id_of_the_api_names_its_event_in_whichever_project_it_is() {
    let directory = tempfile::tempdir().unwrap();
    for store in stores(directory.path()).await {
        let id = "req_011CSHoEeqs5C35K2UUqR7Fy";
        ingest(&*store, &[json!({ "id": id, "at": NOON_MS, "model": "m", "project": "a" })]).await;
        let delete = |project: Option<&str>| {
            [Change::Delete { id: id.to_owned(), project: project.map(str::to_owned) }]
        };
        assert_eq!(correct(&*store, &delete(Some("b"))).await, [Corrected::NotFound]);
        let item = json!({ "id": id, "model": "m", "project": "b" });
        let replace = [Change::Replace { item, project: None }];
        assert_eq!(correct(&*store, &replace).await, [Corrected::Changed]);
        assert_eq!(correct(&*store, &delete(Some("a"))).await, [Corrected::NotFound]);
        assert_eq!(correct(&*store, &delete(None)).await, [Corrected::Changed]);
    }
}

#[tokio::test]
async fn what_was_said_first_does_not_come_back_and_other_content_is_told_so() {
    let directory = tempfile::tempdir().unwrap();
    for store in stores(directory.path()).await {
        let store = &*store;
        let said = |id: &str, input_tokens: u64, project: &str| json!({ "id": id, "at": NOON_MS, "model": "m", "project": project, "usage": { "input_tokens": input_tokens } });
        let first = [said("deleted", 1, "a"), said("corrected", 1, "a"), said("moved", 1, "a")];
        ingest(store, &first).await;
        let changes = [
            Change::Delete { id: "deleted".to_owned(), project: None },
            Change::Replace { item: said("corrected", 2, "a"), project: None },
            Change::Replace { item: said("moved", 1, "b"), project: None },
        ];
        assert_eq!(correct(store, &changes).await, vec![Corrected::Changed; 3]);
        assert_eq!(ingest(store, &first).await, [Fate::Duplicate; 3]);
        let again = [said("deleted", 2, "a"), said("corrected", 2, "a"), said("moved", 1, "b")];
        assert_eq!(ingest(store, &again).await, [Fate::Deleted, Fate::Duplicate, Fate::Duplicate]);
        let other = [said("deleted", 3, "a"), said("corrected", 3, "a"), said("moved", 3, "a")];
        assert_eq!(ingest(store, &other).await, [Fate::Deleted, Fate::Conflict, Fate::Deleted]);
        assert_eq!(store.check().await.unwrap().events, 2);
    }
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

#[tokio::test]
async fn an_event_that_counts_nowhere_counts_when_it_is_put_right() {
    let directory = tempfile::tempdir().unwrap();
    for store in stores(directory.path()).await {
        let item = |here: bool| json!({ "id": "a", "at": NOON_MS, "model": "m", "policies": ["cache"], "answered_here": here });
        let requests = async || {
            let query = plan::query(&[], &[], NOON_MS, NOON_MS + MINUTE_MS, MINUTE_MS);
            store.series(&query).await.unwrap().iter().map(|row| row.sums.requests).sum::<i64>()
        };
        ingest(&*store, &[item(true)]).await;
        for (here, counted) in [(false, 1), (true, 0), (false, 1)] {
            let changes = [Change::Replace { item: item(here), project: None }];
            assert_eq!(correct(&*store, &changes).await, [Corrected::Changed]);
            assert_eq!(requests().await, counted);
            assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
        }
        correct(&*store, &[Change::Replace { item: item(true), project: None }]).await;
        assert_eq!(
            correct(&*store, &[Change::Delete { id: "a".to_owned(), project: None }]).await,
            [Corrected::Changed]
        );
        assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
    }
}
