//! What `x-fake-scenario` asks for.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use upstream::{Outcome, Terms, Upstream};

use crate::harness::{ask, events, header, merged, plain, post, streamed};

#[tokio::test]
async fn failures_have_the_apis_status_type_code_and_retry_after() {
    let upstream = Upstream::start(Terms::default()).await;
    for (scenario, status, kind, code, retry_after) in [
        ("overloaded", 529, "overloaded_error", None, None),
        ("rate_limited", 429, "rate_limit_error", None, Some("1")),
        ("rate_limited; retry-after=0", 429, "rate_limit_error", None, Some("0")),
        ("ramp; retry-after=7", 429, "rate_limit_error", Some("ramp_limit_exceeded"), Some("7")),
        ("spend_cap", 429, "rate_limit_error", Some("enforced_spend_limit_reached"), None),
        ("own_spend_limit", 400, "invalid_request_error", None, None),
        ("server_error", 500, "api_error", None, None),
        ("melted", 400, "invalid_request_error", None, None),
    ] {
        let response = ask(&upstream, scenario, &streamed()).await;
        assert_eq!(response.status(), status, "{scenario}");
        assert_eq!(header(&response, "retry-after"), retry_after, "{scenario}");
        let error: Value = response.json().await.unwrap();
        assert_eq!(error["error"]["type"], kind, "{scenario}");
        assert_eq!(error["error"]["details"]["error_code"].as_str(), code, "{scenario}");
    }
    assert!(upstream.wait_for(8).await.iter().all(|exchange| exchange.usage.is_none()));
}

#[tokio::test]
async fn a_failure_lasts_for_as_many_attempts_as_asked() {
    let upstream = Upstream::start(Terms::default()).await;
    let attempt = async |id: &str, retry_count: &str| {
        let request = post(&upstream, "/v1/messages", &plain());
        let request = request.header("x-fake-scenario", "overloaded; attempts=2");
        let request =
            request.header("x-client-request-id", id).header("x-stainless-retry-count", retry_count);
        request.send().await.unwrap().status().as_u16()
    };
    // A proxy's own retries say the same count each time.
    assert_eq!([attempt("a", "0").await, attempt("a", "0").await, attempt("a", "0").await], [529, 529, 200]);
    assert_eq!([attempt("b", "0").await, attempt("b", "2").await], [529, 200]);
    upstream.forget();
    assert_eq!(attempt("a", "0").await, 529);
}

#[tokio::test]
async fn an_error_may_come_amid_a_stream() {
    let upstream = Upstream::start(Terms::default()).await;
    let response = ask(&upstream, "error_mid_stream", &streamed()).await;
    assert_eq!(response.status(), 200);
    let request_id = header(&response, "request-id").unwrap().to_owned();
    let events = events(&response.text().await.unwrap());
    let (name, data) = events.last().unwrap();
    assert_eq!((name.as_str(), &data["error"]["type"]), ("error", &json!("overloaded_error")));
    assert_eq!(data["request_id"], request_id);
    assert_eq!(events.iter().filter(|(name, _)| name == "content_block_delta").count(), 10);
    let exchange = upstream.wait_for(1).await.remove(0);
    assert_eq!((exchange.outcome, exchange.usage), (Outcome::Complete, None));
}

#[tokio::test]
async fn usage_may_come_several_times_or_never() {
    let upstream = Upstream::start(Terms::default()).await;
    let several = events(&ask(&upstream, "several_deltas", &streamed()).await.text().await.unwrap());
    let outputs: Vec<_> = several
        .iter()
        .filter(|(name, _)| name == "message_delta")
        .map(|(_, data)| data["usage"]["output_tokens"].as_u64().unwrap())
        .collect();
    assert_eq!(outputs, [6, 13, 20]);
    let never = events(&ask(&upstream, "no_delta", &streamed()).await.text().await.unwrap());
    assert_eq!(never.last().unwrap().0, "content_block_stop");
    let exchanges = upstream.wait_for(2).await;
    assert_eq!(exchanges[0].usage.as_ref(), Some(&merged(&several)));
    assert_eq!(exchanges[1].usage, None);
}

#[tokio::test]
async fn iterations_tell_of_a_compaction_or_a_fallback() {
    let upstream = Upstream::start(Terms::default()).await;
    let compaction = events(&ask(&upstream, "iterations", &streamed()).await.text().await.unwrap());
    let usage = merged(&compaction);
    assert_eq!(usage["iterations"][0]["type"], "compaction");
    assert_eq!(usage["iterations"][1]["input_tokens"], usage["input_tokens"], "the top level is the message");
    let fallback: Value = ask(&upstream, "iterations; kind=fallback", &plain()).await.json().await.unwrap();
    let last = &fallback["usage"]["iterations"][1];
    assert_eq!((&last["type"], &last["model"]), (&json!("fallback_message"), &fallback["model"]));
    let exchanges = upstream.wait_for(2).await;
    assert_eq!(exchanges[0].usage.as_ref(), Some(&usage));
    assert_eq!(exchanges[1].usage.as_ref(), Some(&fallback["usage"]));
}

#[tokio::test]
async fn a_connection_breaks_after_as_many_bytes_as_asked() {
    let upstream = Upstream::start(Terms::default()).await;
    for (count, (scenario, body)) in [
        ("cut; after=300", streamed()),
        ("cut; after=300; how=reset", streamed()),
        ("cut; after=100", plain()),
        ("cut; after=0", streamed()),
    ]
    .into_iter()
    .enumerate()
    {
        let mut response = ask(&upstream, scenario, &body).await;
        assert_eq!(response.status(), 200);
        let mut received = Vec::new();
        let error = loop {
            match response.chunk().await {
                Ok(Some(chunk)) => received.extend_from_slice(&chunk),
                Ok(None) => panic!("{scenario} ended"),
                Err(error) => break error,
            }
        };
        let reset = format!("{error:?}").contains("ConnectionReset");
        assert_eq!(reset, scenario.contains("reset"), "{scenario}: {error:?}");
        let exchange = upstream.wait_for(count + 1).await.remove(count);
        assert_eq!(exchange.outcome, Outcome::Cut);
        assert_eq!(exchange.body_sent, received, "{scenario}");
        assert_eq!(exchange.usage, None);
    }
    let whole = ask(&upstream, "cut; after=100000", &streamed()).await.text().await.unwrap();
    assert!(whole.ends_with("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"));
}

#[tokio::test]
async fn a_slow_stream_takes_its_time_before_each_event() {
    let upstream = Upstream::start(Terms::default()).await;
    let begun = Instant::now();
    let text = ask(&upstream, "slow; ms=20; words=4", &streamed()).await.text().await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(20) * u32::try_from(events(&text).len()).unwrap());
    let begun = Instant::now();
    assert_eq!(ask(&upstream, "slow; ms=50", &plain()).await.status(), 200);
    assert!(begun.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn subscriptions_fast_mode_and_priority_have_headers_of_their_own() {
    let upstream = Upstream::start(Terms::default()).await;
    let unified = ask(&upstream, "unified", &plain()).await;
    assert_eq!(header(&unified, "anthropic-ratelimit-unified-5h-utilization"), Some("0.83"));
    header(&unified, "anthropic-ratelimit-unified-7d-reset").unwrap().parse::<i64>().unwrap();
    assert_eq!(header(&unified, "anthropic-ratelimit-requests-limit"), None);

    let exhausted = ask(&upstream, "unified; retry-after=3600", &plain()).await;
    assert_eq!((exhausted.status().as_u16(), header(&exhausted, "retry-after")), (429, Some("3600")));
    assert_eq!(header(&exhausted, "anthropic-ratelimit-unified-status"), Some("rejected"));

    let fast = ask(&upstream, "fast", &plain()).await;
    assert!(header(&fast, "anthropic-fast-input-tokens-remaining").is_some());
    assert_eq!(fast.json::<Value>().await.unwrap()["usage"]["speed"], "fast");

    let priority = ask(&upstream, "priority", &plain()).await;
    assert!(header(&priority, "anthropic-priority-output-tokens-limit").is_some());
    assert_eq!(priority.json::<Value>().await.unwrap()["usage"]["service_tier"], "priority");
}

#[tokio::test]
async fn an_answer_is_as_large_as_asked() {
    let upstream = Upstream::start(Terms::default()).await;
    let message: Value = ask(&upstream, "bytes=1000000", &plain()).await.json().await.unwrap();
    assert_eq!(message["content"][0]["text"].as_str().unwrap().len(), 1_000_000);
    let mut long = streamed();
    long["max_tokens"] = json!(10_000);
    let events = events(&ask(&upstream, "words=5000", &long).await.text().await.unwrap());
    assert_eq!(merged(&events)["output_tokens"], 5_000);
}

#[tokio::test]
async fn something_in_between_may_answer_with_a_page() {
    let upstream = Upstream::start(Terms::default()).await;
    let response = ask(&upstream, "bad_gateway", &plain()).await;
    assert_eq!((response.status().as_u16(), header(&response, "content-type")), (502, Some("text/html")));
    assert!(response.text().await.unwrap().starts_with("<html>"));
}

#[tokio::test]
async fn the_body_of_an_error_may_never_end() {
    let upstream = Upstream::start(Terms::default()).await;
    let mut response = ask(&upstream, "stalled_error", &plain()).await;
    assert_eq!(response.status(), 529);
    assert!(response.chunk().await.unwrap().is_some());
    drop(response);
    let exchange = upstream.wait_for(1).await.remove(0);
    assert_eq!(exchange.outcome, Outcome::ClientClosed);
}
