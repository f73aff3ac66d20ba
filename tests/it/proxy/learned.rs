//! What the proxy sees of the provider's limits.

use serde_json::{Value, json};
use upstream::Terms;

use crate::harness::proxied::{Caller, Proxied};
use crate::harness::until;

async fn learned(proxied: &Proxied, kind: &str) -> Value {
    until(&format!("a learned limit of {kind}"), async || {
        let status = proxied.tacho.admin.get("/v1/limits/status").await.json();
        let standings = status["standings"].as_array().expect("standings").clone();
        standings.into_iter().find(|standing| standing["source"] == "learned" && standing["kind"] == kind)
    })
    .await
}

#[tokio::test]
async fn one_call_is_enough_to_know_the_limits() {
    let terms = Terms {
        requests_per_minute: 1_000,
        input_tokens_per_minute: 2_000_000,
        output_tokens_per_minute: 400_000,
        ..Terms::default()
    };
    let organization = terms.organization.clone();
    let proxied = Proxied::with(terms, &[]).await;
    proxied.caller.send(proxied.caller.messages("words=5", true)).await;
    for (kind, amount) in [
        ("requests_per_minute", 1_000.0),
        ("input_tokens_per_minute", 2_000_000.0),
        ("output_tokens_per_minute", 400_000.0),
    ] {
        let standing = learned(&proxied, kind).await;
        assert_eq!(standing["amount"], amount, "{standing:#}");
        assert_eq!(standing["scope"]["pool"], "Sonnet 5.5", "{standing:#}");
    }
    let event = proxied.event().await;
    assert_eq!(event["organization"], json!(organization));
}

#[tokio::test]
async fn what_others_have_used_is_seen_in_the_headers() {
    let terms = Terms { requests_per_minute: 100, ..Terms::default() };
    let proxied = Proxied::with(terms, &[]).await;
    let direct = Caller::new(&proxied.upstream.base_url);
    proxied.caller.send(proxied.caller.messages("words=2", true)).await;
    learned(&proxied, "requests_per_minute").await;
    for _ in 0..85 {
        assert_eq!(direct.send(direct.messages("words=1", false)).await.status, 200);
    }
    // Reports of one second are one report, so that the first one has to be a second old.
    let standing = until("the traffic of others", async || {
        proxied.caller.send(proxied.caller.messages("words=2", true)).await;
        let standing = learned(&proxied, "requests_per_minute").await;
        standing["unseen"].is_object().then_some(standing)
    })
    .await;
    assert_eq!(standing["spoke"], "replica", "{standing:#}");
    assert!(standing["state"] != "ok", "{standing:#}");
    assert!(standing["count_used"].as_f64() < standing["used"].as_f64(), "{standing:#}");
    assert!(standing["unseen"]["amount"].as_f64() >= Some(60.0), "{standing:#}");
}
