//! Calls go through when nothing can be stored, and their events are stored when it can be again.

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

use crate::harness::proxied::Proxied;
use crate::harness::until;

/// Somebody else writes to the database, and does not let go of it.
async fn hold(proxied: &Proxied) -> SqliteConnection {
    let path = proxied.tacho.directory.path().join("tacho.db");
    let mut holder = SqliteConnectOptions::new().filename(path).connect().await.expect("the database");
    sqlx::query("begin immediate").execute(&mut holder).await.expect("the lock");
    holder
}

fn spilled(proxied: &Proxied) -> bool {
    proxied.tacho.directory.path().join("proxy-spill.ndjson").exists()
}

#[tokio::test]
async fn calls_pass_while_storage_is_blocked_and_no_event_is_lost() {
    let proxied = Proxied::start().await;
    let mut holder = hold(&proxied).await;
    let calls = 120;
    for number in 0..calls / 2 {
        let answer = proxied.caller.send(proxied.caller.messages("words=3", number % 2 == 0)).await;
        assert_eq!(answer.status, 200);
    }
    until("the events in the file", async || spilled(&proxied).then_some(())).await;
    for number in 0..calls / 2 {
        let answer = proxied.caller.send(proxied.caller.messages("words=3", number % 2 == 0)).await;
        assert_eq!(answer.status, 200);
    }
    sqlx::query("rollback").execute(&mut holder).await.expect("let go");
    holder.close().await.expect("closed");
    let events = proxied.events(calls).await;
    let mut sent: Vec<String> =
        proxied.upstream.exchanges().into_iter().map(|exchange| exchange.request_id).collect();
    let mut stored: Vec<&str> = events.iter().filter_map(|event| event["id"].as_str()).collect();
    sent.sort();
    stored.sort_unstable();
    assert_eq!(stored, sent);
    until("the end of the file", async || (!spilled(&proxied)).then_some(())).await;
}

#[tokio::test]
async fn what_waited_in_the_file_is_stored_after_a_restart() {
    let proxied = Proxied::start().await;
    let mut holder = hold(&proxied).await;
    for _ in 0..5 {
        proxied.caller.send(proxied.caller.messages("words=3", true)).await;
    }
    until("the events in the file", async || spilled(&proxied).then_some(())).await;
    let file = std::fs::read(proxied.tacho.directory.path().join("proxy-spill.ndjson")).expect("the file");
    sqlx::query("rollback").execute(&mut holder).await.expect("let go");
    holder.close().await.expect("closed");
    let Proxied { tacho, upstream, caller, api_clock } = proxied;
    let directory = tacho.directory.path().to_owned();
    // As if it had been killed before the file was forgotten: the same events are offered once more.
    let between = |_: &server::clock::Clock| {
        std::fs::write(directory.join("proxy-spill.ndjson"), &file).expect("written");
    };
    let proxied = Proxied { tacho: tacho.restart(between).await, upstream, caller, api_clock };
    until("the end of the file", async || (!spilled(&proxied)).then_some(())).await;
    proxied.events(5).await;
}
