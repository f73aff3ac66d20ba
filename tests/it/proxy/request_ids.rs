//! An exchange that Tacho carried is kept, whatever id its answer came with; and a report of it counts no second time.

use std::collections::BTreeSet;

use http_body_util::BodyExt;
use serde_json::{Value, json};
use sqlx::Connection;

use super::fail_open::{hold, spilled};
use crate::given;
use crate::harness::proxied::Proxied;
use crate::harness::until;

const GIVEN: &str = "chatcmpl-213";

/// Sends a call whose answer comes with the id, and returns what the answer says the event's is.
async fn call(proxied: &Proxied, words: usize) -> String {
    let scenario = format!("words={words}; header=request-id: {GIVEN}");
    let answer = proxied.caller.send(proxied.caller.messages(&scenario, words.is_multiple_of(2))).await;
    assert_eq!((answer.status.as_u16(), answer.header("request-id")), (200, GIVEN));
    answer.header("x-tacho-request-id").to_owned()
}

fn ids(events: &[Value]) -> BTreeSet<String> {
    events.iter().map(|event| event["id"].as_str().expect("an id").to_owned()).collect()
}

/// Waits until the store was offered what ended before: the events of calls come in order. Returns all events.
async fn settled(proxied: &Proxied, count: usize) -> Vec<Value> {
    assert_eq!(proxied.caller.send(proxied.caller.messages("words=1", false)).await.status, 200);
    proxied.events(count + 1).await
}

#[tokio::test]
async fn exchanges_with_the_same_id_are_all_kept_and_named() {
    let proxied = Proxied::start().await;
    let mut named = BTreeSet::new();
    // Some of them used as much as others.
    for words in [2, 3, 3, 4, 2] {
        named.insert(call(&proxied, words).await);
    }
    assert_eq!(named.len(), 5);
    assert!(named.contains(GIVEN) && named.iter().all(|id| id.starts_with(GIVEN)), "{named:?}");
    assert_eq!(ids(&proxied.events(5).await), named);
    // After a restart none is taken for one from before it.
    let Proxied { tacho, upstream, mut caller, api_clock } = proxied;
    let tacho = tacho.restart(|_| {}).await;
    caller.base_url = format!("{}/proxy", tacho.base_url());
    let proxied = Proxied { tacho, upstream, caller, api_clock };
    for words in [2, 3] {
        named.insert(call(&proxied, words).await);
    }
    assert_eq!(named.len(), 7);
    assert_eq!(ids(&proxied.events(7).await), named);
}

#[tokio::test]
async fn retries_whose_answers_have_one_id_are_attempts_of_their_own() {
    let proxied = Proxied::policed(upstream::Terms::default(), "[[policies]]\npolicy = \"retry\"\n").await;
    let scenario = format!("rate_limited; retry-after=0; attempts=2; header=request-id: {GIVEN}");
    let answer = proxied.caller.send(proxied.caller.messages(&scenario, false)).await;
    assert_eq!(answer.status, 200);
    let events = proxied.events(3).await;
    let last = events.iter().find(|event| event["status"] == 200).expect("the last attempt");
    assert_eq!(last["id"], answer.header("x-tacho-request-id"));
    assert_eq!(ids(&events).len(), 3);
}

#[tokio::test]
async fn a_report_of_a_call_counts_once_whichever_comes_first() {
    let proxied = Proxied::start().await;
    let report = |id: &str| given::with(given::event(id, 7, 7), "duration_ms", 5);
    // The report comes first: the answer is still on its way.
    let mut answer = proxied.caller.begin(proxied.caller.messages("slow; ms=20; words=9", true)).await;
    let id = answer.headers()["x-tacho-request-id"].to_str().expect("an id").to_owned();
    proxied.tacho.reporter.report(&report(&id)).await;
    while answer.frame().await.is_some() {}
    assert_eq!(ids(&settled(&proxied, 1).await).iter().filter(|known| known.starts_with(&id)).count(), 1);
    // It comes last.
    let answer = proxied.caller.send(proxied.caller.messages("words=3", false)).await;
    let id = answer.header("x-tacho-request-id").to_owned();
    proxied.events(3).await;
    let known = proxied.tacho.reporter.post("/v1/events", &report(&id)).await;
    assert_eq!(known.json()["results"][0]["code"], "conflict", "{}", known.text);
    proxied.events(3).await;
}

#[tokio::test]
async fn what_was_posted_before_a_call_was_sent_does_not_take_its_place() {
    let proxied = Proxied::start().await;
    proxied.tacho.reporter.report(&given::event(GIVEN, 7, 7)).await;
    until("a later millisecond", async || {
        let posted_at = proxied.events(1).await[0]["at"].as_str().expect("a time").to_owned();
        (given::rfc3339(server::clock::Clock::system().now_ms()) > posted_at).then_some(())
    })
    .await;
    call(&proxied, 3).await;
    let events = proxied.events(2).await;
    let kept = events.iter().find(|event| event["duration_ms"].is_u64()).expect("the call");
    let id = kept["id"].as_str().expect("an id");
    assert!(id.starts_with("chatcmpl-213~") && id.len() == GIVEN.len() + 17, "{id}");
}

#[tokio::test]
async fn what_is_offered_twice_is_stored_once_under_the_same_id() {
    let proxied = Proxied::start().await;
    // One that nobody remembers, and that the store knows.
    proxied.tacho.reporter.report(&given::event(GIVEN, 7, 7)).await;
    let mut holder = hold(&proxied).await;
    for words in [3, 3, 4] {
        call(&proxied, words).await;
    }
    until("the events in the file", async || spilled(&proxied).then_some(())).await;
    let path = proxied.tacho.directory.path().join("proxy-spill.ndjson");
    let file = until("all of them", async || {
        let file = std::fs::read_to_string(&path).unwrap_or_default();
        (file.lines().count() == 3).then_some(file)
    })
    .await;
    sqlx::query("rollback").execute(&mut holder).await.expect("let go");
    holder.close().await.expect("closed");
    let first = ids(&proxied.events(4).await);
    let Proxied { tacho, upstream, mut caller, api_clock } = proxied;
    // As if it had been killed before the file was forgotten.
    let tacho = tacho.restart(|_| std::fs::write(&path, &file).expect("written")).await;
    caller.base_url = format!("{}/proxy", tacho.base_url());
    let proxied = Proxied { tacho, upstream, caller, api_clock };
    until("the end of the file", async || (!spilled(&proxied)).then_some(())).await;
    assert_eq!(ids(&proxied.events(4).await), first);
}

#[tokio::test]
async fn what_was_deleted_between_two_offers_does_not_come_back() {
    let mut proxied = Proxied::start().await;
    let mut holder = hold(&proxied).await;
    // Streams, errors and plain answers: each is read back from the file as what it was.
    for scenario in ["words=3", "words=3; header=request-id: a b", "overloaded", "iterations", "priority"] {
        for stream in [false, true] {
            proxied.caller.send(proxied.caller.messages(scenario, stream)).await;
        }
    }
    let path = proxied.tacho.directory.path().join("proxy-spill.ndjson");
    let file = until("all of them in the file", async || {
        let file = std::fs::read_to_string(&path).unwrap_or_default();
        (file.lines().count() == 10).then_some(file)
    })
    .await;
    sqlx::query("rollback").execute(&mut holder).await.expect("let go");
    holder.close().await.expect("closed");
    let events = proxied.events(10).await;
    until("the end of the file", async || (!spilled(&proxied)).then_some(())).await;
    for id in ids(&events) {
        let reply = proxied.tacho.admin.delete(&format!("/v1/events/{}", id.replace(' ', "%20"))).await;
        assert_eq!(reply.status, 204, "{}", reply.text);
    }
    // As if it had been killed before the file was forgotten.
    proxied.tacho = proxied.tacho.restart(|_| std::fs::write(&path, &file).expect("written")).await;
    proxied.caller.base_url = format!("{}/proxy", proxied.tacho.base_url());
    until("the end of the file", async || (!spilled(&proxied)).then_some(())).await;
    settled(&proxied, 0).await;
}

/// So many lines take some time to be stored.
const LINES: usize = 20_000;

#[tokio::test]
async fn a_call_is_stored_while_much_waits_in_the_file_and_takes_no_id_of_what_waits() {
    let proxied = Proxied::start().await;
    let mut holder = hold(&proxied).await;
    call(&proxied, 3).await;
    let path = proxied.tacho.directory.path().join("proxy-spill.ndjson");
    let line = until("the event in the file", async || {
        std::fs::read_to_string(&path).ok().filter(|file| file.ends_with('\n'))
    })
    .await;
    sqlx::query("rollback").execute(&mut holder).await.expect("let go");
    holder.close().await.expect("closed");
    proxied.events(1).await;
    until("the end of the file", async || (!spilled(&proxied)).then_some(())).await;
    let waiting: String = (0..LINES).map(|number| line.replace(GIVEN, &format!("waits-{number}"))).collect();
    let Proxied { tacho, upstream, mut caller, api_clock } = proxied;
    let tacho = tacho.restart(|_| std::fs::write(&path, &waiting).expect("written")).await;
    caller.base_url = format!("{}/proxy", tacho.base_url());
    let proxied = Proxied { tacho, upstream, caller, api_clock };
    let last = format!("waits-{}", LINES - 1);
    let scenario = format!("words=4; header=request-id: {last}");
    let answer = proxied.caller.send(proxied.caller.messages(&scenario, false)).await;
    let id = answer.header("x-tacho-request-id");
    assert!(id.starts_with(&format!("{last}~")), "{id}");
    until("the event of the call", async || {
        let page = proxied.tacho.admin.get("/v1/events?limit=1").await.json();
        (page["events"][0]["id"] == id).then_some(())
    })
    .await;
    assert!(spilled(&proxied), "the others still wait");
}

#[tokio::test]
async fn what_is_no_id_is_replaced_and_named() {
    let proxied = Proxied::start().await;
    let long = "x".repeat(129);
    let mut named = BTreeSet::new();
    for given in ["", "a\tb", &long, "sk-ant-api03-secret"] {
        let scenario = format!("words=3; header=request-id: {given}");
        let answer = proxied.caller.send(proxied.caller.messages(&scenario, false)).await;
        let id = answer.header("x-tacho-request-id").to_owned();
        assert!(id.starts_with("evt_"), "{given:?}: {id}");
        named.insert(id);
    }
    let events = proxied.events(4).await;
    assert_eq!(ids(&events), named);
    assert!(!json!(events).to_string().contains("secret"));
}
