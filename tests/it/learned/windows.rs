//! Windows of a subscription end when the headers said, and with them their alerts.

use serde_json::{Value, json};

use super::{call, standing};
use crate::given;
use crate::harness::receiver::{Message, Receiver};
use crate::harness::tacho::{NOON_MS, Tacho};
use crate::harness::until;

/// What the headers say of a window: how much of it is used, and that it is reset so many milliseconds after noon.
fn window(name: &str, used: &str, reset_after_ms: i64) -> Value {
    let reset_s = (NOON_MS + reset_after_ms) / 1_000;
    json!({
        format!("anthropic-ratelimit-unified-{name}-utilization"): used,
        format!("anthropic-ratelimit-unified-{name}-reset"): reset_s.to_string(),
    })
}

async fn told() -> (Tacho, Receiver) {
    let (tacho, receiver) = (Tacho::at_noon().await, Receiver::start().await);
    tacho.channel(&receiver).await;
    (tacho, receiver)
}

/// How much of a window is used, and its state.
async fn stands(tacho: &Tacho, limiter: &str) -> (f64, String) {
    let standing = standing(tacho, "subscription", limiter).await;
    (standing["used"].as_f64().unwrap(), standing["state"].as_str().unwrap().to_owned())
}

fn says(message: &Message) -> (String, String, String) {
    let message = message.json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&message["type"]), text(&message["data"]["reason"]), text(&message["data"]["event_time"]))
}

fn resolved_at(event_time: &str) -> (String, String, String) {
    ("limit.resolved".to_owned(), "window_reset".to_owned(), event_time.to_owned())
}

/// The next message, however long its sender is idle; the clock goes on by a second until it comes.
async fn soon(tacho: &Tacho, receiver: &mut Receiver) -> Message {
    until("a message", async || {
        tacho.advance(1);
        receiver.arrived()
    })
    .await
}

#[tokio::test]
async fn the_alert_is_resolved_at_the_reset_and_the_state_is_ok_at_that_moment() {
    for (name, limiter) in [("5h", "unified_5h"), ("7d", "unified_7d"), ("7d_sonnet", "unified_7d_sonnet")] {
        let (tacho, mut receiver) = told().await;
        tacho.reporter.report(&call("a", "claude-opus-5", 0, window(name, "0.99", 3_000))).await;
        let raised = receiver.next().await;
        assert_eq!(raised.kind(), "limit.warning");
        assert_eq!(raised.json()["data"]["window"]["end"], "2026-11-24T12:00:03Z");
        tacho.clock.advance(std::time::Duration::from_millis(2_999));
        assert_eq!(stands(&tacho, limiter).await, (99.0, "warning".to_owned()), "{name}");
        tacho.clock.advance(std::time::Duration::from_millis(1));
        assert_eq!(stands(&tacho, limiter).await, (0.0, "ok".to_owned()), "{name}");
        let resolved = soon(&tacho, &mut receiver).await;
        assert_eq!(says(&resolved), resolved_at("2026-11-24T12:00:03Z"), "{name}");
        assert_eq!(resolved.json()["data"]["incident_key"], raised.json()["data"]["incident_key"]);
    }
}

#[tokio::test]
async fn a_reset_that_passed_while_nothing_ran_resolves_at_the_start() {
    let (tacho, mut receiver) = told().await;
    tacho.reporter.report(&call("a", "claude-opus-5", 0, window("5h", "1", 60_000))).await;
    assert_eq!(receiver.next().await.kind(), "limit.critical");
    let tacho = tacho.restart(|clock| clock.advance(std::time::Duration::from_secs(90))).await;
    assert_eq!(stands(&tacho, "unified_5h").await, (0.0, "ok".to_owned()));
    assert_eq!(says(&soon(&tacho, &mut receiver).await), resolved_at("2026-11-24T12:01:00Z"));
}

#[tokio::test]
async fn a_reset_that_is_said_anew_is_the_one_that_counts() {
    for (moved_ms, ends) in [(30_000, "2026-11-24T12:00:30Z"), (120_000, "2026-11-24T12:02:00Z")] {
        let (tacho, mut receiver) = told().await;
        tacho.reporter.report(&call("a", "claude-opus-5", 0, window("5h", "0.95", 60_000))).await;
        assert_eq!(receiver.next().await.kind(), "limit.warning");
        tacho.advance(10);
        tacho.reporter.report(&call("b", "claude-opus-5", 10_000, window("5h", "0.95", moved_ms))).await;
        tacho.advance(moved_ms.unsigned_abs() / 1_000 - 11);
        assert_eq!(stands(&tacho, "unified_5h").await, (95.0, "warning".to_owned()));
        tacho.advance(1);
        assert_eq!(stands(&tacho, "unified_5h").await, (0.0, "ok".to_owned()));
        assert_eq!(says(&soon(&tacho, &mut receiver).await), resolved_at(ends));
    }
}

#[tokio::test]
async fn the_next_window_is_an_incident_of_its_own_also_when_it_follows_at_once() {
    let (tacho, mut receiver) = told().await;
    tacho.reporter.report(&call("a", "claude-opus-5", 0, window("5h", "0.99", 60_000))).await;
    let first = receiver.next().await.json();
    // Before anybody has noticed that the first is over, the second is as full.
    tacho.clock.advance(std::time::Duration::from_millis(60_100));
    tacho.reporter.report(&call("b", "claude-opus-5", 60_050, window("5h", "0.9", 18_060_000))).await;
    let resolved = receiver.next().await;
    assert_eq!(says(&resolved), resolved_at("2026-11-24T12:01:00Z"));
    let second = receiver.next().await.json();
    let [first, resolved, second] = [first, resolved.json(), second].map(|message| message["data"].clone());
    assert_eq!(second["severity"], "warning");
    assert_eq!(second["window"], json!({ "start": "2026-11-24T12:01:00Z", "end": "2026-11-24T17:01:00Z" }));
    assert_eq!(first["incident_key"], resolved["incident_key"]);
    assert_ne!(first["incident_key"], second["incident_key"]);
    assert_eq!(stands(&tacho, "unified_5h").await, (90.0, "warning".to_owned()));
    // It ends in its turn, after a restart as well.
    let tacho = tacho.restart(|clock| clock.advance(std::time::Duration::from_secs(18_000))).await;
    let ended = soon(&tacho, &mut receiver).await;
    assert_eq!(says(&ended), resolved_at("2026-11-24T17:01:00Z"));
    assert_eq!(ended.json()["data"]["incident_key"], second["incident_key"]);
}

#[tokio::test]
async fn a_late_report_of_the_old_window_raises_neither_its_alert_nor_the_next_ones() {
    for restarted in [false, true] {
        let (mut tacho, mut receiver) = (Tacho::at_noon().await, Receiver::start().await);
        let channel = tacho.channel(&receiver).await;
        tacho.reporter.report(&call("a", "claude-opus-5", 0, window("5h", "0.99", 60_000))).await;
        assert_eq!(receiver.next().await.kind(), "limit.warning");
        tacho.advance(60);
        assert_eq!(says(&soon(&tacho, &mut receiver).await), resolved_at("2026-11-24T12:01:00Z"));
        if restarted {
            tacho = tacho.restart(|_| {}).await;
        }
        let late =
            |id: &str, sent_ms, reset_ms| call(id, "claude-opus-5", sent_ms, window("5h", "1", reset_ms));
        // Sent before the reset; sent as it passed, by a clock that is a second off.
        tacho.reporter.report(&json!([late("b", 59_000, 60_000), late("c", 60_500, 61_000)])).await;
        assert_eq!(stands(&tacho, "unified_5h").await, (0.0, "ok".to_owned()), "restarted: {restarted}");
        let next = call("d", "claude-opus-5", 60_900, window("5h", "0.02", 18_060_000));
        tacho.reporter.report(&next).await;
        tacho.reporter.report(&late("e", 59_500, 60_000)).await;
        assert_eq!(stands(&tacho, "unified_5h").await, (2.0, "ok".to_owned()), "restarted: {restarted}");
        tacho.admin.post(&format!("/v1/channels/{channel}/test"), &Value::Null).await;
        assert_eq!(receiver.next().await.kind(), "limit.test", "restarted: {restarted}");
    }
}

#[tokio::test]
async fn the_next_window_may_be_told_of_before_the_old_one_was_to_end() {
    let (tacho, mut receiver) = told().await;
    tacho.reporter.report(&call("a", "claude-opus-5", 0, window("5h", "0.99", 60_000))).await;
    assert_eq!(receiver.next().await.kind(), "limit.warning");
    // The provider's clock is ahead of ours.
    tacho.advance(58);
    tacho.reporter.report(&call("b", "claude-opus-5", 58_000, window("5h", "0.01", 18_060_000))).await;
    assert_eq!(stands(&tacho, "unified_5h").await, (1.0, "ok".to_owned()));
    assert_eq!(says(&receiver.next().await), resolved_at("2026-11-24T12:00:58Z"));
}

#[tokio::test]
async fn a_window_that_is_reset_long_before_its_end_is_over_when_the_next_is_told_of() {
    let (tacho, mut receiver) = told().await;
    tacho.reporter.report(&call("a", "claude-opus-5", 0, window("5h", "0.97", 5_000_000))).await;
    let first = receiver.next().await.json();
    tacho.advance(1);
    tacho.reporter.report(&call("b", "claude-opus-5", 1_000, window("5h", "0.01", 18_000_000))).await;
    assert_eq!(stands(&tacho, "unified_5h").await, (1.0, "ok".to_owned()));
    assert_eq!(says(&receiver.next().await), resolved_at("2026-11-24T12:00:01Z"));
    // What is told of the new one is an incident of its own.
    tacho.advance(1);
    tacho.reporter.report(&call("c", "claude-opus-5", 2_000, window("5h", "0.98", 18_000_000))).await;
    let second = receiver.next().await.json();
    assert_eq!(second["type"], "limit.warning");
    assert_ne!(first["data"]["incident_key"], second["data"]["incident_key"]);
}

#[tokio::test]
async fn a_window_that_is_used_up_and_names_itself_ends_as_well() {
    let (tacho, mut receiver) = told().await;
    let reset_s = (NOON_MS / 1_000) + 60;
    let refused = json!({
        "anthropic-ratelimit-unified-status": "rejected",
        "anthropic-ratelimit-unified-representative-claim": "seven_day",
        "anthropic-ratelimit-unified-reset": reset_s.to_string(),
    });
    let call = given::with(call("a", "claude-opus-5", 0, refused), "status", 429);
    tacho.reporter.report(&call).await;
    assert_eq!(receiver.next().await.kind(), "limit.critical");
    // One that does not say when it ends speaks of the same.
    let untold = json!({ "anthropic-ratelimit-unified-7d-status": "rejected" });
    let again = given::with(super::call("b", "claude-opus-5", 1_000, untold), "status", 429);
    tacho.advance(1);
    tacho.reporter.report(&again).await;
    assert_eq!(stands(&tacho, "unified_7d").await, (100.0, "critical".to_owned()));
    tacho.advance(59);
    assert_eq!(stands(&tacho, "unified_7d").await, (0.0, "ok".to_owned()));
    assert_eq!(says(&soon(&tacho, &mut receiver).await), resolved_at("2026-11-24T12:01:00Z"));
}

#[tokio::test]
async fn a_bucket_still_has_to_stay_below_for_a_while() {
    let (tacho, mut receiver) = told().await;
    tacho.reporter.report(&call("a", "claude-opus-5", 0, super::requests(1_000, 50))).await;
    assert_eq!(receiver.next().await.kind(), "limit.warning");
    tacho.advance(120);
    let standing = standing(&tacho, "Opus 5", "requests").await;
    assert_eq!((&standing["used"], &standing["state"]), (&0.0.into(), &"warning".into()), "{standing}");
}
