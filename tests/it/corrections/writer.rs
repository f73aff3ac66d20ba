//! Corrections and the one writer: whoever sends events does not wait longer for them than need be.

use std::sync::Arc;

use serde_json::json;
use server::clock::Clock;
use server::ingest::intake::correct::deletion;
use server::ingest::recorder::Recorder;
use server::limits::{Limit, Scope, Source, kind};
use server::store::ballast::Ballast;
use server::store::memory::MemoryStore;
use server::store::{Author, Corrected, Registry, Store};
use server::usage::Endpoints;
use server::watch::Settings;
use server::watch::restore::Restorer;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::DAY_MS;
use crate::harness::tacho::NOON_MS;

fn limit(id: &str, enforce: bool) -> Limit {
    Limit {
        id: id.to_owned(),
        name: id.to_owned(),
        kind: kind("tokens_per_day").expect("a kind"),
        amount: 1_000_000,
        scope: Scope::Everything,
        time_zone: None,
        warn_percent: 80,
        critical_percent: 100,
        source: Source::Typed,
        enabled: true,
        enforce,
        endpoints: Endpoints::default(),
        revision: 1,
    }
}

async fn deleted(recorder: Recorder, id: String) {
    let author = Author { key_public: String::new(), key_name: "ops".to_owned() };
    let fates = recorder.correct(vec![deletion(&id, None)], author).await.expect("fates");
    assert_eq!(fates, [Corrected::Changed], "{id}");
}

#[tokio::test]
async fn what_waits_together_is_counted_once_and_what_no_window_holds_not_at_all() {
    let store = Arc::new(MemoryStore::default());
    store.put_limit(&limit("l_1", false), NOON_MS).await.unwrap();
    let event = |id: String, at_ms: i64| json!({ "id": id, "at": at_ms, "model": "m", "usage": { "input_tokens": 1 } });
    let new = (0..15).map(|number| event(format!("new{number}"), NOON_MS));
    let old = (0..2).map(|number| event(format!("old{number}"), NOON_MS - 5 * DAY_MS));
    let here =
        json!({ "id": "here", "at": NOON_MS, "model": "m", "policies": ["cache"], "answered_here": true });
    crate::store::corrections::ingest(&*store, &new.chain(old).chain([here]).collect::<Vec<_>>()).await;
    let settings = Settings {
        keep_firing_ms: 0,
        hysteresis_points: 0,
        dashboard_url: String::new(),
        time_zone: jiff::tz::TimeZone::UTC,
    };
    let directory = tempfile::tempdir().unwrap();
    let (recorder, writer) = Recorder::new(
        store.clone() as Arc<dyn Store>,
        Clock::manual(NOON_MS),
        Restorer::new(settings),
        Arc::new(Notify::new()),
        1 << 20,
        Ballast::new(directory.path(), 0),
    )
    .await
    .unwrap();
    // All are in the queue before the writer begins.
    let waiting: Vec<_> =
        (0..15).map(|number| tokio::spawn(deleted(recorder.clone(), format!("new{number}")))).collect();
    tokio::task::yield_now().await;
    let end = CancellationToken::new();
    let writer = tokio::spawn(writer.run(end.clone()));
    for deletion in waiting {
        deletion.await.unwrap();
    }
    assert_eq!(*recorder.revision().borrow(), 1);

    // Whoever counts anew learns of this limit.
    store.put_limit(&limit("l_2", true), NOON_MS).await.unwrap();
    for id in ["old0", "here"] {
        deleted(recorder.clone(), id.to_owned()).await;
        assert!(!recorder.enforces(), "{id} made all windows be counted anew");
    }
    store
        .put_limit(&Limit { kind: kind("spend_per_month").unwrap(), ..limit("l_3", false) }, NOON_MS)
        .await
        .unwrap();
    recorder.limits_changed().await.unwrap();
    store.delete_limit("l_2").await.unwrap();
    deleted(recorder.clone(), "old1".to_owned()).await;
    assert!(!recorder.enforces(), "the open month holds it");
    end.cancel();
    writer.await.unwrap().unwrap();
}
