//! Corrections and the one writer: limits and alerts follow each of them, without reading again what is stored.

use std::sync::Arc;
use std::time::Duration;

use domain::alert::machine::Reason;
use domain::limits::{KINDS, Kind, Limit, Scope, Source, kind};
use domain::usage::Endpoints;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use server::clock::Clock;
use server::record::ballast::Ballast;
use server::record::intake::correct::{deletion, replacement};
use server::record::recorder::Recorder;
use server::store::memory::MemoryStore;
use server::store::{Alerts, Author, Corrected, Correction, Entry, Registry, Store};
use server::watch::AlertBehaviour;
use server::watch::restore::Restorer;
use server::watch::snapshot::LimitStanding;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use vocabulary::Severity;

use crate::harness::tacho::NOON_MS;
use crate::store::corrections::ingest;
use crate::store::{PRICES, reading, stored_at};

fn limit(id: &str, kind: &'static Kind, scope: Scope, amount: i64) -> Limit {
    Limit {
        id: id.to_owned(),
        name: id.to_owned(),
        kind,
        amount,
        scope,
        time_zone: None,
        warn_percent: 80,
        critical_percent: 100,
        source: Source::Typed,
        enabled: true,
        enforce: false,
        endpoints: Endpoints::default(),
        revision: 1,
    }
}

fn tokens_per_day(id: &str, enforce: bool) -> Limit {
    let kind = kind("tokens_per_day").expect("a kind");
    Limit { enforce, ..limit(id, kind, Scope::Everything, 1_000_000) }
}

/// A recorder and its writer on a store.
struct Written {
    clock: Clock,
    recorder: Recorder,
    end: CancellationToken,
    writer: JoinHandle<()>,
    _directory: tempfile::TempDir,
}

impl Written {
    async fn on(store: Arc<MemoryStore>) -> Self {
        let settings = AlertBehaviour {
            keep_firing_ms: 60_000,
            hysteresis_points: 5,
            dashboard_url: String::new(),
            time_zone: jiff::tz::TimeZone::UTC,
        };
        let directory = tempfile::tempdir().unwrap();
        let clock = Clock::manual(NOON_MS);
        let (recorder, writer) = Recorder::new(
            store as Arc<dyn Store>,
            clock.clone(),
            Restorer::new(settings),
            Arc::new(Notify::new()),
            1 << 20,
            Ballast::new(directory.path(), 0),
        )
        .await
        .unwrap();
        let end = CancellationToken::new();
        let token = end.clone();
        let writer = tokio::spawn(async move { writer.run(token).await.unwrap() });
        Written { clock, recorder, end, writer, _directory: directory }
    }

    async fn correct(&self, corrections: Vec<Correction>) -> Vec<Corrected> {
        let author = Author { key_name: "ops".to_owned(), ..Author::default() };
        self.recorder.correct(corrections, author).await.expect("fates")
    }

    /// What every limit has used, whether that is a lower bound, and what is told of it.
    async fn standings(&self) -> Vec<String> {
        let snapshot = self.recorder.snapshot().await;
        let mut told: Vec<String> = snapshot
            .standings
            .iter()
            .map(|standing| {
                let LimitStanding { limit, scope_value: value, reading, state, .. } = standing;
                let used = limit.kind.unit.display(reading.used);
                format!("{} {value}: {used} {state} {}", limit.id, reading.incomplete)
            })
            .collect();
        // A value that counts nothing any more is forgotten within a second.
        told.retain(|told| !told.contains(": 0 "));
        told.sort();
        told
    }

    async fn ended(self) {
        self.end.cancel();
        self.writer.await.unwrap();
    }
}

#[tokio::test]
async fn nothing_is_counted_anew_for_a_correction() {
    let store = Arc::new(MemoryStore::default());
    store.put_limit(&tokens_per_day("l_1", false), NOON_MS).await.unwrap();
    let event = |number: u32| json!({ "id": format!("e{number}"), "at": NOON_MS, "model": "m", "usage": { "input_tokens": 400_000, "output_tokens": 0 } });
    ingest(&*store, &[event(0), event(1), event(2)]).await;
    let written = Written::on(store.clone()).await;
    // Whoever counts anew learns of this limit.
    store.put_limit(&tokens_per_day("l_2", true), NOON_MS).await.unwrap();
    let fates = written.correct(vec![deletion("e0", None)]).await;
    assert_eq!(fates, [Corrected::Changed]);
    assert!(!written.recorder.enforces());
    assert_eq!(written.standings().await, ["l_1 : 800000 warning false"]);
    // What is left of sums that have stopped at their bound cannot be told.
    let absurd = |number: u32| json!({ "id": format!("a{number}"), "at": NOON_MS, "model": "m", "usage": { "input_tokens": (1u64 << 53) - 1, "output_tokens": (1u64 << 53) - 1 } });
    let items: Vec<Value> = (0..5).map(absurd).collect();
    written
        .recorder
        .store(items.iter().map(|item| stored_at(item, NOON_MS)).collect::<Vec<Entry>>())
        .await
        .unwrap();
    let deletions = (0..5).map(|number| deletion(&format!("a{number}"), None)).collect();
    assert_eq!(written.correct(deletions).await, vec![Corrected::Changed; 5]);
    assert!(written.recorder.enforces());
    assert_eq!(written.standings().await[0], "l_1 : 800000 warning false");
    written.ended().await;
}

#[tokio::test]
async fn what_is_in_doubt_is_counted_anew_before_anything_is_told() {
    let store = Arc::new(MemoryStore::default());
    store.put_limit(&tokens_per_day("l_1", true), NOON_MS).await.unwrap();
    let absurd = |number: u32| json!({ "id": format!("a{number}"), "at": NOON_MS, "model": "m", "usage": { "input_tokens": (1u64 << 53) - 1, "output_tokens": 0 } });
    ingest(&*store, &(0..20).map(absurd).collect::<Vec<_>>()).await;
    // Of what was stored before, its sum is known, which has stopped at its bound.
    let written = Written::on(store.clone()).await;
    let deleted =
        |range: std::ops::Range<u32>| range.map(|number| deletion(&format!("a{number}"), None)).collect();
    let told = async || {
        let told = store.transitions(10, None).await.unwrap();
        told.iter()
            .map(|told| (told.record.transition.severity, told.record.transition.reason))
            .collect::<Vec<_>>()
    };
    written.correct(deleted(0..9)).await;
    assert_eq!(told().await, [(Severity::Critical, Reason::Threshold)]);
    written.correct(deleted(9..20)).await;
    assert_eq!(told().await[0], (Severity::Ok, Reason::Corrected));
    written.ended().await;
}

prop_compose! {
    fn event()(
        id in 0..12u32,
        ago_ms in -290_000..6_000_000i64,
        duration_ms in prop::option::of(prop_oneof![0..120_000u64, 3_000_000..8_000_000u64]),
        user in prop::sample::select(vec!["", "u_1", "u_2"]),
        model in prop::sample::select(vec!["claude-sonnet-5-5", "claude-opus-5-5", "unheard-of"]),
        endpoint in prop::sample::select(vec!["messages", "messages/count_tokens"]),
        tier in prop::sample::select(vec!["standard", "batch"]),
        tokens in prop::option::of(0..600u64),
        is_answered_here in prop::bool::weighted(0.1),
    ) -> (i64, Value) {
        let mut item = json!({
            "id": format!("e{id}"), "model": model, "user": user, "endpoint": endpoint,
            "duration_ms": duration_ms, "service_tier": tier,
            "usage": { "input_tokens": tokens, "output_tokens": tokens.map(|tokens| tokens / 2) },
        });
        if is_answered_here {
            (item["answered_here"], item["policies"]) = (true.into(), json!(["cache"]));
        }
        (ago_ms, item)
    }
}

#[derive(Debug, Clone)]
enum Step {
    Store((i64, Value)),
    Delete(Vec<u32>),
    Correct(Vec<(i64, Value)>),
    Advance(u64),
    ReadAnew,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => event().prop_map(Step::Store),
        2 => prop::collection::vec(0..12u32, 1..4).prop_map(Step::Delete),
        2 => prop::collection::vec(event(), 1..4).prop_map(Step::Correct),
        1 => prop_oneof![0..90u64, 0..4_000u64, 40_000..90_000u64].prop_map(Step::Advance),
        1 => Just(Step::ReadAnew),
    ];
    prop::collection::vec(step, 1..30)
}

#[test]
fn whoever_has_followed_every_correction_stands_where_one_who_reads_all_again_does() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    TestRunner::new(ProptestConfig { cases: 150, ..ProptestConfig::default() })
        .run(&steps(), |steps| {
            runtime.block_on(async {
                let store = Arc::new(MemoryStore::default());
                let user = "user".parse().unwrap();
                let model = "model".parse().unwrap();
                let scopes =
                    [Scope::Everything, Scope::Each(user), Scope::One(model, "claude-opus-5-5".to_owned())];
                for kind in KINDS {
                    for (number, scope) in scopes.iter().enumerate() {
                        let id = format!("{} {number}", kind.word);
                        let limit = limit(&id, kind, scope.clone(), 700);
                        let time_zone =
                            ["Asia/Kathmandu", "America/St_Johns"].get(number).map(|&name| name.to_owned());
                        store.put_limit(&Limit { time_zone, ..limit }, NOON_MS).await.unwrap();
                    }
                }
                let written = Written::on(store).await;
                for step in steps {
                    let now_ms = written.clock.now_ms();
                    let at = |ago_ms: i64, mut item: Value| {
                        item["at"] = (now_ms - ago_ms).into();
                        item
                    };
                    match step {
                        Step::Store((ago_ms, item)) => {
                            let entry = stored_at(&at(ago_ms, item), now_ms);
                            written.recorder.store(vec![entry]).await.unwrap();
                        }
                        Step::Delete(ids) => {
                            let deletions = ids.iter().map(|id| deletion(&format!("e{id}"), None));
                            written.correct(deletions.collect()).await;
                        }
                        Step::Correct(items) => {
                            let readings =
                                items.into_iter().map(|(ago_ms, item)| reading(&at(ago_ms, item), now_ms));
                            let corrections =
                                readings.map(|reading| replacement(reading, None, PRICES.clone()));
                            written.correct(corrections.collect()).await;
                        }
                        Step::Advance(seconds) => {
                            written.clock.advance(Duration::from_secs(seconds));
                            // The writer evaluates what time has done before it takes up a job.
                            written.correct(vec![deletion("none", None)]).await;
                        }
                        Step::ReadAnew => {
                            let followed = written.standings().await;
                            written.recorder.limits_changed().await.unwrap();
                            prop_assert_eq!(followed, written.standings().await);
                        }
                    }
                    let snapshot = written.recorder.snapshot().await;
                    let standings = snapshot.standings.iter();
                    for standing in standings.filter(|standing| standing.reading.resets_at_ms.is_some()) {
                        // Nothing holds the alert of a calendar window, once what it counted is no more.
                        let raised =
                            [(1.0, Severity::Critical), (0.8, Severity::Warning), (0.0, Severity::Ok)];
                        let raised = raised.iter().find(|(from, _)| standing.fraction >= *from);
                        prop_assert_eq!(Some(standing.state), raised.map(|(_, severity)| *severity));
                    }
                }
                let followed = written.standings().await;
                written.recorder.limits_changed().await.unwrap();
                prop_assert_eq!(followed, written.standings().await);
                written.ended().await;
                Ok(())
            })
        })
        .unwrap();
}
