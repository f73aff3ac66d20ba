//! Limits that are enforced: what they refuse, what counts against them, and under which names.

use http_body_util::Full;
use serde_json::json;
use upstream::Terms;

use super::policies::{as_user, refused};
use crate::harness::proxied::{Caller, Proxied};
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
