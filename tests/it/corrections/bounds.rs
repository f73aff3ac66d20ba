//! What no call can have used is refused, and what is stored already is not lost for it.

use serde_json::{Value, json};
use upstream::Terms;

use super::{ABSURD, DAY_MS, is_sound, lenient};
use crate::given;
use crate::harness::program::{Program, tacho, tacho_ok};
use crate::harness::proxied::Proxied;
use crate::harness::tacho::NOON_MS;

#[tokio::test]
async fn one_absurd_event_does_not_lock_everybody_out() {
    let proxied = Proxied::with(Terms::default(), &[]).await;
    let limit = json!({ "name": "Month", "kind": "spend_per_month", "amount": 500, "enforce": true });
    proxied.tacho.limit_of(&limit).await;
    let event = given::with(given::event("oops", ABSURD, 2), "model", "claude-opus-5-5");
    let reply = proxied.tacho.reporter.post("/v1/events", &event).await;
    assert_eq!(reply.status, 422, "{}", reply.text);
    let result = &reply.json()["results"][0];
    assert_eq!((&result["id"], &result["code"]), (&"oops".into(), &"implausible".into()));
    let message = result["message"].as_str().unwrap();
    for word in ["`usage.input_tokens`", "10000000", "max_event_tokens", "TACHO_INGEST_MAX_EVENT_TOKENS"] {
        assert!(message.contains(word), "{word}: {message}");
    }
    let caller = &proxied.caller;
    assert_eq!(caller.send(caller.messages("plain", false)).await.status, 200);
    // Nor by an import.
    let file = proxied.tacho.directory.path().join("events.ndjson");
    std::fs::write(&file, event.to_string()).unwrap();
    let output = tacho(proxied.tacho.directory.path(), &["import", file.to_str().unwrap()]).await;
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("line 1: `usage.input_tokens` must be at most 10000000 tokens"), "{said}");
}

#[tokio::test]
async fn an_absurd_event_that_is_stored_already_stays_readable_and_is_put_right() {
    let tacho = lenient().await;
    tacho.reporter.report(&given::event("a", ABSURD, 1)).await;
    // Under the bound of today.
    let data = tacho.directory.path();
    let key = tacho_ok(data, &["keys", "create", "--scope", "admin", "--name", "ops"]).await;
    let directory = tacho.stopped().await;
    let program = Program::start(directory.path(), &[]).await;
    let admin = program.client(&key);
    let path = format!(
        "/v1/events?from={}&to={}",
        given::rfc3339(NOON_MS - DAY_MS),
        given::rfc3339(NOON_MS + DAY_MS)
    );
    let events = admin.get(&path).await.json();
    assert_eq!(events["events"][0]["usage"]["input_tokens"], ABSURD);
    let reply = admin.post("/v1/events/correct", &given::event("a", 412, 1)).await;
    assert_eq!((reply.status.as_u16(), &reply.json()["corrected"]), (200, &1.into()), "{}", reply.text);
    assert_eq!(admin.get(&path).await.json()["events"][0]["usage"]["input_tokens"], 412);
    program.terminate().await;
}

#[tokio::test]
async fn a_call_that_is_answered_with_more_than_a_call_can_use_goes_through_and_its_usage_is_unknown() {
    // Below what the answer tells.
    let proxied = Proxied::with(Terms::default(), &[("TACHO_INGEST_MAX_EVENT_TOKENS", "3")]).await;
    let (tacho, caller) = (&proxied.tacho, &proxied.caller);
    tacho.limit("tokens_per_day", 1_000.0).await;
    for stream in [false, true] {
        let answer = caller.send(caller.messages("plain", stream)).await;
        assert_eq!(answer.status, 200);
        assert!(answer.text().contains("input_tokens"), "{}", answer.text());
    }
    for event in proxied.events(2).await {
        assert_eq!(
            (&event["status"], &event["usage"]["input_tokens"]),
            (&200.into(), &Value::Null),
            "{event}"
        );
        assert_eq!((&event["usage"]["output_tokens"], &event["estimated"]), (&Value::Null, &Value::Null));
    }
    let standing = tacho.standing("tokens_per_day").await;
    assert_eq!((&standing["used"], &standing["usage_incomplete"]), (&0.0.into(), &true.into()));
    is_sound(tacho).await;
}
