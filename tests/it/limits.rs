//! Limits: typed through the API, held against what arrives.

mod endpoints;
mod examples;

use std::time::Duration;

use serde_json::{Value, json};

use crate::given;
use crate::harness::tacho::{NOON_MS, Tacho};

#[tokio::test]
async fn every_kind_counts_what_it_says() {
    let tacho = Tacho::at_noon().await;
    for kind in [
        "requests_per_minute",
        "requests_per_hour",
        "tokens_per_day",
        "input_tokens_per_minute",
        "output_tokens_per_minute",
        "concurrent_requests",
        "spend_per_day",
        "spend_per_month",
    ] {
        tacho.limit(kind, 1_000.0).await;
    }
    let usage = json!({
        "input_tokens": 100, "output_tokens": 60, "cache_read_input_tokens": 1_000,
        "cache_creation": { "ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 5 },
    });
    // Both in flight at once, answered long before now.
    let calls: Value = (0..2)
        .map(|number| {
            let call = given::with(given::event(&format!("a{number}"), 0, 0), "usage", usage.clone());
            let call = given::with(call, "duration_ms", 4_000);
            given::with(call, "at", given::rfc3339(NOON_MS - 10_000 + number * 1_000))
        })
        .collect();
    tacho.reporter.report(&calls).await;
    // One token costs 2, 2.5, 4, 0.1 and 10 dollars per million.
    let dollars = 2.0 * (100.0 * 2.0 + 10.0 * 2.5 + 5.0 * 4.0 + 1_000.0 * 0.1 + 60.0 * 10.0) / 1e6;
    for (kind, used) in [
        ("requests_per_minute", 2.0),
        // The hour began at noon.
        ("requests_per_hour", 0.0),
        ("tokens_per_day", 2.0 * 1_175.0),
        ("input_tokens_per_minute", 2.0 * 115.0),
        ("output_tokens_per_minute", 2.0 * 60.0),
        ("concurrent_requests", 2.0),
        ("spend_per_day", dollars),
        ("spend_per_month", dollars),
    ] {
        let standing = tacho.standing(kind).await;
        assert!((standing["used"].as_f64().unwrap() - used).abs() < 1e-12, "{kind}: {standing}");
        assert_eq!(standing["state"], if used >= 1_000.0 { "critical" } else { "ok" }, "{kind}");
    }
    tacho.reporter.report(&given::events("of this hour", 3)).await;
    assert_eq!(tacho.standing("requests_per_hour").await["used"], 3.0);
}

#[tokio::test]
async fn what_is_billed_attempt_by_attempt_is_what_counts() {
    let tacho = Tacho::at_noon().await;
    tacho.limit("tokens_per_day", 1_000_000.0).await;
    // The compaction is not in the usage around it; an attempt without any output was declined.
    let usage = json!({
        "input_tokens": 2_000, "output_tokens": 50,
        "iterations": [
            { "type": "message", "model": "claude-opus-5-5", "input_tokens": 2_000, "output_tokens": 0 },
            { "type": "compaction", "input_tokens": 180_000, "output_tokens": 3_000 },
            { "type": "fallback_message", "input_tokens": 2_000, "output_tokens": 50, "cache_read_input_tokens": 7 },
        ],
    });
    tacho.reporter.report(&given::with(given::event("a", 0, 0), "usage", usage)).await;
    assert_eq!(tacho.standing("tokens_per_day").await["used"], 185_057.0);
    let series = tacho.admin.get("/v1/series?measure=input_tokens").await.json();
    assert_eq!(series["groups"][0]["total"], 182_000.0);
    // It can still be posted again as it is listed.
    let listed = tacho.admin.get("/v1/events").await.json();
    assert_eq!(tacho.reporter.post("/v1/events", &listed["events"]).await.json()["duplicates"], 1);
}

#[tokio::test]
async fn a_minute_rolls_and_a_day_resets_at_midnight_of_its_zone() {
    let tacho = Tacho::at_noon().await;
    tacho.limit("requests_per_minute", 10.0).await;
    let seoul = json!({ "name": "Seoul", "kind": "tokens_per_day", "amount": 1_000, "window": { "tz": "Asia/Seoul" } });
    tacho.limit_of(&seoul).await;
    tacho.reporter.report(&given::event("a", 100, 50)).await;
    let day = tacho.standing("tokens_per_day").await;
    assert_eq!((&day["used"], &day["resets_at"]), (&150.0.into(), &"2026-11-24T15:00:00Z".into()));
    tacho.advance(59);
    assert_eq!(tacho.standing("requests_per_minute").await["used"], 1.0);
    tacho.advance(1);
    assert_eq!(tacho.standing("requests_per_minute").await["used"], 0.0);
    tacho.advance(3 * 3_600 - 61);
    assert_eq!(tacho.standing("tokens_per_day").await["used"], 150.0);
    tacho.advance(1);
    assert_eq!(tacho.standing("tokens_per_day").await["used"], 0.0);
}

#[tokio::test]
async fn a_scope_is_everything_one_value_or_each_value() {
    let tacho = Tacho::at_noon().await;
    let scoped = |name: &str, scope: Value| json!({ "name": name, "kind": "tokens_per_day", "amount": 100, "scope": scope });
    tacho.limit_of(&scoped("all", json!({}))).await;
    tacho.limit_of(&scoped("one", json!({ "dimension": "user", "value": "u_1" }))).await;
    tacho.limit_of(&scoped("each", json!({ "dimension": "user", "value": null }))).await;
    tacho
        .reporter
        .report(&json!([
            given::with(given::event("a", 50, 35), "user", "u_1"),
            given::with(given::event("b", 20, 0), "user", "u_2"),
            given::event("c", 1, 0),
        ]))
        .await;
    let status = tacho.admin.get("/v1/limits/status").await.json();
    let mut standings: Vec<_> = status["standings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|standing| {
            let value = standing["scope"]["value"].as_str().unwrap_or("-").to_owned();
            (
                standing["name"].as_str().unwrap().to_owned(),
                value,
                standing["used"].as_f64().unwrap(),
                standing["state"].clone(),
            )
        })
        .collect();
    standings.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    let expected = [
        ("all", "-", 106.0, "critical"),
        ("each", "u_1", 85.0, "warning"),
        ("each", "u_2", 20.0, "ok"),
        ("one", "u_1", 85.0, "warning"),
    ];
    let expected = expected
        .map(|(name, value, used, state)| (name.to_owned(), value.to_owned(), used, Value::from(state)));
    assert_eq!(standings, expected);
}

#[tokio::test]
async fn the_state_changes_exactly_at_its_thresholds() {
    let tacho = Tacho::at_noon().await;
    tacho.limit("tokens_per_day", 1_000.0).await;
    for (id, tokens, state) in
        [("a", 799, "ok"), ("b", 1, "warning"), ("c", 199, "warning"), ("d", 1, "critical")]
    {
        tacho.reporter.report(&given::event(id, tokens, 0)).await;
        assert_eq!(tacho.standing("tokens_per_day").await["state"], state, "{id}");
    }
}

#[tokio::test]
async fn limits_survive_a_restart_with_what_they_have_counted() {
    let tacho = Tacho::at_noon().await;
    for kind in ["requests_per_minute", "tokens_per_day", "spend_per_month", "concurrent_requests"] {
        tacho.limit(kind, 1_000.0).await;
    }
    tacho.reporter.report(&given::events("a", 7)).await;
    tacho.reporter.report(&given::with(given::event("b", 1, 1), "duration_ms", 60_000)).await;
    let used = async |tacho: &Tacho| {
        let status = tacho.admin.get("/v1/limits/status").await.json();
        let mut used: Vec<_> = status["standings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|standing| (standing["kind"].to_string(), standing["used"].to_string()))
            .collect();
        used.sort();
        used
    };
    let before = used(&tacho).await;
    let tacho = tacho.restart(|_| {}).await;
    assert_eq!(used(&tacho).await, before);
}

#[tokio::test]
async fn what_comes_after_midnight_counts_for_the_next_day_after_a_restart_too() {
    let tacho = Tacho::at_noon().await;
    tacho.limit("tokens_per_day", 1_000.0).await;
    tacho.advance(12 * 3_600 - 120);
    let ahead = given::with(given::event("b", 50, 0), "at", "2026-11-25T00:02:00Z");
    tacho.reporter.report(&json!([given::event("a", 10, 0), ahead])).await;
    let tacho = tacho.restart(|_| {}).await;
    assert_eq!(tacho.standing("tokens_per_day").await["used"], 10.0);
    tacho.advance(120);
    assert_eq!(tacho.standing("tokens_per_day").await["used"], 50.0);
}

#[tokio::test]
async fn requests_that_take_long_are_counted_after_a_restart_too() {
    let tacho = Tacho::at_noon().await;
    for kind in ["concurrent_requests", "output_tokens_per_minute"] {
        tacho.limit(kind, 100_000.0).await;
    }
    // Sent 40 minutes ago, ended ten seconds ago.
    let long: Value = (0..40)
        .map(|number| {
            let call = given::with(given::event(&format!("a{number}"), 1, 2_390), "duration_ms", 2_390_000);
            given::with(call, "at", given::rfc3339(NOON_MS - 2_400_000))
        })
        .collect();
    tacho.reporter.report(&long).await;
    let used = async |tacho: &Tacho| {
        let of = async |kind| tacho.standing(kind).await["used"].as_f64().unwrap();
        (of("concurrent_requests").await, of("output_tokens_per_minute").await)
    };
    let before = used(&tacho).await;
    assert!(before.0 == 40.0 && before.1 > 0.0, "{before:?}");
    let tacho = tacho.restart(|_| {}).await;
    assert_eq!(used(&tacho).await, before);
}

#[tokio::test]
async fn values_beyond_the_cap_on_series_are_counted_after_a_restart_too() {
    let capped = [("TACHO_STORE_MAX_SERIES", "20")];
    let tacho = Tacho::with(server::clock::Clock::manual(NOON_MS), &capped).await;
    for (name, scope) in
        [("each", json!({ "dimension": "user" })), ("one", json!({ "dimension": "user", "value": "u_39" }))]
    {
        tacho
            .limit_of(&json!({ "name": name, "kind": "tokens_per_day", "amount": 100, "scope": scope }))
            .await;
    }
    let events: Value = (0..40)
        .map(|number| {
            let id = format!("a{number}");
            given::with(given::event(&id, 50 + number, 0), "user", format!("u_{number}"))
        })
        .collect();
    tacho.reporter.report(&events).await;
    let used = async |tacho: &Tacho| {
        let status = tacho.admin.get("/v1/limits/status").await.json();
        let mut used: Vec<_> = status["standings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|standing| {
                (standing["name"].to_string(), standing["scope"].to_string(), standing["used"].to_string())
            })
            .collect();
        used.sort();
        used
    };
    let before = used(&tacho).await;
    assert_eq!(before.len(), 41);
    let tacho = tacho.restart(|_| {}).await;
    assert_eq!(used(&tacho).await, before);
}

#[tokio::test]
async fn limits_are_listed_changed_and_removed() {
    let tacho = Tacho::at_noon().await;
    let id = tacho.limit("requests_per_minute", 60.0).await;
    let changed =
        tacho.admin.patch(&format!("/v1/limits/{id}"), &json!({ "amount": 120, "warn_percent": 50 })).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let listed = tacho.admin.get("/v1/limits").await.json();
    assert_eq!((&listed[0]["amount"], &listed[0]["warn_percent"]), (&120.0.into(), &50.into()));
    let other_zone =
        tacho.admin.patch(&format!("/v1/limits/{id}"), &json!({ "window": { "tz": "Asia/Seoul" } })).await;
    assert_eq!(other_zone.json()["window"]["tz"], "Asia/Seoul");
    for fixed in [json!({ "kind": "tokens_per_day" }), json!({ "scope": { "dimension": "user" } })] {
        assert_eq!(tacho.admin.patch(&format!("/v1/limits/{id}"), &fixed).await.code(), "fixed_field");
    }
    assert_eq!(tacho.admin.delete(&format!("/v1/limits/{id}")).await.status, 204);
    assert_eq!(tacho.admin.delete(&format!("/v1/limits/{id}")).await.code(), "not_found");
    assert_eq!(tacho.admin.get("/v1/limits").await.json(), json!([]));
}

#[tokio::test]
async fn limits_that_make_no_sense_are_refused() {
    let tacho = Tacho::at_noon().await;
    let good = json!({ "name": "a", "kind": "requests_per_minute", "amount": 60 });
    for (field, value, code) in [
        ("kind", json!("requests_per_fortnight"), "unknown_kind"),
        ("amount", json!(-1), "invalid_amount"),
        ("amount", json!(1.5), "invalid_amount"),
        ("amount", json!("many"), "invalid_body"),
        ("name", json!(""), "invalid_name"),
        ("warn_percent", json!(0), "invalid_threshold"),
        ("warn_percent", json!(101), "invalid_threshold"),
        ("window", json!({ "tz": "Mars/Olympus" }), "invalid_time_zone"),
        ("scope", json!({ "dimension": "mood" }), "invalid_scope"),
        ("scope", json!({ "value": "u_1" }), "invalid_scope"),
        ("colour", json!("red"), "invalid_body"),
    ] {
        let reply = tacho.admin.post("/v1/limits", &given::with(good.clone(), field, value.clone())).await;
        assert!(reply.status.is_client_error(), "{field} {value}: {}", reply.text);
        assert_eq!(reply.code(), code, "{field} {value}: {}", reply.text);
    }
}

#[tokio::test]
async fn what_is_unknown_makes_a_lower_bound_for_as_long_as_it_is_in_the_window() {
    let tacho = Tacho::at_noon().await;
    for kind in ["requests_per_minute", "input_tokens_per_minute", "concurrent_requests"] {
        tacho.limit(kind, 1_000.0).await;
    }
    // Neither its tokens nor its duration are known.
    tacho.reporter.report(&json!({ "model": "claude-sonnet-5-5", "at": given::rfc3339(NOON_MS) })).await;
    for (after_s, unknown) in [(0, true), (59, true), (61, false)] {
        tacho.clock.advance(Duration::from_millis((NOON_MS + after_s * 1_000 - tacho.clock.now_ms()) as u64));
        for (kind, at_least) in [
            ("requests_per_minute", false),
            ("input_tokens_per_minute", unknown),
            ("concurrent_requests", unknown),
        ] {
            let standing = tacho.standing(kind).await;
            assert_eq!(standing["usage_incomplete"], at_least, "{kind} after {after_s} s");
        }
    }
}

#[tokio::test]
async fn results_of_a_batch_are_spent_but_are_no_rate() {
    let mut tacho = Tacho::at_noon().await;
    let kinds = [
        ("requests_per_minute", 1.0),
        ("input_tokens_per_minute", 10.0),
        ("output_tokens_per_minute", 5.0),
        ("requests_per_hour", 1.0),
        ("concurrent_requests", 1.0),
        ("tokens_per_day", 45.0),
    ];
    for (kind, _) in kinds {
        tacho.limit(kind, 1_000.0).await;
    }
    let of_batch = |id: &str| {
        let usage = json!({ "input_tokens": 10, "output_tokens": 5, "service_tier": "batch" });
        given::with(given::event(id, 0, 0), "usage", usage)
    };
    tacho.reporter.report(&json!([of_batch("a"), given::event("b", 10, 5), of_batch("c")])).await;
    for moment in ["at once", "after a restart"] {
        for (kind, used) in kinds {
            assert_eq!(tacho.standing(kind).await["used"], used, "{kind} {moment}");
        }
        tacho = tacho.restart(|_| ()).await;
    }
}

#[tokio::test]
async fn the_worst_thousand_are_told_worst_first_and_the_others_counted() {
    let tacho = Tacho::at_noon().await;
    let each =
        json!({ "name": "Each", "kind": "tokens_per_day", "amount": 100, "scope": { "dimension": "user" } });
    tacho.limit_of(&each).await;
    let used = |number: usize| (number * 7_919) % 1_301;
    let of = |number: usize| {
        let event = given::event(&format!("e{number}"), used(number) as u64, 0);
        given::with(event, "user", format!("u{number:04}"))
    };
    tacho.reporter.report(&(0..1_300).map(of).collect()).await;
    let mut expected: Vec<(usize, String)> =
        (0..1_300).map(|number| (used(number), format!("u{number:04}"))).collect();
    expected.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
    for most in [1_000, 12, 1] {
        let status = tacho.admin.get(&format!("/v1/limits/status?limit={most}")).await.json();
        assert_eq!(status["total"], 1_300);
        let told: Vec<(usize, String)> = status["standings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|standing: &Value| {
                assert_eq!(standing["values"], 1_300);
                let used = standing["used"].as_f64().unwrap() as usize;
                (used, standing["scope"]["value"].as_str().unwrap().to_owned())
            })
            .collect();
        assert_eq!(told, expected[..most], "the worst {most}");
    }
}
