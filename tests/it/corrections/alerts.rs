//! Alerts that were a mistake are resolved at once, and say so.

use reqwest::Method;
use serde_json::{Value, json};
use upstream::Terms;

use super::{ABSURD, LETS_IN, audit, correct, delete, is_sound, listed};
use crate::given;
use crate::harness::program::tacho_ok;
use crate::harness::proxied::Proxied;
use crate::harness::receiver::Receiver;
use crate::harness::tacho::Tacho;

#[tokio::test]
async fn a_mistake_that_locks_everybody_out_is_taken_back() {
    let mut receiver = Receiver::start().await;
    let proxied = Proxied::with(Terms::default(), &[LETS_IN]).await;
    let (tacho, caller) = (&proxied.tacho, &proxied.caller);
    tacho.channel(&receiver).await;
    let limit = json!({ "name": "Month", "kind": "spend_per_month", "amount": 500, "enforce": true });
    tacho.limit_of(&limit).await;
    let event = given::with(given::event("oops", ABSURD, 2), "model", "claude-opus-5-5");
    tacho.reporter.report(&event).await;
    let raised = receiver.next().await.json();
    assert_eq!(raised["type"], "limit.critical");
    let refused = caller.send(caller.messages("plain", false)).await;
    assert_eq!((refused.status.as_u16(), refused.header("x-tacho-error")), (429, "enforce"));

    delete(tacho, "oops").await;
    assert_eq!(tacho.standing("spend_per_month").await["used"], 0.0);
    assert_eq!(tacho.standing("spend_per_month").await["state"], "ok");
    assert_eq!(caller.send(caller.messages("plain", false)).await.status, 200);
    let resolved = receiver.next().await.json();
    let data = &resolved["data"];
    assert_eq!((&resolved["type"], &data["reason"]), (&"limit.resolved".into(), &"corrected".into()));
    assert_eq!((&data["used"], &data["percent"]), (&0.0.into(), &0.0.into()));
    assert_eq!(data["incident_key"], raised["data"]["incident_key"]);
    let alerts = tacho.admin.get("/v1/alerts").await.json();
    assert_eq!(alerts["items"][0]["reason"], "corrected");
    let pages = tacho.signed_in().await;
    let overview = pages.0.send(Method::GET, "/", &[("cookie", &pages.1)], Vec::new()).await;
    let line = overview.text.split("<ol class=\"log\">").nth(1).map(|log| log.split("</li>"));
    let line = line.and_then(|mut lines| lines.find(|line| line.contains("Month")));
    let line = line.unwrap_or_else(|| panic!("no line of it in {}", overview.text));
    assert!(line.contains("data-state=\"critical\""), "the first page says what it was: {line}");
    assert!(!line.contains("data-open"), "it is over: {line}");

    let entries = audit(tacho).await;
    let [entry] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!((&entry["action"], &entry["event_id"]), (&"deleted".into(), &"oops".into()));
    assert_eq!((&entry["by"]["name"], &entry["after"]), (&"test".into(), &Value::Null));
    assert_eq!(entry["by"]["key"].as_str(), tacho.admin.key().split('_').nth(2));
    assert_eq!(entry["before"]["usage"]["input_tokens"], ABSURD);
    assert_eq!(entry["before"]["model"], "claude-opus-5-5");
    assert!(entry["before"]["cost_usd"].as_f64().is_some_and(|cost| cost > 1e6), "{entry}");
    assert!(entry["before"]["at"].is_string(), "{entry}");
    is_sound(tacho).await;

    // The same sent again, by whichever door, does not come back.
    let again = tacho.reporter.post("/v1/events", &event).await;
    assert_eq!((again.status.as_u16(), &again.json()["duplicates"]), (200, &1.into()));
    let file = tacho.directory.path().join("events.ndjson");
    std::fs::write(&file, event.to_string()).unwrap();
    let config = tacho.directory.path().join("tacho.toml");
    std::fs::write(config, format!("[ingest]\nmax_event_tokens = {}\n", LETS_IN.1)).unwrap();
    let said = tacho_ok(tacho.directory.path(), &["import", file.to_str().unwrap(), "--set", "at=now"]).await;
    assert!(said.contains("0 events added, 1 known already"), "{said}");
    assert!(listed(tacho, "oops").await.is_none());
    // Something else under its id is told so, and lost nowhere in silence.
    let other = tacho.reporter.post("/v1/events", &given::event("oops", 412, 2)).await;
    assert_eq!((other.status.as_u16(), &other.json()["results"][0]["code"]), (422, &"deleted".into()));
}

#[tokio::test]
async fn an_alert_of_a_minute_and_of_each_user_is_resolved_at_once() {
    let mut receiver = Receiver::start().await;
    let tacho = Tacho::at_noon().await;
    tacho.channel(&receiver).await;
    let each = json!({ "dimension": "user", "value": null });
    for kind in ["input_tokens_per_minute", "tokens_per_day"] {
        tacho.limit_of(&json!({ "name": kind, "kind": kind, "amount": 1_000, "scope": each })).await;
    }
    let by = |id: &str, user: &str, tokens: u64| given::with(given::event(id, tokens, 0), "user", user);
    tacho.reporter.report(&json!([by("a", "u_1", 5_000), by("b", "u_2", 900)])).await;
    for _ in 0..4 {
        assert_ne!(receiver.next().await.kind(), "limit.resolved");
    }
    // Three minutes later the minute is over, and its alert still waits.
    tacho.advance(180);
    delete(&tacho, "a").await;
    let mut resolved = Vec::new();
    for _ in 0..2 {
        let message = receiver.next().await.json();
        assert_eq!(
            (&message["type"], &message["data"]["reason"]),
            (&"limit.resolved".into(), &"corrected".into())
        );
        assert_eq!(message["data"]["scope"]["value"], "u_1");
        resolved.push(message["data"]["limit"]["kind"].as_str().unwrap().to_owned());
    }
    resolved.sort();
    assert_eq!(resolved, ["input_tokens_per_minute", "tokens_per_day"]);
    // What was no mistake goes on as it was.
    assert_eq!(tacho.standing("tokens_per_day").await["scope"]["value"], "u_2");
    assert!(receiver.arrived().is_none());
    // A correction raises, too.
    tacho.advance(1);
    correct(&tacho, &by("b", "u_2", 2_000)).await;
    assert_eq!(receiver.next().await.json()["type"], "limit.critical");
    // And what has become less bad says so.
    correct(&tacho, &by("b", "u_2", 850)).await;
    let eased = receiver.next().await.json();
    assert_eq!(
        (&eased["type"], &eased["data"]["previous_severity"], &eased["data"]["reason"]),
        (&"limit.warning".into(), &"critical".into(), &"corrected".into())
    );
}
