//! Calls go through when nothing can be stored, and their events are stored when it can be again.

use reqwest::Method;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use tokio::task::JoinSet;
use upstream::Terms;

use crate::harness::client::Client;
use crate::harness::proxied::Proxied;
use crate::harness::until;

/// The overview, as the server writes it for a session.
async fn overview((browser, cookie): &(Client, String)) -> String {
    browser.send(Method::GET, "/", &[("cookie", cookie)], Vec::new()).await.text
}

/// Somebody else writes to the database, and does not let go of it.
pub(super) async fn hold(proxied: &Proxied) -> SqliteConnection {
    let path = proxied.tacho.directory.path().join("tacho.db");
    let mut holder = SqliteConnectOptions::new().filename(path).connect().await.expect("the database");
    sqlx::query("begin immediate").execute(&mut holder).await.expect("the lock");
    holder
}

pub(super) fn spilled(proxied: &Proxied) -> bool {
    proxied.tacho.directory.path().join("proxy-spill.ndjson").exists()
}

#[tokio::test]
async fn calls_pass_while_storage_is_blocked_and_no_event_is_lost() {
    let proxied = Proxied::start().await;
    let session = proxied.tacho.signed_in().await;
    let mut holder = hold(&proxied).await;
    let calls = 120;
    for number in 0..calls / 2 {
        let answer = proxied.caller.send(proxied.caller.messages("words=3", number % 2 == 0)).await;
        assert_eq!(answer.status, 200);
    }
    until("the events in the file", async || spilled(&proxied).then_some(())).await;
    let blocked = "\u{a0}KB of events wait in a file, and will be stored";
    until("word of it", async || overview(&session).await.contains(blocked).then_some(())).await;
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
    until("an end of the word", async || (!overview(&session).await.contains(blocked)).then_some(())).await;
}

#[tokio::test]
async fn what_was_lost_is_told_with_what_to_do() {
    let Proxied { tacho, .. } = Proxied::start().await;
    let file = tacho.directory.path().join("proxy-spill.ndjson");
    let damage = |_: &server::clock::Clock| std::fs::write(&file, "half a line\n").expect("written");
    let tacho = tacho.restart(damage).await;
    let session = tacho.signed_in().await;
    let lost = "1\u{a0}event from the proxy lost since Tacho started";
    let page = until("word of it", async || {
        let page = overview(&session).await;
        page.contains(lost).then_some(page)
    });
    assert!(page.await.contains("raise spill_max_bytes under [proxy]"));
}

/// How long storage is blocked, in seconds; longer with `TACHO_TEST_BLOCKED_S`.
const BLOCKED_S: u64 = 3;
const CALLS_PER_S: u64 = 100;

#[tokio::test(flavor = "multi_thread")]
async fn storage_may_be_blocked_for_as_long_as_it_takes() {
    let wanted = std::env::var("TACHO_TEST_BLOCKED_S").ok().and_then(|text| text.parse().ok());
    let calls = wanted.unwrap_or(BLOCKED_S) * CALLS_PER_S;
    let terms = Terms { requests_per_minute: 1 << 40, keep_exchanges: 0, ..Terms::default() };
    let proxied = Proxied::with(terms, &[]).await;
    let mut holder = hold(&proxied).await;
    let mut every = tokio::time::interval(std::time::Duration::from_millis(1_000 / CALLS_PER_S));
    let mut sent = JoinSet::new();
    for number in 0..calls {
        every.tick().await;
        let caller = proxied.caller.clone();
        sent.spawn(async move { caller.send(caller.messages("words=3", number % 2 == 0)).await.status });
    }
    let statuses = sent.join_all().await;
    let failed = statuses.iter().filter(|status| **status != 200).count();
    sqlx::query("rollback").execute(&mut holder).await.expect("let go");
    holder.close().await.expect("closed");
    let stored = proxied.events(calls as usize).await.len();
    println!("{calls} calls while storage was blocked: {failed} failed, {stored} events stored");
    assert_eq!(failed, 0);
}

#[tokio::test]
async fn what_waited_in_the_file_is_stored_after_a_restart() {
    let proxied = Proxied::start().await;
    let mut holder = hold(&proxied).await;
    for _ in 0..5 {
        proxied.caller.send(proxied.caller.messages("words=3", true)).await;
    }
    // All of them: what is written over the file below must hold whatever it held.
    let file = until("five events in the file", async || {
        let file = std::fs::read_to_string(proxied.tacho.directory.path().join("proxy-spill.ndjson")).ok()?;
        (file.lines().count() == 5 && file.ends_with('\n')).then_some(file)
    })
    .await;
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
