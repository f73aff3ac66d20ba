//! One suite for every store: what SQLite keeps is what the oracle in memory keeps.

use std::collections::BTreeSet;
use std::sync::Arc;

use app::api::standing::Severity;
use app::api::vocabulary::{Dimension, Filter};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use server::alert::machine::{Instance, Reason};
use server::alert::outbox::{Attempt, Channel, Next};
use server::alert::signature::Secret;
use server::dashboard::plan;
use server::ingest::bounds::{Bounds, MAX_INTEGER};
use server::ingest::intake::entry;
use server::ingest::read::{Context, read};
use server::pricing::PriceBook;
use server::store::memory::MemoryStore;
use server::store::sqlite::{Durability, SqliteStore};
use server::store::{AlertChanges, ChannelChange, Entry, EventQuery, Fate, OutgoingMessage, Store};
use server::usage::Dimensions;

use crate::harness::tacho::NOON_MS;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

async fn sqlite(directory: &std::path::Path, max_series: usize) -> SqliteStore {
    SqliteStore::open(directory, Durability::Normal, max_series).await.expect("a store")
}

/// Every store there is, empty.
async fn stores(directory: &std::path::Path) -> Vec<Arc<dyn Store>> {
    vec![Arc::new(MemoryStore::default()), Arc::new(sqlite(directory, 100_000).await)]
}

/// An event as it comes out of `POST /v1/events`.
fn stored(json: &serde_json::Value) -> Entry {
    let (bounds, key_defaults) = (Bounds::default(), Dimensions::default());
    let context = Context {
        now_ms: NOON_MS,
        accepts_old: true,
        shift_ms: 0,
        bounds: &bounds,
        key_defaults: &key_defaults,
    };
    entry(read(&json.to_string(), &context).expect("an event"), &PriceBook::embedded())
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
    ) -> serde_json::Value {
        serde_json::json!({
            "id": format!("e{id}"), "at": NOON_MS - minutes_ago * MINUTE_MS - i64::from(id), "model": model,
            "project": project, "user": user, "session": session, "status": status,
            "duration_ms": duration_ms,
            "usage": { "input_tokens": input_tokens, "output_tokens": output_tokens },
            "labels": { "env": project },
        })
    }
}

fn questions() -> Vec<server::store::SeriesQuery> {
    let model = |value: &str| Filter { dimension: Dimension::Model, value: value.to_owned() };
    let user = Filter { dimension: Dimension::User, value: "u_1".to_owned() };
    let from_ms = NOON_MS - 50 * HOUR_MS;
    let to_ms = NOON_MS + HOUR_MS;
    let filters =
        [vec![], vec![model("claude-opus-5-5"), model("unheard-of")], vec![model("claude-sonnet-5-5"), user]];
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
                let stores = stores(directory.path()).await;
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
                }
                for question in questions() {
                    let sorted = async |store: &Arc<dyn Store>| {
                        let mut rows = store.series(&question).await.unwrap();
                        rows.sort_by(|a, b| (a.bucket_ms, &a.key).cmp(&(b.bucket_ms, &b.key)));
                        rows
                    };
                    prop_assert_eq!(sorted(&stores[0]).await, sorted(&stores[1]).await, "{:?}", question);
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
                for store in &stores {
                    prop_assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
                }
                Ok(())
            })
        })
        .unwrap();
}

#[tokio::test]
async fn the_same_again_changes_nothing_and_other_content_is_a_conflict() {
    let directory = tempfile::tempdir().unwrap();
    for store in stores(directory.path()).await {
        let first = stored(&serde_json::json!({ "id": "a", "at": NOON_MS, "model": "m" }));
        let other = stored(&serde_json::json!({ "id": "a", "at": NOON_MS, "model": "another" }));
        let batch = [first.clone(), first.clone(), other.clone()];
        let mut judge = |_: &[&Entry]| AlertChanges::default();
        let fates = store.ingest(&batch, &mut judge).await.unwrap();
        assert_eq!(fates, [Fate::Accepted, Fate::Duplicate, Fate::Conflict]);
        assert_eq!(
            store.ingest(&[first, other], &mut judge).await.unwrap(),
            [Fate::Duplicate, Fate::Conflict]
        );
        assert_eq!(store.check().await.unwrap().events, 1);
    }
}

#[tokio::test]
async fn the_state_of_an_alert_is_kept_whole_however_often_it_changes() {
    let directory = tempfile::tempdir().unwrap();
    for store in stores(directory.path()).await {
        for window in [None, Some((NOON_MS - HOUR_MS, NOON_MS + HOUR_MS))] {
            let firing = Instance {
                severity: Severity::Critical,
                sequence: 1,
                episode: 1,
                used: 10,
                amount: 10,
                limit_revision: 1,
                fired_at_ms: Some(NOON_MS),
                last_evaluated_ms: NOON_MS,
                ..Instance::new("l", "u_1", window)
            };
            keep(&store, &firing).await;
            assert_eq!(store.open_instances().await.unwrap(), std::slice::from_ref(&firing));
            let falling = Instance {
                severity: Severity::Warning,
                sequence: 2,
                episode: 3,
                used: 9,
                amount: 11,
                limit_revision: 2,
                below_since_ms: Some(NOON_MS + 1),
                fired_at_ms: Some(NOON_MS + 2),
                resolved_at_ms: Some(NOON_MS + 3),
                last_evaluated_ms: NOON_MS + 4,
                window: window.map(|(start_ms, end_ms)| (start_ms, end_ms + HOUR_MS)),
                ..firing
            };
            keep(&store, &falling).await;
            assert_eq!(store.open_instances().await.unwrap(), std::slice::from_ref(&falling));
            let closed = Instance { closed_reason: Some(Reason::LimitDisabled), ..falling };
            keep(&store, &closed).await;
            assert_eq!(store.open_instances().await.unwrap(), []);
            assert!(store.closed_instances(NOON_MS).await.unwrap().contains(&closed));
        }
    }
}

async fn keep(store: &Arc<dyn Store>, instance: &Instance) {
    let instances = vec![instance.clone()];
    store.change_alerts(AlertChanges { instances, ..AlertChanges::default() }).await.unwrap();
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
    for store in stores(directory.path()).await {
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

fn message(id: &str, incident: &str, position: u64, only_if_told: bool) -> OutgoingMessage {
    OutgoingMessage {
        message_id: id.to_owned(),
        message_type: "limit.warning".to_owned(),
        incident_key: incident.to_owned(),
        position,
        subject: "a limit".to_owned(),
        body: b"{}".to_vec(),
        only_if_told,
        created_at_ms: NOON_MS + position.cast_signed(),
    }
}

async fn tell(store: &Arc<dyn Store>, message: OutgoingMessage) {
    store.change_alerts(AlertChanges { messages: vec![message], ..AlertChanges::default() }).await.unwrap();
}

async fn due(store: &Arc<dyn Store>, at_ms: i64) -> Vec<String> {
    store.due(at_ms, 10).await.unwrap().into_iter().map(|due| due.message_id).collect()
}

#[tokio::test]
async fn messages_of_an_incident_keep_their_order() {
    let directory = tempfile::tempdir().unwrap();
    for store in stores(directory.path()).await {
        let channel = Channel {
            id: "c".to_owned(),
            kind: "webhook".to_owned(),
            name: "on call".to_owned(),
            url: "https://example.com/".to_owned(),
            secret: Secret::generate(),
            failing_since_ms: None,
            failed_attempts: 0,
            created_at_ms: NOON_MS,
        };
        tell(&store, message("unheard", "i", 1, false)).await;
        store.put_channel(&channel).await.unwrap();
        tell(&store, message("end of the unheard", "i", 2, true)).await;
        tell(&store, message("first", "j", 1, false)).await;
        tell(&store, message("second", "j", 2, true)).await;
        tell(&store, message("other", "k", 1, false)).await;
        let later = NOON_MS + 1_000;
        assert_eq!(due(&store, NOON_MS).await, Vec::<String>::new());
        assert_eq!(
            due(&store, later).await.into_iter().collect::<BTreeSet<_>>(),
            ["first", "other"].map(String::from).into()
        );
        assert_eq!(store.next_due_ms().await.unwrap(), Some(NOON_MS + 1));

        let attempt = Attempt {
            number: 1,
            at_ms: later,
            duration_ms: 5,
            status: Some(500),
            error: "status".to_owned(),
            response: "no".to_owned(),
        };
        store.record_attempt("first~c", &attempt, &Next::Retry { at_ms: later + 5_000 }).await.unwrap();
        assert_eq!(due(&store, later).await, ["other"], "the second waits for the first");
        let failing = store.channels().await.unwrap().remove(0).channel;
        assert_eq!((failing.failing_since_ms, failing.failed_attempts), (Some(later), 1));
        let again = Attempt { number: 2, status: Some(204), ..attempt.clone() };
        store.record_attempt("first~c", &again, &Next::Delivered).await.unwrap();
        let mended = store.channels().await.unwrap().remove(0).channel;
        assert_eq!((mended.failing_since_ms, mended.failed_attempts), (None, 0));
        store
            .record_attempt("other~c", &attempt, &Next::DisableChannel { reason: "gone".to_owned() })
            .await
            .unwrap();
        assert_eq!(due(&store, later).await, Vec::<String>::new(), "nothing goes to a channel that is off");
        let change = ChannelChange { enabled: Some(true), ..ChannelChange::default() };
        assert!(store.change_channel("c", &change).await.unwrap());
        assert_eq!(due(&store, later).await, ["second"]);

        for number in 0..5 {
            tell(&store, message(&format!("m{number}"), &format!("i{number}"), 1, false)).await;
        }
        assert_eq!(
            store.due(later, 3).await.unwrap().len(),
            3,
            "a channel with many does not hide the others"
        );
        for number in 0..5 {
            store.record_attempt(&format!("m{number}~c"), &attempt, &Next::Exhausted).await.unwrap();
        }

        assert!(store.redeliver("first~c", "again", later).await.unwrap());
        assert!(!store.redeliver("nothing", "again", later).await.unwrap());
        let mut deliveries = store.deliveries(10).await.unwrap();
        deliveries.retain(|known| !known.message_id.starts_with('m'));
        let states: Vec<_> = deliveries
            .iter()
            .map(|known| (known.id.as_str(), known.state.as_str(), known.attempts.len()))
            .collect();
        assert_eq!(
            states,
            [
                ("again", "pending", 0),
                ("second~c", "pending", 0),
                ("first~c", "delivered", 2),
                ("other~c", "exhausted", 1)
            ]
        );
        assert!(store.delete_channel("c").await.unwrap());
        assert!(!store.delete_channel("c").await.unwrap());
        assert_eq!(store.deliveries(1).await.unwrap()[0].state, "dropped");
        // Nothing goes on its way to where there is no channel any more.
        let under_way = Attempt { number: 1, ..attempt };
        store.record_attempt("second~c", &under_way, &Next::Retry { at_ms: later }).await.unwrap();
        assert_eq!(
            store.deliveries(10).await.unwrap().iter().filter(|known| known.state == "pending").count(),
            0
        );
        assert!(!store.redeliver("first~c", "once more", later).await.unwrap());
    }
}

#[tokio::test]
async fn sign_in_links_work_once_and_in_time() {
    let directory = tempfile::tempdir().unwrap();
    for store in stores(directory.path()).await {
        store.put_sign_in([1; 32], NOON_MS).await.unwrap();
        store.put_sign_in([2; 32], NOON_MS).await.unwrap();
        assert!(store.take_sign_in([1; 32], NOON_MS - 1).await.unwrap());
        assert!(!store.take_sign_in([1; 32], NOON_MS - 1).await.unwrap());
        assert!(!store.take_sign_in([2; 32], NOON_MS).await.unwrap());
    }
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
