//! What the proxy sees of the provider's limits.

use serde_json::{Value, json};
use upstream::Terms;

use crate::given;
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
    let proxied = Proxied::at_noon(Terms { requests_per_minute: 100, ..Terms::default() }).await;
    let others = Caller::new(&proxied.upstream.base_url);
    proxied.caller.send(proxied.caller.messages("words=2", true)).await;
    learned(&proxied, "requests_per_minute").await;
    proxied.advance(3);
    for _ in 0..85 {
        assert_eq!(others.send(others.messages("words=1", false)).await.status, 200);
    }
    proxied.caller.send(proxied.caller.messages("words=2", true)).await;
    proxied.events(2).await;
    let standing = learned(&proxied, "requests_per_minute").await;
    assert_eq!(standing["spoke"], "replica", "{standing:#}");
    assert_eq!(
        (&standing["state"], &standing["count_used"]),
        (&json!("warning"), &json!(2.0)),
        "{standing:#}"
    );
    assert_eq!(standing["used"], 86.0, "one of the first two has come back in three seconds: {standing:#}");
    let (unseen, band) = (&standing["unseen"]["amount"], &standing["unseen"]["band"]);
    let (unseen, band) = (unseen.as_f64().expect("a number"), band.as_f64().expect("a band"));
    assert!(unseen <= 85.0 && unseen + band >= 85.0, "{standing:#}");
}

#[tokio::test]
async fn what_the_proxy_has_met_stays_whatever_is_posted() {
    let terms = Terms { requests_per_minute: 100, ..Terms::default() };
    let organization = terms.organization.clone();
    let proxied = Proxied::at_noon(terms).await;
    proxied.caller.send(proxied.caller.messages("words=2", true)).await;
    learned(&proxied, "requests_per_minute").await;
    for (key, names) in [(&proxied.tacho.reporter, "a"), (&proxied.tacho.admin, "b")] {
        let made_up = |number: u32| {
            let name = format!("{names}{number}");
            let event = given::with(given::event(&name, 1, 1), "organization", name);
            given::with(event, "headers", json!({ "anthropic-ratelimit-requests-limit": "1" }))
        };
        key.report(&(0..1_100).map(made_up).collect()).await;
    }
    let limits = proxied.tacho.admin.get("/v1/limits").await.json();
    let limits = limits.as_array().expect("limits");
    assert!(limits.len() > 400, "{}", limits.len());
    let of = |limit: &&Value| limit["scope"]["organization"] == organization && limit["amount"] == 100.0;
    assert!(limits.iter().any(|limit| of(&limit)), "the real one is gone");
}
