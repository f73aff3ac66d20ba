//! What the proxy answers itself: in the API's shape, with a code and a way out, and no usage.

use http::Request;
use http_body_util::Full;
use serde_json::Value;
use server::clock::Clock;
use upstream::Terms;

use crate::harness::proxied::{Answer, Caller, Proxied};
use crate::harness::tacho::Tacho;

fn refused(answer: &Answer, status: u16, kind: &str, code: &str) -> Value {
    assert_eq!((answer.status.as_u16(), answer.header("x-tacho-error")), (status, code), "{}", answer.text());
    let body = answer.json();
    assert_eq!((&body["type"], &body["error"]["type"]), (&Value::from("error"), &Value::from(kind)));
    assert!(body["error"]["message"].as_str().expect("a message").len() > 20, "{body}");
    body
}

#[tokio::test]
async fn paths_that_lead_nowhere_are_refused() {
    let proxied = Proxied::start().await;
    for path in ["/v2/messages", "/", "/p/a", "/x/v1/things"] {
        let request = proxied.caller.request("POST", path).body(Full::default()).expect("a request");
        refused(&proxied.caller.send(request).await, 404, "not_found_error", "no_such_path");
    }
    assert!(proxied.upstream.exchanges().is_empty());
    // Its event comes behind any that were made before.
    assert_eq!(proxied.caller.send(proxied.caller.messages("plain", false)).await.status, 200);
    proxied.events(1).await;
}

#[tokio::test]
async fn a_wrong_base_address_is_told_the_right_one() {
    let proxied = Proxied::start().await;
    let tacho = proxied.tacho.base_url().to_owned();
    let caller = Caller::new(&tacho);
    for (path, base) in [
        ("/proxy//v1/messages", "/proxy"),
        ("/proxy//v1/messages?beta=true", "/proxy"),
        ("/proxy/p/shop//v1/messages", "/proxy/p/shop"),
        ("/proxy/p/a%20b/f/c//v1/messages/count_tokens", "/proxy/p/a%20b/f/c"),
        ("/proxy/v1/v1/messages", "/proxy"),
        ("/proxy/p/shop/v1/v1/models", "/proxy/p/shop"),
        ("/proxy/messages", "/proxy/v1"),
        ("/v1/messages", "/proxy"),
        ("/v1/messages/batches", "/proxy"),
        ("/v1/complete", "/proxy"),
        ("/v1/models", "/proxy"),
        ("/v1/v1/messages", "/proxy"),
        ("//v1/messages", "/proxy"),
        ("/messages", "/proxy/v1"),
        ("/p/shop/v1/messages", "/proxy/p/shop"),
        // As other tools have it, or mistyped.
        ("/anthropic/v1/messages", "/proxy"),
        ("/api/v1/messages", "/proxy"),
        ("/proxy%20/v1/messages", "/proxy"),
        ("/Proxy/v1/messages", "/proxy"),
        ("/proxy/anthropic/v1/messages", "/proxy"),
    ] {
        for method in ["POST", "GET"] {
            let request = caller.request(method, path).body(Full::default()).expect("a request");
            let body = refused(&caller.send(request).await, 404, "not_found_error", "wrong_base_url");
            let message = body["error"]["message"].as_str().expect("a message");
            assert!(
                message.contains(&format!("ANTHROPIC_BASE_URL={tacho}{base}, ")),
                "{method} {path}: {message}"
            );
        }
    }
    // What Tacho has itself is not touched by it, nor what the API may have.
    assert_eq!(proxied.tacho.admin.get("/v1/limits").await.status, 200);
    assert_eq!(proxied.tacho.admin.get("/v1/nothing").await.code(), "no_such_path");
    assert!(proxied.upstream.exchanges().is_empty());
    let odd = proxied.caller.request("GET", "/v1//anything").body(Full::default()).expect("a request");
    proxied.caller.send(odd).await;
    assert_eq!(proxied.exchange().await.path_and_query, "/v1//anything");
}

#[tokio::test]
async fn the_address_people_use_is_the_one_that_is_told() {
    let settings = [("TACHO_PUBLIC_URL", "https://tacho.example/")];
    let proxied = Proxied::with(Terms::default(), &settings).await;
    let request = Request::post(format!("http://{}/v1/messages", proxied.tacho.address()));
    let answer = proxied.caller.send(request.body(Full::default()).expect("a request")).await;
    let body = refused(&answer, 404, "not_found_error", "wrong_base_url");
    assert!(body.to_string().contains("ANTHROPIC_BASE_URL=https://tacho.example/proxy, "), "{body}");
}

#[tokio::test]
async fn an_api_that_is_not_there_is_an_event_that_used_nothing() {
    let tacho = Tacho::with(Clock::system(), &[("TACHO_PROXY_UPSTREAM", "http://127.0.0.1:1")]).await;
    let caller = Caller::new(&format!("{}/proxy", tacho.base_url()));
    let answer = caller.send(caller.messages("plain", false)).await;
    refused(&answer, 502, "api_error", "upstream_unreachable");
    let upstream = upstream::Upstream::start(Terms::default()).await;
    let proxied = Proxied { tacho, upstream, caller, api_clock: Terms::default().clock };
    let event = proxied.event().await;
    assert_eq!((&event["outcome"], &event["status"]), (&Value::from("unreachable"), &Value::Null));
    assert_eq!(event["usage"]["output_tokens"], 0);
    assert_eq!(event["cost_usd"], 0.0);
}

#[tokio::test]
async fn a_key_is_needed_where_it_is_asked_for() {
    let proxied = Proxied::with(Terms::default(), &[("TACHO_PROXY_REQUIRE_KEY", "always")]).await;
    let caller = &proxied.caller;
    let with = |key: &str| {
        let (mut head, body) = caller.messages("plain", false).into_parts();
        head.headers.insert("x-tacho-key", key.parse().expect("a value"));
        Request::from_parts(head, body)
    };
    let none = caller.send(caller.messages("plain", false)).await;
    refused(&none, 401, "authentication_error", "unauthenticated");
    refused(&caller.send(with("tch_prx_x")).await, 401, "authentication_error", "invalid_key");
    let ingest = proxied.tacho.reporter.key().to_owned();
    refused(&caller.send(with(&ingest)).await, 401, "authentication_error", "scope");
    assert!(proxied.upstream.exchanges().is_empty());
    let admin = proxied.tacho.admin.key().to_owned();
    assert_eq!(caller.send(with(&admin)).await.status, 200);
    proxied.event().await;
}
