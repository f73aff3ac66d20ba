//! Which bucket or window of the provider headers are about.

use serde_json::{Value, json};

use super::{call, requests, standing, standings};
use crate::given;
use crate::harness::receiver::Receiver;
use crate::harness::tacho::{NOON_MS, Tacho};

#[tokio::test]
async fn limits_of_one_pool_that_are_named_one_after_the_other_are_one_line_of_one_pool() {
    let tacho = Tacho::at_noon().await;
    let input = json!({
        "anthropic-ratelimit-input-tokens-limit": "2000000",
        "anthropic-ratelimit-input-tokens-remaining": "2000000",
    });
    tacho.advance(60);
    tacho
        .reporter
        .report(&json!([
            call("a", "claude-opus-5", 1_000, requests(1_000, 1_000)),
            call("b", "claude-opus-5", 5_000, input),
        ]))
        .await;
    let (anybody, cookie) = tacho.signed_in().await;
    let page = anybody.send(reqwest::Method::GET, "/", &[("cookie", &cookie)], Vec::new()).await.text;
    let line = page.split("class=\"log\"").nth(1).expect("a log");
    let said = "Opus 5, limits learned: 1,000 requests/min, 2M input/min";
    assert!(line.contains(said) && !line.contains("Limits learned for"), "{line}");
}

#[tokio::test]
async fn pools_workspaces_and_unknown_models_are_kept_apart() {
    let tacho = Tacho::at_noon().await;
    let of = |id: &str, model: &str, workspace: &str| {
        given::with(call(id, model, 0, requests(1_000, 1_000)), "workspace", workspace)
    };
    tacho
        .reporter
        .report(&json!([
            of("a", "claude-opus-4-8", "w1"),
            of("b", "anthropic/claude-opus-4-7-20260101", "w1"),
            of("c", "claude-opus-4-8", "w2"),
            of("d", "claude-opus-5", "w1"),
            of("e", "claude-unheard-of-9", "w1"),
            given::with(of("f", "claude-opus-5", "w1"), "endpoint", "messages/count_tokens"),
        ]))
        .await;
    // The same models, served by others: they have quotas of their own.
    let elsewhere = |id: &str, model: &str| {
        given::with(given::with(given::event(id, 1, 1), "model", model), "workspace", "w1")
    };
    tacho
        .reporter
        .report(&json!([
            elsewhere("g", "us.anthropic.claude-opus-4-8"),
            elsewhere("h", "vertex_ai/claude-opus-5"),
            given::with(elsewhere("i", "us.anthropic.claude-opus-5"), "endpoint", "count_tokens"),
        ]))
        .await;
    // One response after the other has taught them, within a minute: that is one line of what happened.
    let (anybody, cookie) = tacho.signed_in().await;
    let page = anybody.send(reqwest::Method::GET, "/", &[("cookie", &cookie)], Vec::new()).await.text;
    let line = "Limits learned for 4 pools";
    assert!(page.contains(line) && page.matches("limits learned:").count() == 4, "{page}");
    let mut counted: Vec<_> = standings(&tacho)
        .await
        .iter()
        .map(|standing| {
            let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
            let scope = &standing["scope"];
            (text(&scope["pool"]), text(&scope["workspace"]), standing["count_used"].as_f64().unwrap())
        })
        .collect();
    counted.sort_by(|a, b| a.partial_cmp(b).unwrap());
    let expected = [
        ("Opus 4.x", "w1", 2.0),
        ("Opus 4.x", "w2", 1.0),
        ("Opus 5", "w1", 1.0),
        ("claude-unheard-of-9", "w1", 1.0),
        ("count_tokens", "w1", 1.0),
    ];
    let expected = expected.map(|(pool, workspace, used)| (pool.to_owned(), workspace.to_owned(), used));
    assert_eq!(counted, expected);
}

#[tokio::test]
async fn fast_mode_and_the_priority_tier_have_buckets_of_their_own() {
    let (tacho, mut receiver) = (Tacho::at_noon().await, Receiver::start().await);
    tacho.channel(&receiver).await;
    let headers = json!({
        "anthropic-fast-input-tokens-limit": "0",
        "anthropic-fast-input-tokens-remaining": "0",
        "anthropic-priority-input-tokens-limit": "10000",
        "anthropic-priority-input-tokens-remaining": "10000",
        "anthropic-ratelimit-input-tokens-limit": "50000",
        "anthropic-ratelimit-input-tokens-remaining": "50000",
    });
    let fast = json!({ "input_tokens": 100, "output_tokens": 1, "speed": "fast" });
    let priority = json!({ "input_tokens": 7, "output_tokens": 1, "service_tier": "priority" });
    let of = |id: &str, usage: &Value| {
        given::with(call(id, "claude-opus-5", 0, headers.clone()), "usage", usage.clone())
    };
    tacho.reporter.report(&json!([of("a", &fast), of("b", &priority)])).await;
    for (pool, limiter, counted) in [
        ("Opus 5 fast", "fast_input_tokens", 100.0),
        ("Opus 5 priority", "priority_input_tokens", 7.0),
        ("Opus 5", "input_tokens", 7.0),
    ] {
        let standing = standing(&tacho, pool, limiter).await;
        assert_eq!((&standing["count_used"], &standing["state"]), (&counted.into(), &"ok".into()), "{pool}");
    }
    // Not provisioned is not exhausted, also not when it is looked at again.
    tacho.reporter.report(&of("c", &fast)).await;
    let not_provisioned = standing(&tacho, "Opus 5 fast", "fast_input_tokens").await;
    assert_eq!((&not_provisioned["fraction"], &not_provisioned["state"]), (&0.0.into(), &"ok".into()));
    assert!(receiver.arrived().is_none());
}

#[tokio::test]
async fn windows_of_a_subscription_stand_where_headers_say_until_they_are_reset() {
    let mut receiver = Receiver::start().await;
    let tacho = Tacho::at_noon().await;
    tacho.channel(&receiver).await;
    let reset_s = NOON_MS / 1_000 + 3_600;
    let windows = |five_hours: &str| {
        json!({
            "anthropic-ratelimit-unified-status": "allowed_warning",
            "anthropic-ratelimit-unified-representative-claim": "five_hour",
            "anthropic-ratelimit-unified-5h-status": "allowed_warning",
            "anthropic-ratelimit-unified-5h-utilization": five_hours,
            "anthropic-ratelimit-unified-5h-reset": reset_s.to_string(),
        })
    };
    let mut first = windows("0.5");
    first["anthropic-ratelimit-unified-7d_oi-utilization"] = "0.125".into();
    tacho.reporter.report(&call("a", "claude-opus-5", -10_000, first)).await;
    tacho.reporter.report(&call("b", "claude-haiku-4-5", -5_000, windows("1.02"))).await;
    let read = async |tacho: &Tacho, limiter: &str| {
        let standing = standing(tacho, "subscription", limiter).await;
        assert_eq!(
            (&standing["kind"], &standing["unit"]),
            (&"subscription_window".into(), &"percent".into())
        );
        assert_eq!((&standing["amount"], &standing["count_used"]), (&100.0.into(), &json!(null)));
        assert_eq!(standing["spoke"], "headers");
        (standing["used"].as_f64().unwrap(), standing["resets_at"].clone())
    };
    assert_eq!(read(&tacho, "unified_5h").await, (102.0, "2026-11-24T13:00:00Z".into()));
    let window = standing(&tacho, "subscription", "unified_5h").await["window"].clone();
    assert_eq!(window, json!({ "start": "2026-11-24T08:00:00Z", "end": "2026-11-24T13:00:00Z" }));
    // One that a response leaves out stays as it was.
    assert_eq!(read(&tacho, "unified_7d_oi").await, (12.5, json!(null)));
    assert_eq!(receiver.next().await.kind(), "limit.critical");
    let tacho = tacho.restart(|_| {}).await;
    assert_eq!(read(&tacho, "unified_5h").await.0, 102.0);
    tacho.advance(3_600);
    assert_eq!(read(&tacho, "unified_5h").await, (0.0, json!(null)));
    let resolved = crate::harness::until("a message", async || {
        tacho.advance(20);
        receiver.arrived()
    })
    .await;
    assert_eq!(resolved.json()["type"], "limit.resolved");
}
