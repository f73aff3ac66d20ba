//! Who and what a call is for.

use http_body_util::Full;
use serde_json::json;

use crate::harness::proxied::{API_KEY, MODEL, Proxied};

fn body() -> Full<bytes::Bytes> {
    Full::from(json!({ "model": MODEL, "max_tokens": 5, "messages": [] }).to_string())
}

#[tokio::test]
async fn a_call_says_who_and_what_it_is_for() {
    let proxied = Proxied::start().await;
    let request = proxied
        .caller
        .request("POST", "/p/check%20out/f/summary/v1/messages?beta=true")
        .header("content-type", "application/json")
        .header("x-tacho-user", "u_42")
        .header("x-tacho-label-env", "prod")
        .header("x-claude-code-session-id", "s_9")
        .header("x-stainless-retry-count", "2")
        .body(body())
        .expect("a request");
    let answer = proxied.caller.send(request).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let event = proxied.event().await;
    assert_eq!(event["project"], "check out");
    assert_eq!(event["feature"], "summary");
    assert_eq!(event["user"], "u_42");
    assert_eq!(event["session"], "s_9");
    assert_eq!(event["labels"], json!({ "env": "prod" }));
    assert_eq!((&event["attempt"], &event["status"]), (&json!(2), &json!(200)));
    assert_eq!((&event["endpoint"], &event["model"]), (&json!("messages"), &json!(MODEL)));
    assert_eq!((&event["max_tokens"], &event["stream"]), (&json!(5), &json!(false)));
    let key = event["api_key"].as_str().expect("a fingerprint");
    assert!(key.starts_with("key_") && key.ends_with("..WXYZ") && !key.contains("abcdef"), "{key}");
    // The answer names its event, which has the API's own id.
    let exchange = proxied.exchange().await;
    assert_eq!(event["id"], exchange.request_id);
    assert_eq!(answer.header("x-tacho-request-id"), exchange.request_id);
    // What was for Tacho went no further; everything else did.
    assert_eq!(exchange.path_and_query, "/v1/messages?beta=true");
    assert!(!exchange.headers.iter().any(|(name, _)| name.starts_with("x-tacho-")), "{:?}", exchange.headers);
    assert_eq!(exchange.header("x-api-key"), Some(API_KEY));
    assert_eq!(exchange.header("x-claude-code-session-id"), Some("s_9"));
}

#[tokio::test]
async fn a_key_has_one_name_whichever_way_it_comes() {
    let proxied = Proxied::start().await;
    proxied.caller.send(proxied.caller.messages("plain", false)).await;
    let event =
        json!({ "model": MODEL, "api_key": format!("Bearer {API_KEY}"), "labels": { "key": API_KEY } });
    proxied.tacho.reporter.report(&event).await;
    let events = proxied.events(2).await;
    let names: std::collections::BTreeSet<_> =
        events.iter().map(|event| event["api_key"].as_str().expect("a name")).collect();
    assert_eq!(names.len(), 1, "{names:?}");
    let posted = events.iter().find(|event| event["labels"]["key"].is_string()).expect("the posted event");
    assert_eq!(posted["labels"]["key"], posted["api_key"]);
    assert!(!names.iter().any(|name| name.contains("abcdef")), "{names:?}");
}

#[tokio::test]
async fn calls_that_use_no_tokens_are_events_too() {
    let proxied = Proxied::start().await;
    let caller = &proxied.caller;
    let get = |path: &str| caller.request("GET", path).body(Full::default()).expect("a request");
    assert_eq!(caller.send(get("/v1/models")).await.status, 200);
    assert_eq!(caller.send(get("/v1/nowhere")).await.status, 404);
    let count =
        caller.request("POST", "/v1/messages/count_tokens").header("content-type", "application/json");
    assert_eq!(caller.send(count.body(body()).expect("a request")).await.status, 200);
    let events = proxied.events(3).await;
    let of = |endpoint: &str| {
        events.iter().find(|event| event["endpoint"] == endpoint).unwrap_or_else(|| panic!("{events:#?}"))
    };
    for (endpoint, model, status) in
        [("models", "(none)", 200), ("nowhere", "(none)", 404), ("messages/count_tokens", MODEL, 200)]
    {
        let event = of(endpoint);
        assert_eq!((&event["model"], &event["status"]), (&json!(model), &json!(status)));
        assert_eq!(event["cost_usd"], 0.0, "{event:#}");
    }
    assert_eq!(of("nowhere")["error"]["type"], "not_found_error");
    let hello =
        caller.send(caller.request("HEAD", "/api/hello").body(Full::default()).expect("a request")).await;
    assert_eq!(hello.status, 200);
    assert_eq!(proxied.upstream.exchanges().len(), 3, "nobody but Tacho answers that");
}
