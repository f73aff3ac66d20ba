//! Limits run out and refill, and the headers say so.

use std::time::Duration;

use serde_json::{Value, json};
use upstream::{Clock, Terms, Upstream};

use crate::harness::{ask, header, plain, post, streamed};

const NOON: &str = "2026-11-26T12:00:00Z";

async fn strict(terms: Terms) -> (Upstream, Clock) {
    let clock = Clock::manual(NOON.parse().unwrap());
    (Upstream::start(Terms { clock: clock.clone(), ..terms }).await, clock)
}

#[tokio::test]
async fn a_call_draws_from_its_limits_when_it_comes_however_long_its_answer_takes() {
    let (upstream, _) = strict(Terms { requests_per_minute: 1, ..Terms::default() }).await;
    let (slow, plain) = ("slow; ms=600000", plain());
    let first = tokio::select! {
        answer = ask(&upstream, slow, &plain) => answer,
        answer = ask(&upstream, slow, &plain) => answer,
    };
    assert_eq!(first.status(), 429);
}

#[tokio::test]
async fn requests_run_out_and_come_back_one_by_one() {
    let (upstream, clock) = strict(Terms { requests_per_minute: 6, ..Terms::default() }).await;
    for left in (0..6).rev() {
        let response = ask(&upstream, "", &plain()).await;
        assert_eq!(response.status(), 200);
        assert_eq!(header(&response, "anthropic-ratelimit-requests-limit"), Some("6"));
        let remaining = header(&response, "anthropic-ratelimit-requests-remaining");
        assert_eq!(remaining, Some(left.to_string().as_str()));
    }
    let refused = ask(&upstream, "", &plain()).await;
    assert_eq!(refused.status(), 429);
    assert_eq!(header(&refused, "retry-after"), Some("10"));
    assert_eq!(header(&refused, "anthropic-ratelimit-requests-remaining"), Some("0"));
    assert_eq!(header(&refused, "anthropic-ratelimit-requests-reset"), Some("2026-11-26T12:01:00Z"));
    assert_eq!(refused.json::<Value>().await.unwrap()["error"]["type"], "rate_limit_error");

    clock.advance(Duration::from_millis(9_001));
    assert_eq!(header(&ask(&upstream, "", &plain()).await, "retry-after"), Some("1"), "rounded up");
    clock.advance(Duration::from_millis(999));
    assert_eq!(ask(&upstream, "", &plain()).await.status(), 200);
    assert_eq!(ask(&upstream, "", &plain()).await.status(), 429);
}

#[tokio::test]
async fn input_counts_at_the_start_and_output_as_it_is_generated() {
    let terms =
        Terms { input_tokens_per_minute: 60_000, output_tokens_per_minute: 12_000, ..Terms::default() };
    let (upstream, _clock) = strict(terms).await;
    let mut body = streamed();
    body["max_tokens"] = json!(50_000);
    body["messages"][0]["content"] = json!("a".repeat(40_000));
    let response = ask(&upstream, "words=3000", &body).await;
    assert_eq!(header(&response, "anthropic-ratelimit-input-tokens-limit"), Some("60000"));
    assert_eq!(header(&response, "anthropic-ratelimit-input-tokens-remaining"), Some("50000"), "rounded");
    assert_eq!(header(&response, "anthropic-ratelimit-input-tokens-reset"), Some("2026-11-26T12:00:11Z"));
    assert_eq!(header(&response, "anthropic-ratelimit-output-tokens-remaining"), Some("12000"));
    assert_eq!(header(&response, "anthropic-ratelimit-tokens-limit"), Some("72000"));
    assert_eq!(header(&response, "anthropic-ratelimit-tokens-remaining"), Some("62000"));
    response.bytes().await.unwrap();

    let response = ask(&upstream, "", &plain()).await;
    assert_eq!(header(&response, "anthropic-ratelimit-output-tokens-remaining"), Some("9000"));
    assert_eq!(header(&response, "anthropic-ratelimit-output-tokens-reset"), Some("2026-11-26T12:00:15Z"));
    assert_eq!(header(&response, "anthropic-ratelimit-tokens-reset"), Some("2026-11-26T12:00:15Z"));
}

#[tokio::test]
async fn too_much_input_is_refused_until_it_fits() {
    let (upstream, clock) = strict(Terms { input_tokens_per_minute: 6_000, ..Terms::default() }).await;
    let mut body = plain();
    body["messages"][0]["content"] = json!("a".repeat(16_000));
    assert_eq!(ask(&upstream, "", &body).await.status(), 200);
    let refused = ask(&upstream, "", &body).await;
    assert_eq!(refused.status(), 429);
    assert_eq!(header(&refused, "anthropic-ratelimit-input-tokens-remaining"), Some("0"));
    assert_eq!(header(&refused, "anthropic-ratelimit-requests-remaining"), Some("9999"));
    let wait: u64 = header(&refused, "retry-after").unwrap().parse().unwrap();
    assert_eq!(wait, 21);
    assert_eq!(ask(&upstream, "", &plain()).await.status(), 200, "a small one fits");
    clock.advance(Duration::from_secs(wait + 1));
    assert_eq!(ask(&upstream, "", &body).await.status(), 200);
}

#[tokio::test]
async fn models_share_a_limit_only_within_their_pool() {
    let (upstream, _clock) = strict(Terms { requests_per_minute: 1, ..Terms::default() }).await;
    let with = |model: &str| {
        let mut body = plain();
        body["model"] = json!(model);
        body
    };
    assert_eq!(ask(&upstream, "", &with("claude-opus-4-8")).await.status(), 200);
    assert_eq!(ask(&upstream, "", &with("claude-opus-4-5")).await.status(), 429);
    assert_eq!(ask(&upstream, "", &with("claude-opus-5")).await.status(), 200);
    assert_eq!(ask(&upstream, "", &with("claude-opus-5-5")).await.status(), 200);
    assert_eq!(ask(&upstream, "fast", &with("claude-opus-5-5")).await.status(), 429, "requests are shared");
}

#[tokio::test]
async fn tokens_of_fast_mode_run_out_by_themselves() {
    let terms = Terms { input_tokens_per_minute: 6_000, requests_per_minute: 9, ..Terms::default() };
    let (upstream, _clock) = strict(terms).await;
    let mut body = plain();
    body["messages"][0]["content"] = json!("a".repeat(16_000));
    let remaining = |response: &reqwest::Response| {
        ["ratelimit-requests", "ratelimit-input-tokens", "fast-input-tokens"].map(|name| {
            header(response, &format!("anthropic-{name}-remaining")).map(str::to_owned).unwrap_or_default()
        })
    };
    let fast = ask(&upstream, "fast", &body).await;
    assert_eq!((fast.status().as_u16(), remaining(&fast)), (200, ["8", "6000", "2000"].map(str::to_owned)));
    let refused = ask(&upstream, "fast", &body).await;
    assert_eq!(
        (refused.status().as_u16(), remaining(&refused)),
        (429, ["8", "6000", "0"].map(str::to_owned))
    );
    let standard = ask(&upstream, "", &body).await;
    assert_eq!(
        (standard.status().as_u16(), remaining(&standard)),
        (200, ["7", "2000", ""].map(str::to_owned))
    );
}

#[tokio::test]
async fn committed_capacity_burns_down_by_price_beside_the_ordinary_limits() {
    let (upstream, _clock) = strict(Terms::default()).await;
    let mut body = plain();
    let cached = json!({"type": "text", "text": "a".repeat(400_000), "cache_control": {"type": "ephemeral"}});
    body["messages"][0]["content"] = json!([cached]);
    let missing = |response: &reqwest::Response| {
        ["ratelimit", "priority"].map(|name| {
            let number = |field: &str| {
                let value = header(response, &format!("anthropic-{name}-input-tokens-{field}"));
                value.unwrap().parse::<u64>().unwrap()
            };
            number("limit") - number("remaining")
        })
    };
    // Written for five minutes, then read.
    assert_eq!(missing(&ask(&upstream, "priority", &body).await), [100_000, 125_000]);
    assert_eq!(missing(&ask(&upstream, "priority", &body).await), [100_000, 135_000]);
}

#[tokio::test]
async fn never_is_more_left_than_there_may_be() {
    let terms = Terms { output_tokens_per_minute: 5_700, ..Terms::default() };
    let (upstream, _clock) = strict(terms).await;
    let response = ask(&upstream, "", &plain()).await;
    assert_eq!(header(&response, "anthropic-ratelimit-output-tokens-remaining"), Some("5700"));
}

#[tokio::test]
async fn a_workspace_counts_cache_reads_and_its_limit_is_the_most_restrictive() {
    let terms = Terms { workspace_input_tokens_per_minute: Some(6_000), ..Terms::default() };
    let (upstream, _clock) = strict(terms).await;
    let mut body = plain();
    let cached = json!({"type": "text", "text": "a".repeat(10_000), "cache_control": {"type": "ephemeral"}});
    body["messages"][0]["content"] = json!([cached]);
    let remaining = ["anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-input-tokens-remaining"];
    let written = ask(&upstream, "", &body).await;
    assert_eq!(header(&written, "anthropic-ratelimit-tokens-limit"), Some("6000"));
    assert_eq!(remaining.map(|name| header(&written, name).unwrap()), ["3000", "9997000"]);
    let read = ask(&upstream, "", &body).await;
    assert_eq!(remaining.map(|name| header(&read, name).unwrap()), ["1000", "9997000"]);
    let refused = ask(&upstream, "", &body).await;
    assert_eq!(refused.status(), 429);
    assert_eq!(remaining.map(|name| header(&refused, name).unwrap()), ["0", "9997000"]);
}

#[tokio::test]
async fn counting_tokens_has_a_limit_of_its_own() {
    let (upstream, _clock) = strict(Terms { count_requests_per_minute: 1, ..Terms::default() }).await;
    let counted = post(&upstream, "/v1/messages/count_tokens", &plain()).send().await.unwrap();
    assert_eq!(header(&counted, "anthropic-ratelimit-requests-remaining"), Some("0"));
    let counted = counted.json::<Value>().await.unwrap()["input_tokens"].as_u64().unwrap();
    assert_eq!(counted, plain().to_string().len().div_ceil(4) as u64);
    let refused = post(&upstream, "/v1/messages/count_tokens", &plain()).send().await.unwrap();
    assert_eq!((refused.status().as_u16(), header(&refused, "retry-after")), (429, Some("60")));
    assert_eq!(ask(&upstream, "", &plain()).await.status(), 200);
}

#[tokio::test]
async fn a_sharp_rise_is_a_ramp() {
    let (upstream, clock) = strict(Terms { ramp_requests_per_second: Some(2), ..Terms::default() }).await;
    for _ in 0..2 {
        assert_eq!(ask(&upstream, "", &plain()).await.status(), 200);
    }
    let refused = ask(&upstream, "", &plain()).await;
    assert_eq!(header(&refused, "retry-after"), Some("1"));
    let error: Value = refused.json().await.unwrap();
    assert_eq!(error["error"]["details"]["error_code"], "ramp_limit_exceeded");
    clock.advance(Duration::from_secs(1));
    assert_eq!(ask(&upstream, "", &plain()).await.status(), 200);
}
