//! Limits learned from response headers: from the headers that an event brings to what people see and are told.

mod pools;
mod room;
mod windows;

use serde_json::{Value, json};

use crate::given;
use crate::harness::receiver::Receiver;
use crate::harness::tacho::{NOON_MS, Tacho};

/// A request of a model, sent so many milliseconds after noon, and what its response's headers said.
fn call(id: &str, model: &str, after_ms: i64, headers: Value) -> Value {
    let call = given::with(given::event(id, 100, 10), "model", model);
    let call = given::with(call, "at", given::rfc3339(NOON_MS + after_ms));
    given::with(call, "headers", headers)
}

fn requests(limit: u64, remaining: u64) -> Value {
    json!({
        "anthropic-ratelimit-requests-limit": limit.to_string(),
        "anthropic-ratelimit-requests-remaining": remaining.to_string(),
    })
}

async fn standings(tacho: &Tacho) -> Vec<Value> {
    let status = tacho.admin.get("/v1/limits/status").await.json();
    status["standings"].as_array().expect("standings").clone()
}

/// The standing of a limiter in a pool.
async fn standing(tacho: &Tacho, pool: &str, limiter: &str) -> Value {
    let of =
        |standing: &&Value| standing["learned"]["pool"] == pool && standing["learned"]["limiter"] == limiter;
    let standings = standings(tacho).await;
    standings.iter().find(of).unwrap_or_else(|| panic!("no {limiter} of {pool} in {standings:?}")).clone()
}

#[tokio::test]
async fn limits_appear_as_soon_as_headers_are_seen() {
    let tacho = Tacho::at_noon().await;
    let headers = json!({
        "Anthropic-Organization-Id": "org-1",
        "anthropic-workspace-id": "wrkspc_1",
        "request-id": "req_1",
        "anthropic-ratelimit-requests-limit": "1000",
        "anthropic-ratelimit-requests-remaining": "871",
        "anthropic-ratelimit-requests-reset": "2026-11-24T12:00:08Z",
        "anthropic-ratelimit-input-tokens-limit": "2000000",
        "anthropic-ratelimit-input-tokens-remaining": "1990000",
        "anthropic-ratelimit-output-tokens-limit": "400000",
        "anthropic-ratelimit-output-tokens-remaining": "400000",
        "anthropic-ratelimit-tokens-limit": "2400000",
        "anthropic-ratelimit-tokens-remaining": "2390000",
        "retry-after": "7",
    });
    tacho.reporter.report(&call("a", "claude-sonnet-5-5", 0, headers)).await;
    let scope = json!({
        "dimension": null, "value": null, "pool": "Sonnet 5.5", "organization": "org-1", "workspace": "wrkspc_1",
    });
    for (limiter, kind, amount, used, spoke, counted) in [
        ("requests", "requests_per_minute", 1_000.0, 129.0, "replica", json!(1.0)),
        ("input_tokens", "input_tokens_per_minute", 2_000_000.0, 10_000.0, "replica", json!(100.0)),
        ("output_tokens", "output_tokens_per_minute", 400_000.0, 10.0, "count", json!(10.0)),
        // Which tokens it counts is not said.
        ("tokens", "tokens_per_minute", 2_400_000.0, 10_000.0, "replica", json!(null)),
    ] {
        let standing = standing(&tacho, "Sonnet 5.5", limiter).await;
        assert_eq!(standing["kind"], kind, "{standing}");
        assert_eq!((&standing["amount"], &standing["used"]), (&amount.into(), &used.into()), "{standing}");
        assert_eq!((&standing["spoke"], &standing["count_used"]), (&spoke.into(), &counted), "{standing}");
        assert_eq!((&standing["source"], &standing["scope"]), (&"learned".into(), &scope), "{standing}");
        let learned = &standing["learned"];
        assert_eq!(learned["header"], format!("anthropic-ratelimit-{}-limit", limiter.replace('_', "-")));
        assert_eq!(
            (&learned["first_seen"], &learned["last_seen"]),
            (&"2026-11-24T12:00:00Z".into(), &"2026-11-24T12:00:00Z".into())
        );
    }
    let requests = standing(&tacho, "Sonnet 5.5", "requests").await;
    assert_eq!(
        requests["replica"],
        json!({
            "used": 129.0, "remaining": 871.0, "band": 0.0, "as_of": "2026-11-24T12:00:00Z",
            "full_at": "2026-11-24T12:00:07.74Z",
        })
    );
    assert_eq!(standing(&tacho, "Sonnet 5.5", "input_tokens").await["replica"]["band"], 500.0);
    // Who it was for is filled in.
    let event = &tacho.admin.get("/v1/events").await.json()["events"][0];
    assert_eq!((&event["organization"], &event["workspace"]), (&"org-1".into(), &"wrkspc_1".into()));
}

#[tokio::test]
async fn an_event_is_the_same_with_headers_and_without() {
    let tacho = Tacho::at_noon().await;
    let headers = json!({ "anthropic-organization-id": "org-1", "anthropic-ratelimit-requests-limit": "5" });
    let plain = given::event("a", 1, 1);
    tacho.reporter.report(&given::with(plain.clone(), "headers", headers)).await;
    for again in
        [plain.clone(), given::with(plain, "headers", json!({ "anthropic-organization-id": "other" }))]
    {
        assert_eq!(tacho.reporter.post("/v1/events", &again).await.json()["duplicates"], 1);
    }
}

#[tokio::test]
async fn every_change_is_kept_and_the_newest_headers_count() {
    let tacho = Tacho::at_noon().await;
    for (id, after_ms, limit) in [("a", -50_000, 1_000), ("b", -10_000, 2_000), ("late", -30_000, 1_000)] {
        tacho.reporter.report(&call(id, "claude-opus-5", after_ms, requests(limit, limit))).await;
    }
    let limit = tacho.admin.get("/v1/limits").await.json()[0].clone();
    assert_eq!((&limit["amount"], &limit["source"]), (&2_000.0.into(), &"learned".into()));
    assert_eq!(
        limit["history"],
        json!([
            {
                "at": "2026-11-24T11:59:50Z", "at_ms": NOON_MS - 10_000, "before": 1_000.0, "after": 2_000.0,
                "event_id": "b",
            },
            {
                "at": "2026-11-24T11:59:10Z", "at_ms": NOON_MS - 50_000, "before": null, "after": 1_000.0,
                "event_id": "a",
            },
        ])
    );
    let learned = &limit["learned"];
    assert_eq!(learned["first_seen"], "2026-11-24T11:59:10Z");
    assert_eq!(learned["last_seen"], "2026-11-24T11:59:50Z");
}

#[tokio::test]
async fn the_whole_history_of_a_limit_can_be_asked_for() {
    let tacho = Tacho::at_noon().await;
    for number in 0..9 {
        let headers = requests(100 + number, 100);
        tacho.reporter.report(&call(&format!("a{number}"), "m", number as i64 - 60_000, headers)).await;
    }
    let limits = tacho.admin.get("/v1/limits").await.json();
    assert_eq!(limits[0]["history"].as_array().unwrap().len(), 5);
    let path = format!("/v1/limits/{}/history", limits[0]["id"].as_str().unwrap());
    let history = tacho.admin.get(&path).await.json();
    let amounts: Vec<_> = history.as_array().unwrap().iter().map(|change| change["after"].as_f64()).collect();
    assert_eq!(amounts, (100..109).rev().map(|amount| Some(f64::from(amount))).collect::<Vec<_>>());
    assert_eq!(tacho.admin.get("/v1/limits/lim_none/history").await.code(), "not_found");
    let typed = tacho.limit("requests_per_minute", 5.0).await;
    assert_eq!(tacho.admin.get(&format!("/v1/limits/{typed}/history")).await.json(), json!([]));
}

#[tokio::test]
async fn the_worse_of_count_and_replica_speaks() {
    let tacho = Tacho::at_noon().await;
    let read = async |tacho: &Tacho| {
        let standing = standing(tacho, "Opus 5", "requests").await;
        (standing["spoke"].as_str().unwrap().to_owned(), standing["used"].as_f64().unwrap())
    };
    tacho.reporter.report(&call("a", "claude-opus-5", 0, requests(60, 30))).await;
    assert_eq!(read(&tacho).await, ("replica".to_owned(), 30.0));
    // Our own requests come off what is left, and a second brings one back.
    tacho.advance(10);
    let own: Value =
        (0..5).map(|number| call(&format!("b{number}"), "claude-opus-5", 10_000, json!({}))).collect();
    tacho.reporter.report(&own).await;
    assert_eq!(read(&tacho).await, ("replica".to_owned(), 25.0));
    // The bucket is full again before our minute is over.
    tacho.advance(40);
    assert_eq!(read(&tacho).await, ("count".to_owned(), 6.0));
}

#[tokio::test]
async fn what_others_use_is_seen_and_warned_of() {
    let mut receiver = Receiver::start().await;
    let tacho = Tacho::at_noon().await;
    tacho.channel(&receiver).await;
    tacho.reporter.report(&call("a", "claude-opus-4-8", 0, requests(1_000, 990))).await;
    assert!(receiver.arrived().is_none());
    tacho.advance(6);
    // Another application has used 900 meanwhile.
    let mut call = call("b", "claude-opus-4-7", 5_900, requests(1_000, 100));
    call["duration_ms"] = 100.into();
    tacho.reporter.report(&call).await;
    let standing = standing(&tacho, "Opus 4.x", "requests").await;
    assert_eq!((&standing["state"], &standing["count_used"]), (&"warning".into(), &2.0.into()), "{standing}");
    let unseen = &standing["unseen"];
    let (amount, band) = (unseen["amount"].as_f64().unwrap(), unseen["band"].as_f64().unwrap());
    // 1,000 at most, since 10 were missing, less what came back and is ours.
    assert!((870.0..=899.0).contains(&amount) && amount + band >= 899.0, "{unseen}");
    assert_eq!(unseen["since"], "2026-11-24T12:00:00Z");
    let warning = receiver.next().await.json();
    assert_eq!(warning["type"], "limit.warning");
    assert_eq!(warning["data"]["used"], 900.0);
    assert_eq!(warning["data"]["limit"]["name"], "Opus 4.x: requests per minute");
    assert_eq!(warning["data"]["scope"], json!({ "dimension": "pool", "value": "Opus 4.x" }));
}

#[tokio::test]
async fn a_refusal_that_is_reported_late_is_warned_of() {
    let (tacho, mut receiver) = (Tacho::at_noon().await, Receiver::start().await);
    tacho.channel(&receiver).await;
    tacho.reporter.report(&call("a", "claude-opus-5", -120_000, requests(1_000, 1_000))).await;
    // A minute ago nothing was left; by now all of it is there again.
    tacho.reporter.report(&call("b", "claude-opus-5", -60_000, requests(1_000, 0))).await;
    let critical = receiver.next().await.json();
    assert_eq!((&critical["type"], &critical["data"]["used"]), (&"limit.critical".into(), &1_000.0.into()));
    assert_eq!(critical["data"]["event_time"], "2026-11-24T11:59:00Z");
}

#[tokio::test]
async fn a_restart_keeps_limits_replicas_and_thresholds() {
    let tacho = Tacho::at_noon().await;
    tacho.reporter.report(&call("a", "claude-opus-5", 0, requests(60, 20))).await;
    tacho.advance(10);
    tacho.reporter.report(&call("b", "claude-opus-5", 5_000, json!({}))).await;
    let id = standing(&tacho, "Opus 5", "requests").await["limit_id"].as_str().unwrap().to_owned();
    let patched = tacho.admin.patch(&format!("/v1/limits/{id}"), &json!({ "warn_percent": 50 })).await;
    assert_eq!(patched.status, 200, "{}", patched.text);
    let seen = async |tacho: &Tacho| {
        (standing(tacho, "Opus 5", "requests").await, tacho.admin.get("/v1/limits").await.json())
    };
    let before = seen(&tacho).await;
    assert_eq!((&before.0["used"], &before.0["state"]), (&31.0.into(), &"warning".into()));
    let tacho = tacho.restart(|_| {}).await;
    assert_eq!(seen(&tacho).await, before);
}

#[tokio::test]
async fn pages_say_whose_word_a_gauge_takes_how_old_it_is_and_what_changed() {
    let tacho = Tacho::at_noon().await;
    tacho.reporter.report(&call("a", "claude-opus-5", -150_000, requests(1_000, 990))).await;
    tacho.reporter.report(&call("b", "claude-opus-5", -140_000, requests(2_000, 1_900))).await;
    tacho.reporter.report(&call("c", "claude-opus-5", -130_000, requests(2_000, 500))).await;
    let (anybody, cookie) = tacho.signed_in().await;
    let page = anybody.send(reqwest::Method::GET, "/limits", &[("cookie", &cookie)], Vec::new()).await.text;
    for said in [
        "Opus 5 requests per minute",
        "learned from headers",
        "of it was used elsewhere, unseen by Tacho",
        "2\u{a0}min ago: 1,000 to 2,000 · 2\u{a0}min ago: first seen, 1,000",
        "It comes back with the next response that names it.",
    ] {
        assert!(page.contains(said), "the page does not say `{said}`");
    }
    assert!(page.contains("readonly"));
    let now = anybody.send(reqwest::Method::GET, "/", &[("cookie", &cookie)], Vec::new()).await.text;
    assert!(now.contains("from response headers, 2\u{a0}min ago"), "{now}");
    // What was spent elsewhere is the same on both.
    let elsewhere = |page: &str| {
        let amount =
            page.split("; at least ").nth(1).and_then(|rest| rest.split(" of it was used elsewhere").next());
        amount
            .unwrap_or_else(|| panic!("nothing is told of it in {page}"))
            .replace(',', "")
            .parse::<u32>()
            .unwrap()
    };
    assert_eq!(elsewhere(&now), elsewhere(&page));
    assert!((1_300..1_600).contains(&elsewhere(&now)), "{}", elsewhere(&now));
}

#[tokio::test]
async fn what_the_provider_says_is_not_typed_over() {
    let tacho = Tacho::at_noon().await;
    tacho.reporter.report(&call("a", "claude-opus-5", 0, requests(60, 20))).await;
    let id = standing(&tacho, "Opus 5", "requests").await["limit_id"].as_str().unwrap().to_owned();
    let path = format!("/v1/limits/{id}");
    let refused = tacho.admin.patch(&path, &json!({ "amount": 100 })).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (409, "learned_amount"));
    for change in [json!({ "amount": 60, "critical_percent": 90 }), json!({ "enabled": false })] {
        let changed = tacho.admin.patch(&path, &change).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        assert_eq!(changed.json()["source"], "learned");
    }
    // Switched off it is still learned.
    assert_eq!(standings(&tacho).await, Vec::<Value>::new());
    tacho.reporter.report(&call("b", "claude-opus-5", 0, requests(50, 20))).await;
    let limit = tacho.admin.get("/v1/limits").await.json()[0].clone();
    assert_eq!((&limit["amount"], &limit["enabled"]), (&50.0.into(), &false.into()));
    assert_eq!(limit["critical_percent"], 90);
    // Removed, it comes back with the next response, and with its history.
    assert_eq!(tacho.admin.delete(&path).await.status, 204);
    assert_eq!(tacho.admin.get("/v1/limits").await.json(), json!([]));
    let history = tacho.admin.get(&format!("{path}/history")).await.json();
    assert_eq!(history.as_array().map(Vec::len), Some(2), "{history}");
    tacho.advance(1);
    tacho.reporter.report(&call("c", "claude-opus-5", 1_000, requests(50, 20))).await;
    let limit = tacho.admin.get("/v1/limits").await.json()[0].clone();
    assert_eq!(limit["history"].as_array().unwrap().len(), 3, "{limit}");
    for kind in ["tokens_per_minute", "subscription_window"] {
        let typed = json!({ "name": "a", "kind": kind, "amount": 1 });
        assert_eq!(tacho.admin.post("/v1/limits", &typed).await.code(), "unknown_kind");
    }
}

#[tokio::test]
async fn headers_that_make_no_sense_teach_nothing_and_do_no_harm() {
    let tacho = Tacho::at_noon().await;
    let headers = json!({
        "anthropic-ratelimit-requests-limit": "many",
        "anthropic-ratelimit-requests-remaining": "99999999999999999999999",
        "anthropic-ratelimit-requests-reset": "soon",
        "anthropic-ratelimit-input-tokens-limit": "-1",
        "anthropic-ratelimit-unified-5h-utilization": "NaN",
        "anthropic-ratelimit-unified-5h-reset": "-1",
        "anthropic-organization-id": "two words",
        "anthropic-ratelimit-": "1",
        "anthropic-ratelimit-output-tokens-remaining": "5",
    });
    tacho.reporter.report(&call("a", "m", 0, headers)).await;
    assert_eq!(tacho.admin.get("/v1/limits").await.json(), json!([]));
    assert_eq!(tacho.admin.get("/v1/events").await.json()["events"][0]["organization"], json!(null));
}
