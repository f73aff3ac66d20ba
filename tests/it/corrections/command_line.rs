//! Corrections at the command line, beside a server and without one.

use serde_json::{Value, json};
use server::clock::Clock;

use super::{audit, is_sound};
use crate::given;
use crate::harness::program::{tacho_ok, tacho_refused};
use crate::harness::receiver::Receiver;
use crate::harness::tacho::{NOON_MS, Tacho};
use crate::harness::until;

#[tokio::test]
async fn the_command_line_corrects_beside_a_server_which_notices() {
    let mut receiver = Receiver::start().await;
    let tacho = Tacho::at_noon().await;
    tacho.channel(&receiver).await;
    tacho.limit("tokens_per_day", 1_000.0).await;
    tacho.reporter.report(&json!([given::event("a", 5_000, 0), given::event("b", 700, 0)])).await;
    assert_eq!(receiver.next().await.kind(), "limit.critical");
    let data = tacho.directory.path();
    let said = tacho_ok(data, &["events", "delete", "a"]).await;
    assert_eq!(said, "deleted a");
    let resolved = until("the end of the alert", async || {
        tacho.advance(1);
        receiver.arrived()
    })
    .await
    .json();
    assert_eq!(
        (&resolved["type"], &resolved["data"]["reason"]),
        (&"limit.resolved".into(), &"corrected".into())
    );
    assert_eq!(tacho.standing("tokens_per_day").await["used"], 700.0);
    let file = data.join("right.ndjson");
    std::fs::write(&file, format!("{}\n{}\n", given::event("b", 70, 0), given::event("c", 1, 0))).unwrap();
    let output = crate::harness::program::tacho(data, &["events", "correct", file.to_str().unwrap()]).await;
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{out}{err}");
    assert!(out.contains("1 events corrected, 0 unchanged, 1 refused"), "{out}{err}");
    assert!(err.contains("line 2: no event has this id"), "{out}{err}");
    until("the correction", async || {
        tacho.advance(1);
        (tacho.standing("tokens_per_day").await["used"] == 70.0).then_some(())
    })
    .await;
    let by: Vec<Value> = audit(&tacho).await.iter().map(|entry| entry["by"]["name"].clone()).collect();
    assert_eq!(by, ["the command line", "the command line"]);
    let refused = tacho_refused(data, &["events", "delete", "a"], &[]).await;
    assert!(refused.contains("no event has this id"), "{refused}");
    is_sound(&tacho).await;
}

#[tokio::test]
async fn what_others_have_just_written_is_counted_before_it_is_taken_back() {
    let (tacho, mut receiver) = Tacho::watched("tokens_per_day", 1_000.0).await;
    tacho.reporter.report(&given::event("a", 850, 0)).await;
    assert_eq!(receiver.next().await.kind(), "limit.warning");
    let file = tacho.directory.path().join("events.ndjson");
    let imported = given::with(given::event("b", 100, 0), "at", given::rfc3339(NOON_MS));
    std::fs::write(&file, imported.to_string()).unwrap();
    tacho_ok(tacho.directory.path(), &["import", file.to_str().unwrap()]).await;
    // The clock stands still, so that the server has not looked yet.
    super::delete(&tacho, "b").await;
    assert_eq!(tacho.standing("tokens_per_day").await["used"], 850.0);
    tacho.reporter.report(&given::event("c", 150, 0)).await;
    let next = receiver.next().await.json();
    assert_eq!((&next["type"], &next["data"]["reason"]), (&"limit.critical".into(), &"threshold".into()));
}

#[tokio::test]
async fn what_is_put_right_while_no_server_runs_is_told_at_the_next_start() {
    let mut receiver = Receiver::start().await;
    let tacho = Tacho::at_noon().await;
    tacho.channel(&receiver).await;
    let each = json!({ "dimension": "user", "value": null });
    tacho
        .limit_of(&json!({ "name": "Each", "kind": "tokens_per_day", "amount": 1_000, "scope": each }))
        .await;
    tacho.limit("tokens_per_day", 1_000.0).await;
    tacho.reporter.report(&given::with(given::event("a", 5_000, 0), "user", "u_1")).await;
    for _ in 0..2 {
        assert_eq!(receiver.next().await.kind(), "limit.critical");
    }
    let directory = tacho.stopped().await;
    tacho_ok(directory.path(), &["events", "delete", "a"]).await;
    let tacho = Tacho::on(directory, Clock::manual(NOON_MS + 1_000), &[]).await;
    for _ in 0..2 {
        let message = receiver.next().await.json();
        assert_eq!(
            (&message["type"], &message["data"]["reason"]),
            (&"limit.resolved".into(), &"corrected".into())
        );
    }
    is_sound(&tacho).await;
}
