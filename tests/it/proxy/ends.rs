//! However a call ends, it leaves exactly one event, and the API hears at once when nobody listens any more.

use std::time::Duration;

use http_body_util::BodyExt;
use serde_json::{Value, json};
use upstream::{Exchange, Outcome, Terms, Upstream};

use crate::harness::proxied::Proxied;
use crate::harness::until;

/// How soon the API hears that a caller has gone.
const AT_ONCE: Duration = Duration::from_millis(100);

/// Waits until a call has come to the API.
async fn arrived(upstream: &Upstream) {
    until("the call's arrival", async || upstream.exchanges().first().map(|_| ())).await;
}

/// What an event says of usage is what the API sent.
fn same_usage(event: &Value, exchange: &Exchange) {
    let sent = exchange.usage.as_ref().expect("a usage");
    let used = &event["usage"];
    for name in ["input_tokens", "output_tokens", "cache_read_input_tokens"] {
        assert_eq!(used[name], sent[name], "{name}: {event:#}");
    }
    let writes = used["cache_creation"]["ephemeral_5m_input_tokens"].as_u64().unwrap_or(0)
        + used["cache_creation"]["ephemeral_1h_input_tokens"].as_u64().unwrap_or(0);
    assert_eq!(writes, sent["cache_creation_input_tokens"].as_u64().unwrap_or(0));
}

#[tokio::test]
async fn usage_is_what_the_api_sent() {
    for stream in [false, true] {
        for scenario in ["plain", "several_deltas", "words=1", "bytes=50000"] {
            let proxied = Proxied::start().await;
            let answer = proxied.caller.send(proxied.caller.messages(scenario, stream)).await;
            assert_eq!(answer.status, 200);
            let event = proxied.event().await;
            same_usage(&event, &proxied.exchange().await);
            assert_eq!((&event["stream"], &event["outcome"]), (&json!(stream), &Value::Null));
            assert!(event["stop_reason"].is_string(), "{event:#}");
            assert_eq!(event["ttft_ms"].is_u64(), stream, "{event:#}");
        }
    }
}

#[tokio::test]
async fn refusals_of_the_api_are_told_apart() {
    for (scenario, status, kind, code) in [
        ("rate_limited", 429, "rate_limit_error", ""),
        ("ramp", 429, "rate_limit_error", "ramp_limit_exceeded"),
        ("spend_cap", 429, "rate_limit_error", "enforced_spend_limit_reached"),
        ("own_spend_limit", 400, "invalid_request_error", ""),
        ("overloaded", 529, "overloaded_error", ""),
        ("server_error", 500, "api_error", ""),
    ] {
        let proxied = Proxied::start().await;
        let answer = proxied.caller.send(proxied.caller.messages(scenario, true)).await;
        assert_eq!(answer.status.as_u16(), status);
        let event = proxied.event().await;
        assert_eq!(event["status"], status);
        assert_eq!(event["error"], json!({ "type": kind, "code": code }), "{event:#}");
        assert_eq!(event["cost_usd"], 0.0);
        assert_eq!(event["model"], "claude-sonnet-5-5", "taken from the request");
    }
}

#[tokio::test]
async fn an_error_within_a_stream_is_an_error() {
    let proxied = Proxied::start().await;
    let answer = proxied.caller.send(proxied.caller.messages("error_mid_stream", true)).await;
    assert_eq!(answer.status, 200);
    let event = proxied.event().await;
    assert_eq!((&event["status"], &event["outcome"]), (&json!(200), &Value::Null));
    assert_eq!(event["error"]["type"], "overloaded_error", "{event:#}");
    assert!(event["usage"]["input_tokens"].is_u64());
}

#[tokio::test]
async fn a_caller_that_goes_before_the_answer_leaves_one_event() {
    for stream in [false, true] {
        let proxied = Proxied::start().await;
        let request = proxied.caller.messages("silent_before_headers", stream);
        let gone = proxied.caller.abandon(request, arrived(&proxied.upstream)).await;
        let exchange = proxied.exchange().await;
        assert_eq!(exchange.outcome, Outcome::ClientClosed);
        assert!(exchange.ended.expect("an end") - gone < AT_ONCE);
        let event = proxied.event().await;
        assert_eq!((&event["outcome"], &event["status"]), (&json!("client_cancelled"), &Value::Null));
        assert_eq!(event["usage"]["input_tokens"], Value::Null, "nobody has said how many there were");
        assert_eq!(event["model"], "claude-sonnet-5-5");
    }
}

#[tokio::test]
async fn a_caller_that_goes_at_any_event_leaves_one_event() {
    for after in 0..12 {
        let proxied = Proxied::start().await;
        let scenario = format!("silent; after={after}; words=9");
        let mut answer = proxied.caller.begin(proxied.caller.messages(&scenario, true)).await;
        let mut events = 0;
        while events < after {
            let frame = answer.frame().await.expect("a frame").expect("bytes");
            let text = String::from_utf8_lossy(frame.data_ref().expect("data")).into_owned();
            events += text.matches("\n\n").count();
        }
        drop(answer);
        let gone = std::time::Instant::now();
        let exchange = proxied.exchange().await;
        assert_eq!(exchange.outcome, Outcome::ClientClosed, "after {after}");
        assert!(exchange.ended.expect("an end") - gone < AT_ONCE, "after {after}");
        let event = proxied.event().await;
        assert_eq!((&event["outcome"], &event["status"]), (&json!("client_cancelled"), &json!(200)));
        let usage = &event["usage"];
        assert_eq!(usage["input_tokens"].is_u64(), after > 0, "after {after}: {event:#}");
        assert_eq!(usage["output_tokens"].is_u64(), after > 0, "after {after}: {event:#}");
        assert_eq!(event["estimated"] == true, after > 0, "after {after}: {event:#}");
    }
}

#[tokio::test]
async fn a_stream_that_breaks_off_leaves_one_event() {
    // At every byte of twenty streams with `TACHO_TEST_EVERY_BYTE`.
    let (streams, step) = if std::env::var_os("TACHO_TEST_EVERY_BYTE").is_some() { (20, 1) } else { (1, 97) };
    let terms = Terms { requests_per_minute: 1 << 40, input_tokens_per_minute: 1 << 40, ..Terms::default() };
    let proxied = Proxied::with(Terms { output_tokens_per_minute: 1 << 40, ..terms }, &[]).await;
    let mut calls = 0;
    for words in 3..3 + streams {
        let whole = {
            let proxied = Proxied::start().await;
            let answer = proxied.caller.send(proxied.caller.messages(&format!("words={words}"), true)).await;
            answer.body.len()
        };
        for after in (0..whole).step_by(step) {
            let how = ["close", "reset"][after % 2];
            let scenario = format!("cut; after={after}; words={words}; how={how}");
            let request = proxied.caller.messages(&scenario, true);
            // Where nothing of the body came, the head may be lost with it, as it may without a proxy.
            if let Ok(answer) = proxied.caller.try_begin(request).await {
                assert!(answer.into_body().collect().await.is_err(), "{how} after {after} is no good end");
            }
            calls += 1;
        }
    }
    for event in proxied.events(calls).await {
        assert_eq!(event["outcome"], "interrupted", "{event:#}");
        assert_eq!(event["status"], 200);
    }
    println!("{calls} streams broke off");
}

#[tokio::test]
async fn a_stream_without_its_last_events_is_interrupted() {
    let proxied = Proxied::start().await;
    proxied.caller.send(proxied.caller.messages("no_delta", true)).await;
    let event = proxied.event().await;
    assert_eq!((&event["outcome"], &event["estimated"]), (&json!("interrupted"), &json!(true)), "{event:#}");
}
