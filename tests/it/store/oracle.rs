//! What the oracle in memory does otherwise than SQLite does: each line of its documentation is held here.

use std::path::Path;
use std::time::Duration;

use serde_json::json;
use server::store::memory::MemoryStore;
use server::store::{
    Action, Author, Corrected, KEPT_NOTE_BYTES, Ledger, MOST_LOOKED_THROUGH, Most, Note, OVERFLOW,
    SeriesQuery, Store, StoreError, plan,
};
use vocabulary::{Dimension, Measure};

use super::corrections::{Change, correct, ingest};
use super::{HOUR_MS, MINUTE_MS, sqlite};
use crate::harness::tacho::NOON_MS;

#[tokio::test]
async fn others_can_write_to_a_file_and_not_to_memory() {
    let directory = tempfile::tempdir().unwrap();
    let (store, other) = (sqlite(directory.path(), 9).await, sqlite(directory.path(), 9).await);
    let before = store.foreign_writes().await.unwrap();
    ingest(&other, &[json!({ "id": "a", "at": NOON_MS, "model": "m" })]).await;
    let after = store.foreign_writes().await.unwrap();
    assert_ne!(after, before);
    assert_eq!(store.foreign_writes().await.unwrap(), after);
    assert_eq!(MemoryStore::default().foreign_writes().await.unwrap(), 0);
}

#[tokio::test]
async fn memory_tells_every_value_apart_however_many_there_are() {
    let directory = tempfile::tempdir().unwrap();
    let items: Vec<_> = (0..20)
        .map(|number| json!({ "id": format!("e{number}"), "at": NOON_MS, "model": "m", "user": format!("u_{number}") }))
        .collect();
    let query = plan::query(&[Dimension::User], &[], NOON_MS, NOON_MS + MINUTE_MS, MINUTE_MS);
    let values = async |store: &dyn Store| {
        ingest(store, &items).await;
        let rows = store.series(&query).await.unwrap();
        (rows.len(), rows.iter().any(|row| row.key == [OVERFLOW]))
    };
    assert_eq!(values(&MemoryStore::default()).await, (20, false));
    let (told_apart, shares) = values(&sqlite(directory.path(), 12).await).await;
    assert!(told_apart < 20 && shares, "{told_apart}");
}

#[tokio::test]
async fn memory_sums_exactly_what_is_asked_for_and_a_rollup_whole_buckets() {
    let start_ms = NOON_MS - HOUR_MS;
    let directory = tempfile::tempdir().unwrap();
    let whole = plan::query(&[], &[], start_ms, start_ms + HOUR_MS, HOUR_MS);
    let half = SeriesQuery { to_ms: start_ms + HOUR_MS / 2, ..whole.clone() };
    let items = [10, 50].map(
        |minute| json!({ "id": format!("e{minute}"), "at": start_ms + minute * MINUTE_MS, "model": "m" }),
    );
    for (store, counted) in
        [(&MemoryStore::default() as &dyn Store, [2, 1]), (&sqlite(directory.path(), 100).await, [2, 2])]
    {
        ingest(store, &items).await;
        for (query, counted) in [&whole, &half].into_iter().zip(counted) {
            assert_eq!(store.series(query).await.unwrap()[0].sums.requests, counted, "{query:?}");
        }
    }
}

#[tokio::test]
async fn memory_takes_as_long_as_it_takes() {
    async fn asked(store: &dyn Store) -> Result<u64, StoreError> {
        let query = plan::query(&[Dimension::Session], &[], NOON_MS, NOON_MS + HOUR_MS, HOUR_MS);
        Ok(store.top_series(&query, Most { groups: 1, by: Measure::Requests }).await?.groups)
    }
    let directory = tempfile::tempdir().unwrap();
    let hasty = sqlite(directory.path(), 100_000).await.with_patience(Duration::ZERO);
    let item = |number: u32| json!({ "id": format!("e{number}"), "at": NOON_MS, "model": "m", "session": format!("s_{number}") });
    let items: Vec<_> = (0..3_000).map(item).collect();
    let patient = MemoryStore::default();
    for store in [&hasty as &dyn Store, &patient] {
        ingest(store, &items).await;
    }
    assert!(matches!(asked(&hasty).await, Err(StoreError::OverBudget)));
    assert_eq!(asked(&patient).await.unwrap(), 3_000);
}

#[tokio::test]
async fn memory_looks_for_an_id_in_however_many_projects_there_are() {
    let projects = 101;
    let store = MemoryStore::default();
    let item = |number: usize| json!({ "id": format!("e{number}"), "at": NOON_MS, "model": "m", "project": format!("p{number}") });
    ingest(&store, &(0..projects).map(item).collect::<Vec<_>>()).await;
    let ids = MOST_LOOKED_THROUGH / projects + 1;
    let deletions: Vec<Change> =
        (0..ids).map(|number| Change::Delete { id: format!("e{number}"), project: None }).collect();
    let fates = correct(&store, &deletions).await;
    assert!(fates[..projects].iter().all(|fate| *fate == Corrected::Changed));
    assert!(fates[projects..].iter().all(|fate| *fate == Corrected::NotFound));
}

#[tokio::test]
async fn memory_measures_notes_exactly_and_sqlite_now_and_then() {
    let directory = tempfile::tempdir().unwrap();
    let large = Note {
        at_ms: NOON_MS,
        author: Author::command_line(),
        action: Action::LimitChanged,
        subject: String::new(),
        project: String::new(),
        before: "x".repeat(200 << 10),
        after: None,
    };
    let fit = KEPT_NOTE_BYTES / large.bytes();
    // It has been measured when there were 320 of them, and will be when there are 384.
    assert!((321..382).contains(&fit), "{fit}");
    for (store, kept) in
        [(&MemoryStore::default() as &dyn Store, fit), (&sqlite(directory.path(), 100).await, fit + 2)]
    {
        for _ in 0..fit + 2 {
            store.note(&large).await.unwrap();
        }
        let (mut told, mut before) = (0, None);
        loop {
            let page = store.audit(before, u32::MAX).await.unwrap();
            let Some(last) = page.last() else { break };
            before = Some(last.number);
            told += page.len();
        }
        assert_eq!(told, kept);
    }
}

/// A line that is added to the documentation is added here.
#[test]
fn every_difference_is_written_down_and_held() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/src/store/memory/mod.rs");
    let source = std::fs::read_to_string(source).unwrap();
    let told: Vec<&str> = source.lines().filter_map(|line| line.strip_prefix("//! - ")).collect();
    let held = [
        "It forgets everything",
        "It has no cap on series",
        "Its sums are of exactly",
        "It takes as long as it takes",
        "It measures the bytes of notes exactly",
    ];
    assert_eq!(told.len(), held.len(), "{told:?}");
    assert!(told.iter().zip(held).all(|(told, held)| told.starts_with(held)), "{told:?}");
}
