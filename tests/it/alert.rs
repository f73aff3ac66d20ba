//! Alerts: from the crossing to the message, through every way a limit can rise and fall.

use serde_json::{Value, json};
use server::clock::Clock;

use crate::given;
use crate::harness::program::{Program, tacho_ok};
use crate::harness::receiver::Receiver;
use crate::harness::tacho::{NOON_MS, Tacho};

/// Moves the clock until a message arrives: what falls, falls with time.
async fn after_a_while(tacho: &Tacho, receiver: &mut Receiver) -> Value {
    crate::harness::until("a message", async || {
        tacho.advance(20);
        receiver.arrived()
    })
    .await
    .json()
}

#[tokio::test]
async fn a_minute_rises_through_warning_and_critical_and_is_resolved() {
    let (tacho, mut receiver) = Tacho::watched("requests_per_minute", 10.0).await;

    tacho.reporter.report(&given::events("a", 8)).await;
    let warning = receiver.next().await.json();
    assert_eq!(warning["type"], "limit.warning");
    let data = &warning["data"];
    assert_eq!((&data["used"], &data["percent"]), (&8.0.into(), &80.0.into()));
    assert_eq!((&data["severity"], &data["previous_severity"]), (&"warning".into(), &"ok".into()));
    assert_eq!((&data["sequence"], &data["reason"]), (&1.into(), &"threshold".into()));
    assert_eq!(data["limit"]["amount"], 10.0);
    assert_eq!(data["dashboard_url"], tacho.base_url());

    tacho.reporter.report(&given::events("b", 1)).await;
    tacho.reporter.report(&given::events("c", 1)).await;
    let critical = receiver.next().await.json();
    assert_eq!((&critical["type"], &critical["data"]["sequence"]), (&"limit.critical".into(), &2.into()));
    assert_eq!(critical["data"]["incident_key"], data["incident_key"]);

    let resolved = after_a_while(&tacho, &mut receiver).await;
    assert_eq!(resolved["type"], "limit.resolved");
    assert_eq!(
        (&resolved["data"]["reason"], &resolved["data"]["sequence"]),
        (&"usage_dropped".into(), &3.into())
    );
    assert_eq!(resolved["data"]["incident_key"], data["incident_key"]);

    // The next episode is another incident.
    tacho.reporter.report(&given::events("d", 20)).await;
    let again = receiver.next().await.json();
    assert_eq!((&again["type"], &again["data"]["sequence"]), (&"limit.critical".into(), &4.into()));
    assert_ne!(again["data"]["incident_key"], data["incident_key"]);
    assert!(receiver.arrived().is_none());
}

#[tokio::test]
async fn a_day_resolves_at_its_end() {
    let (tacho, mut receiver) = Tacho::watched("tokens_per_day", 100.0).await;
    tacho.reporter.report(&given::event("a", 90, 0)).await;
    assert_eq!(receiver.next().await.kind(), "limit.warning");
    tacho.advance(12 * 3_600);
    let resolved = receiver.next().await.json();
    assert_eq!(
        (&resolved["type"], &resolved["data"]["reason"]),
        (&"limit.resolved".into(), &"window_reset".into())
    );
    assert_eq!(resolved["data"]["event_time"], "2026-11-25T00:00:00Z");
    assert_eq!(
        resolved["data"]["window"],
        json!({ "start": "2026-11-24T00:00:00Z", "end": "2026-11-25T00:00:00Z" })
    );
}

#[tokio::test]
async fn an_edit_and_a_removal_resolve() {
    let mut receiver = Receiver::start().await;
    let tacho = Tacho::at_noon().await;
    tacho.channel(&receiver).await;
    let id = tacho.limit("tokens_per_day", 100.0).await;
    let path = format!("/v1/limits/{id}");
    tacho.reporter.report(&given::event("a", 90, 0)).await;
    assert_eq!(receiver.next().await.kind(), "limit.warning");
    tacho.admin.patch(&path, &json!({ "amount": 1_000 })).await;
    let resolved = receiver.next().await.json();
    assert_eq!(
        (&resolved["type"], &resolved["data"]["reason"]),
        (&"limit.resolved".into(), &"limit_changed".into())
    );
    tacho.admin.patch(&path, &json!({ "amount": 50 })).await;
    assert_eq!(receiver.next().await.kind(), "limit.critical");
    tacho.admin.delete(&path).await;
    let resolved = receiver.next().await.json();
    assert_eq!(
        (&resolved["type"], &resolved["data"]["reason"]),
        (&"limit.resolved".into(), &"limit_deleted".into())
    );
}

#[tokio::test]
async fn a_crossing_is_delivered_though_tacho_stopped_in_between() {
    let (tacho, mut receiver) = Tacho::watched("tokens_per_day", 100.0).await;
    // The receiver is down: the first attempt fails.
    receiver.answer(&[500]);
    tacho.reporter.report(&given::event("a", 90, 0)).await;
    let attempted = receiver.next().await;
    let tacho = tacho.restart(|clock| clock.advance(std::time::Duration::from_secs(60))).await;
    let delivered = receiver.next().await;
    assert_eq!(delivered.id, attempted.id, "the same message");
    assert_eq!(delivered.body, attempted.body);
    assert!(delivered.timestamp_s > attempted.timestamp_s, "signed anew at every attempt");
    // It is not raised again.
    tacho.reporter.report(&given::event("b", 1, 0)).await;
    let alerts = tacho.admin.get("/v1/alerts").await.json();
    assert_eq!(alerts["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_window_that_ended_while_tacho_was_away_is_resolved_at_the_start() {
    let (tacho, mut receiver) = Tacho::watched("tokens_per_day", 100.0).await;
    tacho.reporter.report(&given::event("a", 90, 0)).await;
    assert_eq!(receiver.next().await.kind(), "limit.warning");
    let _tacho = tacho.restart(|clock| clock.advance(std::time::Duration::from_secs(86_400))).await;
    let resolved = receiver.next().await.json();
    assert_eq!(resolved["data"]["reason"], "window_reset");
    assert_eq!(resolved["data"]["event_time"], "2026-11-25T00:00:00Z");
}

#[tokio::test]
async fn a_late_event_raises_with_the_time_it_happened() {
    let (tacho, mut receiver) = Tacho::watched("requests_per_minute", 5.0).await;
    let at_ms = NOON_MS - 600_000;
    let late: Value = (0..5)
        .map(|number| given::with(given::event(&format!("a{number}"), 1, 1), "at", given::rfc3339(at_ms)))
        .collect();
    tacho.reporter.report(&late).await;
    let critical = receiver.next().await.json();
    assert_eq!(critical["type"], "limit.critical");
    let happened: jiff::Timestamp = critical["data"]["event_time"].as_str().unwrap().parse().unwrap();
    assert!((at_ms..at_ms + 1_000).contains(&happened.as_millisecond()), "{critical}");
    assert_eq!(critical["data"]["detected_at"], given::rfc3339(NOON_MS));
}

#[tokio::test]
async fn events_of_windows_long_closed_raise_nothing() {
    let mut receiver = Receiver::start().await;
    let tacho = Tacho::at_noon().await;
    let channel = tacho.channel(&receiver).await;
    tacho.limit("requests_per_minute", 5.0).await;
    tacho.limit("tokens_per_day", 5.0).await;
    let at = given::rfc3339(NOON_MS - 86_400_000);
    let old: Value = (0..9)
        .map(|number| given::with(given::event(&format!("a{number}"), 1, 1), "at", at.clone()))
        .collect();
    tacho.reporter.report(&old).await;
    tacho.admin.post(&format!("/v1/channels/{channel}/test"), &Value::Null).await;
    assert_eq!(receiver.next().await.kind(), "limit.test");
    assert_eq!(tacho.admin.get("/v1/alerts").await.json()["items"], json!([]));
}

#[tokio::test]
async fn each_value_has_an_alert_of_its_own() {
    let mut receiver = Receiver::start().await;
    let tacho = Tacho::at_noon().await;
    tacho.channel(&receiver).await;
    tacho.limit_of(&json!({ "name": "Each user", "kind": "tokens_per_day", "amount": 100, "scope": { "dimension": "user" } })).await;
    tacho
        .reporter
        .report(&json!([
            given::with(given::event("a", 80, 0), "user", "u_1"),
            given::with(given::event("b", 120, 0), "user", "u_2"),
            given::with(given::event("c", 79, 0), "user", "u_3"),
        ]))
        .await;
    let mut heard = Vec::new();
    for _ in 0..2 {
        let message = receiver.next().await.json();
        heard.push((message["data"]["scope"]["value"].to_string(), message["type"].to_string()));
    }
    heard.sort();
    assert_eq!(
        heard,
        [
            ("\"u_1\"".into(), "\"limit.warning\"".into()),
            ("\"u_2\"".into(), "\"limit.critical\"".to_string())
        ]
    );
}

#[tokio::test]
async fn a_lower_bound_says_so() {
    let (tacho, mut receiver) = Tacho::watched("tokens_per_day", 100.0).await;
    tacho
        .reporter
        .report(&json!([{ "id": "unknown", "model": given::MODEL }, given::event("a", 90, 0)]))
        .await;
    assert_eq!(receiver.next().await.json()["data"]["usage_incomplete"], true);
    assert_eq!(tacho.standing("tokens_per_day").await["usage_incomplete"], true);
}

#[tokio::test]
async fn a_limit_that_is_switched_off_and_on_again_goes_on_counting_and_telling() {
    let mut receiver = Receiver::start().await;
    let tacho = Tacho::at_noon().await;
    tacho.channel(&receiver).await;
    for (kind, amount) in [("tokens_per_day", 100.0), ("requests_per_minute", 1.0)] {
        let id = tacho.limit(kind, amount).await;
        let path = format!("/v1/limits/{id}");
        tacho.reporter.report(&given::event(&format!("{kind}_1"), 100, 0)).await;
        assert_eq!(receiver.next().await.kind(), "limit.critical");
        tacho.admin.patch(&path, &json!({ "enabled": false })).await;
        assert_eq!(receiver.next().await.json()["data"]["reason"], "limit_disabled");
        let again = tacho.admin.patch(&path, &json!({ "enabled": true })).await;
        assert_eq!(again.status, 200, "{}", again.text);
        tacho.advance(1);
        tacho.reporter.report(&given::event(&format!("{kind}_2"), 1, 0)).await;
        let raised = receiver.next().await.json();
        assert_eq!(
            (&raised["type"], &raised["data"]["sequence"]),
            (&"limit.critical".into(), &3.into()),
            "{kind}"
        );
        assert_eq!(tacho.admin.delete(&path).await.status, 204);
        assert_eq!(receiver.next().await.json()["data"]["reason"], "limit_deleted");
    }
}

#[tokio::test]
async fn a_late_event_does_not_raise_an_incident_that_is_over_nor_after_a_restart() {
    for restarted in [false, true] {
        let mut receiver = Receiver::start().await;
        let mut tacho = Tacho::at_noon().await;
        let channel = tacho.channel(&receiver).await;
        tacho.limit("requests_per_minute", 5.0).await;
        tacho.reporter.report(&given::events("a", 5)).await;
        assert_eq!(receiver.next().await.kind(), "limit.critical");
        assert_eq!(after_a_while(&tacho, &mut receiver).await["type"], "limit.resolved");
        if restarted {
            tacho = tacho.restart(|_| {}).await;
        }
        let late = given::with(given::event("late", 1, 1), "at", given::rfc3339(NOON_MS + 1_000));
        tacho.reporter.report(&late).await;
        tacho.admin.post(&format!("/v1/channels/{channel}/test"), &Value::Null).await;
        assert_eq!(receiver.next().await.kind(), "limit.test", "restarted: {restarted}");
    }
}

#[tokio::test]
async fn the_alert_of_a_limit_that_somebody_else_removed_is_resolved() {
    let mut receiver = Receiver::start().await;
    let tacho = Tacho::at_noon().await;
    tacho.channel(&receiver).await;
    let id = tacho.limit("tokens_per_day", 100.0).await;
    tacho.reporter.report(&given::event("a", 90, 0)).await;
    assert_eq!(receiver.next().await.kind(), "limit.warning");
    let store = server::assembly::open_store(&tacho.config).await.unwrap();
    assert!(server::store::Registry::delete_limit(&store, &id).await.unwrap());
    store.close().await;
    let resolved = after_a_while(&tacho, &mut receiver).await;
    assert_eq!(
        (&resolved["type"], &resolved["data"]["reason"]),
        (&"limit.resolved".into(), &"limit_deleted".into())
    );
    assert_eq!(resolved["data"]["limit"]["name"], "tokens_per_day");
}

#[tokio::test]
async fn another_name_for_the_same_window_changes_nothing() {
    let mut receiver = Receiver::start().await;
    let tacho = Tacho::at_noon().await;
    let channel = tacho.channel(&receiver).await;
    let id = tacho.limit("tokens_per_day", 100.0).await;
    tacho.reporter.report(&given::event("a", 90, 0)).await;
    assert_eq!(receiver.next().await.kind(), "limit.warning");
    let edit = json!({ "window": { "tz": "UTC" } });
    assert_eq!(tacho.admin.patch(&format!("/v1/limits/{id}"), &edit).await.status, 200);
    tacho.admin.post(&format!("/v1/channels/{channel}/test"), &Value::Null).await;
    assert_eq!(receiver.next().await.kind(), "limit.test");
    assert_eq!(tacho.standing("tokens_per_day").await["used"], 90.0);
}

#[tokio::test]
async fn a_window_that_only_ends_at_another_time_is_the_same_window() {
    // On this day clocks went back in Berlin, so that it has 25 hours; in Maputo, where it begins at the same
    // instant, it has 24.
    let noon: jiff::Timestamp = "2026-10-25T12:00:00Z".parse().unwrap();
    let tacho = Tacho::with(Clock::manual(noon.as_millisecond()), &[]).await;
    let mut receiver = Receiver::start().await;
    tacho.channel(&receiver).await;
    let berlin =
        json!({ "name": "a", "kind": "tokens_per_day", "amount": 100, "window": { "tz": "Europe/Berlin" } });
    let id = tacho.limit_of(&berlin).await;
    tacho.reporter.report(&given::event("a", 100, 0)).await;
    assert_eq!(receiver.next().await.kind(), "limit.critical");
    let maputo = json!({ "window": { "tz": "Africa/Maputo" } });
    assert_eq!(tacho.admin.patch(&format!("/v1/limits/{id}"), &maputo).await.status, 200);
    tacho.advance(10 * 3_600 - 1);
    assert_eq!(tacho.standing("tokens_per_day").await["state"], "critical");
    tacho.advance(1);
    let resolved = receiver.next().await.json();
    assert_eq!(resolved["data"]["reason"], "window_reset");
    assert_eq!(resolved["data"]["window"]["end"], "2026-10-25T22:00:00Z");
}

#[tokio::test]
async fn a_window_that_has_ended_stays_closed_though_the_clock_is_set_back() {
    let mut receiver = Receiver::start().await;
    let tacho = Tacho::at_noon().await;
    let channel = tacho.channel(&receiver).await;
    tacho.limit("tokens_per_day", 100.0).await;
    tacho.reporter.report(&given::event("a", 100, 0)).await;
    assert_eq!(receiver.next().await.kind(), "limit.critical");
    tacho.advance(12 * 3_600);
    assert_eq!(receiver.next().await.json()["data"]["reason"], "window_reset");
    let tacho = tacho.restart_by(|| Clock::manual(NOON_MS + 11 * 3_600_000)).await;
    tacho.reporter.report(&given::event("b", 1, 0)).await;
    tacho.admin.post(&format!("/v1/channels/{channel}/test"), &Value::Null).await;
    assert_eq!(receiver.next().await.kind(), "limit.test");
}

#[tokio::test]
async fn a_limit_that_leaves_the_file_while_it_fires_is_resolved() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("tacho.toml");
    std::fs::write(&file, "[[limits]]\nname = \"Ours\"\nkind = \"tokens_per_day\"\namount = 100\n").unwrap();
    let key = tacho_ok(directory.path(), &["keys", "create", "--scope", "admin", "--name", "a"]).await;
    let program = Program::start(directory.path(), &[]).await;
    program.client(&key).report(&given::event("a", 90, 0)).await;
    program.terminate().await;
    std::fs::write(&file, "").unwrap();
    let program = Program::start(directory.path(), &[]).await;
    let alerts = program.client(&key).get("/v1/alerts").await.json();
    let told: Vec<_> =
        alerts["items"].as_array().unwrap().iter().map(|item| item["reason"].clone()).collect();
    assert_eq!(told, ["limit_deleted", "threshold"]);
    program.terminate().await;
}

#[tokio::test]
async fn alerts_are_asked_for_by_their_state() {
    let tacho = Tacho::at_noon().await;
    tacho.limit("tokens_per_day", 100.0).await;
    tacho.reporter.report(&given::event("a", 80, 0)).await;
    tacho.reporter.report(&given::event("b", 20, 0)).await;
    for (state, count, open) in [("warning", 1, false), ("critical", 1, true), ("ok", 0, false)] {
        let items =
            tacho.admin.get(&format!("/v1/alerts?state={state}&limit=1")).await.json()["items"].clone();
        assert_eq!(items.as_array().unwrap().len(), count, "{state}");
        assert!(items.as_array().unwrap().iter().all(|item| item["open"] == open), "{items}");
    }
    assert_eq!(tacho.admin.get("/v1/alerts?state=sad").await.code(), "invalid_parameter");
}

#[tokio::test]
async fn thousands_of_made_up_values_do_not_keep_a_real_alert_from_being_heard() {
    let (tacho, mut receiver) = (Tacho::at_noon().await, Receiver::start().await);
    tacho.channel(&receiver).await;
    tacho.limit_of(&json!({ "name": "each", "kind": "tokens_per_day", "amount": 1, "scope": { "dimension": "user" } })).await;
    tacho.limit("requests_per_minute", 2_000.0).await;
    let flood: Value = (0..2_000)
        .map(|number| given::with(given::event(&format!("e{number}"), 1, 1), "user", format!("u{number}")))
        .collect();
    tacho.reporter.report(&flood).await;
    let mut heard = Vec::new();
    for _ in 0..101 {
        heard.push(receiver.next().await.json());
    }
    let (of_each, real): (Vec<Value>, Vec<Value>) =
        heard.into_iter().partition(|message| message["data"]["limit"]["name"] == "each");
    assert_eq!((of_each.len(), &real[0]["type"]), (100, &json!("limit.critical")));
    let say_so = |message: &&Value| {
        let said = message["data"]["message"].as_str().unwrap_or_default();
        said.contains("the dashboard shows them")
    };
    assert_eq!(of_each.iter().filter(say_so).count(), 1);
    let alerts = tacho.admin.get("/v1/alerts?limit=1000").await.text;
    assert!(alerts.matches("\"each\"").count() > 900, "what is not sent is told there");
}
