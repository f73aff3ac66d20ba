//! A server notes when it runs, so that a stretch in which it did not is told from one in which nobody called.

use std::time::Duration;

use serde_json::json;
use server::assembly::open_store;
use server::clock::Clock;
use server::store::Answers;

use crate::harness::tacho::{NOON_MS, Tacho};
use crate::harness::until;

const HOUR_MS: i64 = 3_600_000;

async fn gaps(tacho: &Tacho) -> Vec<(i64, i64)> {
    let store = open_store(&tacho.config).await.unwrap();
    let gaps = store.gaps(0, NOON_MS + 1_000 * HOUR_MS).await.unwrap();
    store.close().await;
    gaps
}

async fn has_gaps(tacho: &Tacho, expected: &[(i64, i64)]) {
    until("these gaps", async || (gaps(tacho).await == expected).then_some(())).await;
}

#[tokio::test]
async fn a_server_that_was_stopped_leaves_a_gap_and_one_that_is_restarted_none() {
    let tacho = Tacho::at_noon().await;
    // What is older than the first run is no gap, and silence is none.
    let event = json!({ "id": "a", "at": NOON_MS - HOUR_MS, "model": "m" });
    assert_eq!(tacho.reporter.post("/v1/events", &event).await.status, 200);
    tacho.advance(60);
    let tacho = tacho.restart(|clock| clock.advance(Duration::from_secs(59))).await;
    has_gaps(&tacho, &[]).await;

    let stopped_ms = tacho.clock.now_ms();
    let tacho = tacho.restart(|clock| clock.advance(Duration::from_secs(3_600))).await;
    let gap = (stopped_ms, stopped_ms + HOUR_MS);
    has_gaps(&tacho, &[gap]).await;

    // By a clock that is wrong there is another run before it, and no other gap.
    let tacho = tacho.restart_by(|| Clock::manual(NOON_MS - 100 * HOUR_MS)).await;
    let tacho = tacho.restart_by(|| Clock::manual(stopped_ms + 2 * HOUR_MS)).await;
    has_gaps(&tacho, &[gap, (stopped_ms + HOUR_MS, stopped_ms + 2 * HOUR_MS)]).await;
}

#[tokio::test]
async fn a_machine_that_slept_leaves_a_gap() {
    let tacho = Tacho::at_noon().await;
    let database = format!("sqlite://{}", tacho.directory.path().join("tacho.db").display());
    let pool = sqlx::SqlitePool::connect(&database).await.unwrap();
    until("a first note", async || {
        let runs: i64 = sqlx::query_scalar("select count(*) from run").fetch_one(&pool).await.unwrap();
        (runs > 0).then_some(())
    })
    .await;
    pool.close().await;
    tacho.advance(5 * 3_600);
    has_gaps(&tacho, &[(NOON_MS, NOON_MS + 5 * HOUR_MS)]).await;
}
