//! Limits that are enforced: what they refuse, what counts against them, and under which names.

use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::json;
use upstream::Terms;

use super::fail_open::hold;
use super::policies::{as_user, refused};
use crate::given;
use crate::harness::proxied::{Caller, MODEL, Proxied};
use crate::harness::tacho::Tacho;

#[tokio::test]
async fn what_was_refused_is_not_counted_after_a_restart_either() {
    let proxied = Proxied::at_noon(Terms::default()).await;
    let caller = &proxied.caller;
    let limit = json!({ "name": "A minute", "kind": "requests_per_minute", "amount": 2, "enforce": true });
    let id = proxied.tacho.limit_of(&limit).await;
    for count in 1..=2 {
        assert_eq!(caller.send(as_user(caller, "a")).await.status, 200);
        proxied.events(count).await;
        // For a moment it counts twice: as stored, and as about to be.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for _ in 0..5 {
        refused(&caller.send(as_user(caller, "a")).await, "enforce");
    }
    proxied.events(7).await;
    let used = async |tacho: &Tacho| tacho.standing("requests_per_minute").await["used"].clone();
    assert_eq!(used(&proxied.tacho).await, 2.0);
    let changed = proxied.tacho.admin.patch(&format!("/v1/limits/{id}"), &json!({ "amount": 3 })).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(used(&proxied.tacho).await, 2.0, "after a change");
    let tacho = proxied.tacho.restart(|_| ()).await;
    assert_eq!(used(&tacho).await, 2.0, "after a restart");
}

#[tokio::test]
async fn a_burst_is_held_against_limits_on_requests_while_it_lasts() {
    for (kind, holds_on) in [("concurrent_requests", false), ("requests_per_minute", true)] {
        let proxied = Proxied::at_noon(Terms::default()).await;
        let caller = &proxied.caller;
        proxied.tacho.limit_of(&json!({ "name": kind, "kind": kind, "amount": 2, "enforce": true })).await;
        let mut open = Vec::new();
        for _ in 0..2 {
            open.push(caller.begin(caller.messages("silent; after=1", true)).await);
            assert_eq!(open[open.len() - 1].status(), 200);
        }
        refused(&caller.send(as_user(caller, "a")).await, "enforce");
        drop(open);
        proxied.events(3).await;
        let answer = caller.send(as_user(caller, "a")).await;
        if holds_on {
            refused(&answer, "enforce");
        } else {
            assert_eq!(answer.status, 200, "{}: the peak of a minute refuses nothing", answer.text());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_one_right_after_the_other_are_held_against_limits_on_requests() {
    let proxied = Proxied::at_noon(Terms::default()).await;
    let caller = &proxied.caller;
    let limit = json!({
        "name": "A minute", "kind": "requests_per_minute", "amount": 1, "scope": { "dimension": "user" },
        "enforce": true,
    });
    proxied.tacho.limit_of(&limit).await;
    for user in 0..20 {
        let user = format!("user-{user}");
        assert_eq!(caller.send(as_user(caller, &user)).await.status, 200);
        for _ in 0..3 {
            refused(&caller.send(as_user(caller, &user)).await, "enforce");
        }
    }
}

#[tokio::test]
async fn calls_at_once_are_no_more_when_they_have_ended() {
    let proxied = Proxied::start().await;
    let caller = &proxied.caller;
    let limit = json!({ "name": "At once", "kind": "concurrent_requests", "amount": 1, "enforce": true });
    proxied.tacho.limit_of(&limit).await;
    let mut holder = hold(&proxied).await;
    for _ in 0..2 {
        assert_eq!(caller.send(as_user(caller, "a")).await.status, 200);
        // Its end is heard a moment after its answer is.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    sqlx::query("rollback").execute(&mut holder).await.expect("let go");
}

#[tokio::test]
async fn a_batch_is_held_against_limits_and_so_is_what_is_too_large_to_be_looked_at() {
    let proxied = Proxied::start().await;
    let caller = &proxied.caller;
    let limit = json!({ "name": "A day", "kind": "spend_per_day", "amount": 0, "enforce": true });
    proxied.tacho.limit_of(&limit).await;
    let batch = caller.request("POST", "/v1/messages/batches").header("content-type", "application/json");
    let batch = batch.body(Full::from(json!({ "requests": [] }).to_string())).expect("a request");
    refused(&caller.send(batch).await, "enforce");
    // Over HTTP/2, where an answer may come before all that was asked.
    let over_http2 = Caller::http2(&caller.base_url);
    let large = over_http2.request("POST", "/v1/messages").header("content-type", "application/json");
    let large = large.body(Full::from(vec![b' '; 33 << 20])).expect("a request");
    refused(&over_http2.send(large).await, "enforce");
    let looks = caller.request("GET", "/v1/messages/batches").body(Full::default()).expect("a request");
    assert_ne!(caller.send(looks).await.header("x-tacho-error"), "enforce");
    assert_eq!(proxied.upstream.exchanges().len(), 1);
}

/// A call that is no message.
fn other_call(caller: &Caller, method: &str, path: &str) -> Request<Full<Bytes>> {
    let body = json!({ "model": MODEL, "messages": [{ "role": "user", "content": "How far is the sun?" }] });
    let body = if method == "POST" { body.to_string() } else { String::new() };
    let request = caller.request(method, path).header("content-type", "application/json");
    request.body(Full::from(body)).expect("a request")
}

#[tokio::test]
async fn what_the_provider_counts_apart_uses_up_no_limit_on_messages() {
    let proxied = Proxied::at_noon(Terms::default()).await;
    let caller = &proxied.caller;
    for kind in ["requests_per_minute", "requests_per_hour", "concurrent_requests"] {
        proxied.tacho.limit_of(&json!({ "name": kind, "kind": kind, "amount": 2, "enforce": true })).await;
    }
    let counts = json!({
        "name": "Counts", "kind": "requests_per_minute", "amount": 5, "enforce": true, "endpoints": ["count_tokens"],
    });
    proxied.tacho.limit_of(&counts).await;
    for (method, path) in [
        ("POST", "/v1/messages/count_tokens?beta=true"),
        ("POST", "/v1/messages/count_tokens"),
        ("GET", "/v1/models"),
        ("GET", "/v1/messages/batches"),
        ("GET", "/v1/files"),
        ("POST", "/v1/sessions"),
    ] {
        for _ in 0..2 {
            let answer = caller.send(other_call(caller, method, path)).await;
            assert_ne!(answer.header("x-tacho-error"), "enforce", "{method} {path}");
        }
    }
    // Making a batch is no message either; what its messages cost is for limits on money.
    let batch = caller.send(other_call(caller, "POST", "/v1/messages/batches")).await;
    assert_ne!(batch.header("x-tacho-error"), "enforce");
    let events = proxied.events(13).await;
    assert_eq!(events.iter().filter(|event| event["endpoint_class"] == "count_tokens").count(), 4);
    for _ in 0..2 {
        assert_eq!(caller.send(as_user(caller, "a")).await.status, 200);
    }
    proxied.events(15).await;
    refused(&caller.send(as_user(caller, "a")).await, "enforce");
    // Nor is it a way on where the limits on messages are used up.
    refused(&caller.send(other_call(caller, "POST", "/v1/messages/batches")).await, "enforce");
    // The fifth count of tokens fills the limit that counts them.
    let count = || other_call(caller, "POST", "/v1/messages/count_tokens");
    assert_eq!(caller.send(count()).await.status, 200);
    proxied.events(18).await;
    refused(&caller.send(count()).await, "enforce");
}

#[tokio::test]
async fn no_spelling_of_a_path_leads_past_a_limit() {
    let proxied = Proxied::start().await;
    let caller = &proxied.caller;
    for kind in ["requests_per_hour", "spend_per_day"] {
        proxied.tacho.limit_of(&json!({ "name": kind, "kind": kind, "amount": 0, "enforce": true })).await;
    }
    for path in
        ["/v1/messages/", "/v1/messages/batches/", "/v1/complete/x/v1/models", "/v1/messages;/v1/files"]
    {
        refused(&caller.send(other_call(caller, "POST", path)).await, "enforce");
    }
    for path in ["/v1/files/%2e%2e/messages", "/v1/messages/count_tokens/..", "/v1/./messages"] {
        let answer = caller.send(other_call(caller, "POST", path)).await;
        assert_eq!((answer.status.as_u16(), answer.header("x-tacho-error")), (404, "no_such_path"), "{path}");
    }
    assert!(proxied.upstream.exchanges().is_empty());
}

fn to_model(caller: &Caller, model: &str) -> Request<Full<Bytes>> {
    let message = json!({ "role": "user", "content": "How far is it to the moon?" });
    let body = json!({ "model": model, "max_tokens": 9, "messages": [message] });
    let request = caller.request("POST", "/v1/messages").header("content-type", "application/json");
    request.body(Full::from(body.to_string())).expect("a request")
}

#[tokio::test]
async fn a_limit_on_a_model_holds_under_each_of_its_names() {
    const SNAPSHOT: &str = "claude-haiku-4-5-20251001";
    for scope in [
        json!({ "dimension": "model", "value": "claude-haiku-4-5" }),
        json!({ "dimension": "model", "value": SNAPSHOT }),
        json!({ "dimension": "model" }),
    ] {
        let mut proxied = Proxied::at_noon(Terms::default()).await;
        let limit = json!({
            "name": "A day", "kind": "tokens_per_day", "amount": 15, "scope": scope, "enforce": true,
        });
        proxied.tacho.limit_of(&limit).await;
        let answered = given::with(given::event("a", 10, 5), "model", SNAPSHOT);
        proxied.tacho.reporter.report(&answered).await;
        for moment in ["at once", "after a restart"] {
            assert_eq!(proxied.tacho.standing("tokens_per_day").await["used"], 15.0, "{scope} {moment}");
            let caller = Caller::new(&format!("{}/proxy", proxied.tacho.base_url()));
            refused(&caller.send(to_model(&caller, "claude-haiku-4-5")).await, "enforce");
            refused(&caller.send(to_model(&caller, SNAPSHOT)).await, "enforce");
            proxied.tacho = proxied.tacho.restart(|_| ()).await;
        }
        let caller = Caller::new(&format!("{}/proxy", proxied.tacho.base_url()));
        assert_eq!(caller.send(to_model(&caller, "claude-sonnet-5-5")).await.status, 200);
    }
}

#[tokio::test]
async fn a_limit_on_a_workspace_holds_for_its_keys_once_an_answer_has_named_it() {
    let terms = Terms::default();
    let scopes = [
        json!({ "dimension": "workspace", "value": terms.workspace }),
        json!({ "dimension": "workspace" }),
        json!({ "dimension": "organization" }),
    ];
    for scope in scopes {
        let proxied = Proxied::start().await;
        let caller = &proxied.caller;
        let limit = json!({
            "name": "A day", "kind": "tokens_per_day", "amount": 1, "scope": scope, "enforce": true,
        });
        proxied.tacho.limit_of(&limit).await;
        assert_eq!(caller.send(as_user(caller, "a")).await.status, 200);
        proxied.events(1).await;
        refused(&caller.send(as_user(caller, "a")).await, "enforce");
    }
}
