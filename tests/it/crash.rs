//! `kill -9` while events pour in: what was acknowledged is there, and nothing is there twice.

use std::collections::HashSet;

use reqwest::Method;
use serde_json::Value;
use tempfile::tempdir;

use crate::given;
use crate::harness::program::{Program, tacho_ok};

const KILLS: usize = 20;
const BATCH: usize = 50;
const SENDERS: usize = 4;

#[tokio::test]
async fn what_was_acknowledged_survives_twenty_kills_and_counts_once() {
    let directory = tempdir().unwrap();
    let key = tacho_ok(directory.path(), &["keys", "create", "--scope", "admin", "--name", "a"]).await;
    let mut acknowledged: HashSet<String> = HashSet::new();
    let mut sent = 0;
    let mut retry: Vec<Value> = Vec::new();
    for round in 0..KILLS {
        let program = Program::start(directory.path(), &[]).await;
        let (told, mut answers) = tokio::sync::mpsc::unbounded_channel();
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| {
                let (client, told) = (program.client(&key), told.clone());
                // Nobody knows what became of the batches in flight at the kill: they are sent again first.
                let mut again = std::mem::take(&mut retry);
                tokio::spawn(async move {
                    for number in 0.. {
                        let batch = again
                            .pop()
                            .unwrap_or_else(|| given::events(&format!("r{round}_s{sender}_{number}"), BATCH));
                        let body = batch.to_string().into_bytes();
                        let headers = [("content-type", "application/json")];
                        let reply = client.try_send(Method::POST, "/v1/events", &headers, body).await;
                        let stored = reply.is_ok_and(|reply| reply.status == 200);
                        if told.send((batch, stored)).is_err() || !stored {
                            return;
                        }
                    }
                })
            })
            .collect();
        drop(told);
        // Some rounds are killed early, some late: after so many answers, while the next are under way.
        for _ in 0..1 + round * 3 {
            note(answers.recv().await.unwrap(), &mut acknowledged, &mut retry, &mut sent);
        }
        program.kill().await;
        while let Some(answer) = answers.recv().await {
            note(answer, &mut acknowledged, &mut retry, &mut sent);
        }
        for sender in senders {
            sender.await.unwrap();
        }
    }
    assert!(acknowledged.len() > KILLS * BATCH, "{} acknowledged", acknowledged.len());

    let checked: Value =
        serde_json::from_str(&tacho_ok(directory.path(), &["check", "--json"]).await).unwrap();
    assert_eq!(checked["problems"], serde_json::json!([]));
    let stored = stored_ids(directory.path()).await;
    let unique: HashSet<&String> = stored.iter().collect();
    assert_eq!(unique.len(), stored.len(), "an event is stored twice");
    assert_eq!(checked["events"], stored.len());
    let lost: Vec<_> = acknowledged.iter().filter(|id| !unique.contains(id)).collect();
    assert!(lost.is_empty(), "{} acknowledged events are lost, such as {:?}", lost.len(), lost.first());
    // What is stored beyond that was in flight at a kill.
    assert!(stored.len() <= sent);
    eprintln!("{KILLS} kills: {} acknowledged, {} stored, 0 lost, 0 twice", acknowledged.len(), stored.len());
}

fn note(
    (batch, stored): (Value, bool),
    acknowledged: &mut HashSet<String>,
    retry: &mut Vec<Value>,
    sent: &mut usize,
) {
    *sent += BATCH;
    if stored {
        acknowledged
            .extend(batch.as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap().to_owned()));
    } else {
        retry.push(batch);
    }
}

async fn stored_ids(data_dir: &std::path::Path) -> Vec<String> {
    let database = format!("sqlite://{}?mode=ro", data_dir.join("tacho.db").display());
    let pool = sqlx::SqlitePool::connect(&database).await.unwrap();
    let ids = sqlx::query_scalar("select id from event").fetch_all(&pool).await.unwrap();
    pool.close().await;
    ids
}

#[tokio::test]
async fn a_damaged_database_ends_the_program_though_no_event_comes() {
    let directory = tempdir().unwrap();
    let program = Program::start(directory.path(), &[]).await;
    let database = format!("sqlite://{}", directory.path().join("tacho.db").display());
    let pool = sqlx::SqlitePool::connect(&database).await.unwrap();
    let mut connection = pool.acquire().await.unwrap();
    for damage in [
        "pragma writable_schema = on",
        "update sqlite_schema set rootpage = 999999 where name = 'alert_instance'",
        "pragma schema_version = 999",
    ] {
        sqlx::query(damage).execute(&mut *connection).await.unwrap();
    }
    program.fails().await;
}
