//! One suite for every store: what SQLite keeps is what the oracle in memory keeps.

mod circles;
mod contract;
pub mod corrections;
mod oracle;
mod sums;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use contract::answers::{busiest, policies, remarks, throttled};
use domain::pricing::PriceBook;
use domain::read::bounds::{Bounds, MAX_INTEGER};
use domain::read::context::Context;
use domain::read::event::{ReadItem, read};
use domain::read::plausible::Implausible;
use domain::usage::{Dimensions, EventKey, Fingerprints};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use server::record::intake::entry;
use server::store::key_file::KeyFile;
use server::store::memory::MemoryStore;
use server::store::plan;
use server::store::sqlite::{Secrets, SqliteStore};
use server::store::{
    Action, AlertChanges, Audit, Author, Durability, Entry, EventQuery, KEPT_NOTES, Most, Note, Store,
};
use vocabulary::{Dimension, Filter, Measure};

use crate::harness::tacho::NOON_MS;

pub static PRICES: LazyLock<Arc<PriceBook>> = LazyLock::new(|| Arc::new(PriceBook::embedded()));

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

async fn sqlite(directory: &Path, max_series: usize) -> SqliteStore {
    let secrets = Secrets::Open(&KeyFile::new(directory, Path::new("")));
    SqliteStore::open(directory, Durability::Normal, max_series, 0, secrets).await.expect("a store")
}

/// Every store there is, empty, by its name. Whatever else comes to be one has a line here.
async fn stores(directory: &Path) -> Vec<(&'static str, Arc<dyn Store>)> {
    vec![
        ("the oracle in memory", Arc::new(MemoryStore::default())),
        ("SQLite", Arc::new(sqlite(directory, 100_000).await)),
    ]
}

/// An event as it comes out of `POST /v1/events`.
fn stored(json: &serde_json::Value) -> Entry {
    stored_at(json, NOON_MS)
}

pub fn stored_at(json: &serde_json::Value, now_ms: i64) -> Entry {
    let reading = reading(json, now_ms);
    entry(reading.event, reading.digest, reading.observation, &PRICES)
}

/// An event as it is read when it comes in at `now_ms`.
pub fn reading(json: &serde_json::Value, now_ms: i64) -> ReadItem {
    let bounds = Bounds::default().of_any_usage();
    let context = Context {
        now_ms,
        accepts_old: true,
        just_sent: false,
        shift_ms: 0,
        implausible: Implausible::Refused,
        bounds: &bounds,
        key_defaults: &Dimensions::default(),
        fingerprints: &Fingerprints::new([0; 32]),
    };
    read(&json.to_string(), &context).expect("an event")
}

prop_compose! {
    fn event()(
        id in 0..40u32,
        minutes_ago in 0..3_000i64,
        model in prop::sample::select(vec!["claude-sonnet-5-5", "claude-opus-5-5", "unheard-of"]),
        project in prop::sample::select(vec!["", "a", "b"]),
        user in prop::sample::select(vec!["", "u_1", "u_2", "u_3"]),
        session in prop::sample::select(vec!["", "s_1"]),
        status in prop::option::of(prop::sample::select(vec![200u16, 429, 500])),
        duration_ms in prop::option::of(prop::sample::select(vec![0u64, 59_999, 60_000, 7_200_000])),
        input_tokens in prop::option::of(0..1_000_000u64),
        output_tokens in prop::option::of(0..10_000u64),
        (handled, remarks) in (policies::handled(), remarks::remarks()),
    ) -> serde_json::Value {
        policies::with(handled, serde_json::json!({
            "id": format!("e{id}"), "at": NOON_MS - minutes_ago * MINUTE_MS - i64::from(id), "model": model,
            "project": project, "user": user, "session": session, "status": status,
            "duration_ms": duration_ms,
            "usage": { "input_tokens": input_tokens, "output_tokens": output_tokens },
            "labels": { "env": project }, "remarks": remarks,
        }))
    }
}

fn questions() -> Vec<server::store::SeriesQuery> {
    let model = |value: &str| Filter::only(Dimension::Model, value);
    let user = Filter::only(Dimension::User, "u_1");
    let from_ms = NOON_MS - 50 * HOUR_MS;
    let to_ms = NOON_MS + HOUR_MS;
    let except = |dimension, value: &str| Filter::except(dimension, value);
    let filters = [
        vec![],
        vec![model("claude-opus-5-5"), model("unheard-of")],
        vec![model("claude-sonnet-5-5"), user],
        vec![except(Dimension::Model, "unheard-of"), except(Dimension::Model, "claude-opus-5-5")],
        vec![model("claude-opus-5-5"), model("unheard-of"), except(Dimension::Model, "unheard-of")],
        vec![except(Dimension::User, ""), except(Dimension::Project, "a"), except(Dimension::Session, "s_1")],
    ];
    let groupings = [
        vec![],
        vec![Dimension::Model],
        vec![Dimension::User],
        vec![Dimension::Project, Dimension::Model],
        vec![Dimension::Session],
    ];
    let steps = [MINUTE_MS, 15 * MINUTE_MS, HOUR_MS, 24 * HOUR_MS];
    let mut questions = Vec::new();
    for by in &groupings {
        for filters in &filters {
            questions.extend(steps.map(|step_ms| plan::query(by, filters, from_ms, to_ms, step_ms)));
            // As days begin in zones beside UTC, with a last bucket that is cut short.
            for (offset_ms, step_ms) in [(90 * MINUTE_MS, 24 * HOUR_MS), (HOUR_MS, 7 * HOUR_MS)] {
                let to_ms = from_ms + offset_ms + 40 * HOUR_MS;
                questions.push(plan::bins(by, filters, from_ms + offset_ms, to_ms, step_ms));
            }
            // As days are where clocks are changed, with a first and a last bucket of other widths.
            for edges in [&[0, 90, 1_440, 2_820, 2_850][..], &[0, 60, 1_500, 2_940, 3_000]] {
                let edges_ms: Vec<i64> = edges.iter().map(|edge| from_ms + edge * MINUTE_MS).collect();
                questions.push(plan::between(by, filters, &edges_ms));
            }
        }
    }
    questions
}

#[test]
fn every_question_has_the_answer_of_the_oracle() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let cases = ProptestConfig { cases: 24, ..ProptestConfig::default() };
    let batches = prop::collection::vec(prop::collection::vec(event(), 1..30), 1..4);
    TestRunner::new(cases)
        .run(&batches, |batches| {
            runtime.block_on(async {
                let directory = tempfile::tempdir().unwrap();
                let stores: Vec<_> =
                    stores(directory.path()).await.into_iter().map(|(_, store)| store).collect();
                for batch in &batches {
                    let batch: Vec<Entry> = batch.iter().map(stored).collect();
                    let mut fates = Vec::new();
                    let mut judged = Vec::new();
                    for store in &stores {
                        let mut seen = BTreeSet::new();
                        let mut judge = |fresh: &[&Entry]| {
                            seen.extend(fresh.iter().map(|entry| entry.event.id.clone()));
                            AlertChanges::default()
                        };
                        fates.push(store.ingest(&batch, &mut judge).await.unwrap());
                        judged.push(seen);
                    }
                    prop_assert_eq!(&fates[0], &fates[1]);
                    prop_assert_eq!(&judged[0], &judged[1]);
                    let unknown = EventKey([0; 16]);
                    for key in batch.iter().map(|entry| entry.key).chain([unknown]) {
                        let received = stores[0].received_at_ms(key).await.unwrap();
                        prop_assert_eq!(received, (key != unknown).then_some(NOON_MS));
                        prop_assert_eq!(received, stores[1].received_at_ms(key).await.unwrap());
                    }
                }
                for question in questions() {
                    let sorted = async |store: &Arc<dyn Store>| {
                        let mut rows = store.series(&question).await.unwrap();
                        rows.sort_by(|a, b| (a.bucket_ms, &a.key).cmp(&(b.bucket_ms, &b.key)));
                        rows
                    };
                    prop_assert_eq!(sorted(&stores[0]).await, sorted(&stores[1]).await, "{:?}", question);
                    for (groups, by) in [
                        (1, Measure::Requests),
                        (2, Measure::TotalTokens),
                        (2, Measure::CostUsd),
                        (9, Measure::Errors),
                    ] {
                        let most = Most { groups, by };
                        let top = async |store: &Arc<dyn Store>| {
                            let mut top = store.top_series(&question, most).await.unwrap();
                            top.rows.sort_by(|a, b| (a.bucket_ms, &a.key).cmp(&(b.bucket_ms, &b.key)));
                            top
                        };
                        prop_assert_eq!(
                            top(&stores[0]).await,
                            top(&stores[1]).await,
                            "{:?} {:?}",
                            most,
                            question
                        );
                    }
                }
                for question in questions() {
                    let of = [Measure::Requests, Measure::ItpmTokens, Measure::CostUsd];
                    for window in busiest::windows(&question) {
                        let [oracle, sqlite] = [&stores[0], &stores[1]];
                        prop_assert_eq!(
                            oracle.busiest(&question, window, &of).await.unwrap(),
                            sqlite.busiest(&question, window, &of).await.unwrap(),
                            "{:?} {:?}",
                            window,
                            question
                        );
                    }
                }
                for (from_ms, to_ms, filters) in throttled::questions() {
                    let [oracle, sqlite] = [&stores[0], &stores[1]];
                    prop_assert_eq!(
                        oracle.last_throttled(from_ms, to_ms, &filters).await.unwrap(),
                        sqlite.last_throttled(from_ms, to_ms, &filters).await.unwrap(),
                        "{} {} {:?}",
                        from_ms,
                        to_ms,
                        filters
                    );
                }
                for only_long in [false, true] {
                    let mut page = EventQuery {
                        from_ms: 0,
                        to_ms: i64::MAX,
                        filters: vec![],
                        only_long,
                        before: None,
                        limit: 7,
                    };
                    loop {
                        let pages =
                            [stores[0].events(&page).await.unwrap(), stores[1].events(&page).await.unwrap()];
                        prop_assert_eq!(&pages[0], &pages[1]);
                        let Some(last) = pages[0].last() else { break };
                        page.before = Some((last.event.at_ms, last.key));
                    }
                }
                for (from_ms, to_ms, filters) in policies::questions() {
                    let [oracle, sqlite] = [&stores[0], &stores[1]];
                    prop_assert_eq!(
                        oracle.policy_actions(from_ms, to_ms, &filters).await.unwrap(),
                        sqlite.policy_actions(from_ms, to_ms, &filters).await.unwrap()
                    );
                }
                for since_ms in [0, NOON_MS - 20 * HOUR_MS] {
                    let [oracle, sqlite] = [&stores[0], &stores[1]];
                    prop_assert_eq!(
                        oracle.remarked(since_ms).await.unwrap(),
                        sqlite.remarked(since_ms).await.unwrap()
                    );
                }
                prop_assert_eq!(
                    stores[0].earliest_event().await.unwrap(),
                    stores[1].earliest_event().await.unwrap()
                );
                for store in &stores {
                    prop_assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
                }
                Ok(())
            })
        })
        .unwrap();
}

#[tokio::test]
async fn absurd_counts_stop_at_one_bound_and_nothing_fails() {
    let directory = tempfile::tempdir().unwrap();
    let events: Vec<Entry> = (0..200)
        .map(|number| {
            stored(&serde_json::json!({
                "id": format!("e{number}"), "at": NOON_MS - number * MINUTE_MS, "model": "claude-opus-5-5",
                "session": "s_1", "usage": { "input_tokens": 1, "output_tokens": MAX_INTEGER },
            }))
        })
        .collect();
    let mut answers = Vec::new();
    for (_, store) in stores(directory.path()).await {
        store.ingest(&events, &mut |_: &[&Entry]| AlertChanges::default()).await.unwrap();
        let mut rows = Vec::new();
        for by in [vec![], vec![Dimension::Session]] {
            for step_ms in [HOUR_MS, 24 * HOUR_MS] {
                let query = plan::query(&by, &[], NOON_MS - 5 * HOUR_MS, NOON_MS + HOUR_MS, step_ms);
                rows.push(store.series(&query).await.unwrap());
            }
        }
        answers.push(rows);
        assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn beyond_the_cap_series_share_one_and_no_event_is_lost() {
    let directory = tempfile::tempdir().unwrap();
    let store = sqlite(directory.path(), 30).await;
    let store: Arc<dyn Store> = Arc::new(store);
    let events: Vec<Entry> = (0..200)
        .map(|number| {
            let user = format!("u_{number}");
            stored(&serde_json::json!({ "id": user, "at": NOON_MS, "model": "m", "user": user }))
        })
        .collect();
    store.ingest(&events, &mut |_: &[&Entry]| AlertChanges::default()).await.unwrap();
    let by_user = plan::query(&[Dimension::User], &[], NOON_MS, NOON_MS + MINUTE_MS, MINUTE_MS);
    let rows = store.series(&by_user).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.sums.requests).sum::<i64>(), 200);
    assert!(rows.len() < 35, "{} series", rows.len());
    assert!(rows.iter().any(|row| row.key == ["(other)"] && row.sums.requests > 150));
    assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
}

#[tokio::test]
async fn a_damaged_rollup_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let store = sqlite(directory.path(), 100).await;
    let batch = [stored(
        &serde_json::json!({ "id": "a", "at": NOON_MS, "model": "m", "usage": { "input_tokens": 5, "output_tokens": 1 } }),
    )];
    server::store::Ledger::ingest(&store, &batch, &mut |_: &[&Entry]| AlertChanges::default()).await.unwrap();
    let database = format!("sqlite://{}", directory.path().join("tacho.db").display());
    let pool = sqlx::SqlitePool::connect(&database).await.unwrap();
    sqlx::query("update rollup_hour set input_tokens = input_tokens + 1 where shape = 0")
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;
    let problems = server::store::Ledger::check(&store).await.unwrap().problems;
    assert!(problems.iter().any(|problem| problem.contains("rollup_hour")), "{problems:?}");
    store.close().await;
    let output = crate::harness::program::tacho(directory.path(), &["check"]).await;
    assert_eq!(output.status.code(), Some(1));
}

#[tokio::test]
async fn refusals_that_have_gone_push_out_no_other_note() {
    let directory = tempfile::tempdir().unwrap();
    let store = sqlite(directory.path(), 100).await;
    let note = |action| Note {
        at_ms: NOON_MS,
        author: Author::command_line(),
        action,
        subject: String::new(),
        project: String::new(),
        before: String::new(),
        after: None,
    };
    store.note(&note(Action::LinkMade)).await.unwrap();
    store.note(&note(Action::Refused)).await.unwrap();
    // As if as many had been refused, and been forgotten again, as there are notes at most.
    let database = format!("sqlite://{}", directory.path().join("tacho.db").display());
    let pool = sqlx::SqlitePool::connect(&database).await.unwrap();
    sqlx::query("update audit set audit_id = audit_id + ? where action = 'refused'")
        .bind(KEPT_NOTES.cast_signed())
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;
    store.note(&note(Action::Refused)).await.unwrap();
    let told = store.audit(None, 10).await.unwrap();
    let actions: Vec<Action> = told.into_iter().map(|told| told.note.action).collect();
    assert_eq!(actions, [Action::Refused, Action::Refused, Action::LinkMade]);
}
