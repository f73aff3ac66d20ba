//! Ordinary answers.

use serde_json::{Value, json};
use upstream::{Clock, Outcome, Terms, Upstream};

use crate::harness::{MODEL, ask, client, events, get, header, merged, plain, post, streamed};

#[tokio::test]
async fn a_message_is_answered_and_remembered() {
    let upstream = Upstream::start(Terms::default()).await;
    let response = post(&upstream, "/v1/messages?beta=true", &plain()).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let request_id = header(&response, "request-id").unwrap().to_owned();
    assert_eq!(header(&response, "anthropic-workspace-id"), Some(Terms::default().workspace.as_str()));
    assert_eq!(header(&response, "content-type"), Some("application/json"));
    let length: u64 = header(&response, "content-length").unwrap().parse().unwrap();
    let body = response.bytes().await.unwrap();
    let message: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(message["model"], MODEL);
    assert_eq!(message["stop_reason"], "end_turn");
    assert_eq!(message["usage"]["output_tokens"], 20);

    let exchange = upstream.wait_for(1).await.remove(0);
    assert_eq!(exchange.request_id, request_id);
    assert_eq!(exchange.path_and_query, "/v1/messages?beta=true");
    assert_eq!((exchange.model.as_deref(), exchange.stream), (Some(MODEL), false));
    assert_eq!((exchange.status, exchange.outcome), (Some(200), Outcome::Complete));
    assert_eq!(exchange.header("x-api-key"), Some("sk-ant-test"));
    assert_eq!(exchange.answered("request-id"), Some(request_id.as_str()));
    assert_eq!(exchange.request_body, plain().to_string());
    assert_eq!((exchange.body_sent, exchange.sent_bytes), (body, length));
    assert_eq!(exchange.usage.unwrap(), message["usage"]);
}

#[tokio::test]
async fn a_stream_has_the_apis_order_and_ends_with_the_usage() {
    let upstream = Upstream::start(Terms::default()).await;
    let response = ask(&upstream, "words=3", &streamed()).await;
    assert_eq!(header(&response, "content-type"), Some("text/event-stream; charset=utf-8"));
    assert_eq!(header(&response, "cache-control"), Some("no-cache"));
    let events = events(&response.text().await.unwrap());
    let names: Vec<_> = events.iter().map(|(name, _)| name.as_str()).collect();
    let delta = "content_block_delta";
    assert_eq!(
        names,
        ["message_start", "content_block_start", "ping", delta, delta, delta]
            .into_iter()
            .chain(["content_block_stop", "message_delta", "message_stop"])
            .collect::<Vec<_>>()
    );
    assert_eq!(events[0].1["message"]["usage"]["output_tokens"], 1, "a placeholder");
    assert_eq!(events[7].1["delta"]["stop_reason"], "end_turn");
    let usage = merged(&events);
    assert_eq!(usage["output_tokens"], 3);
    assert_eq!(upstream.wait_for(1).await[0].usage.as_ref(), Some(&usage));
}

#[tokio::test]
async fn the_same_request_says_the_same_streamed_or_not() {
    let upstream = Upstream::start(Terms::default()).await;
    let first: Value = ask(&upstream, "", &plain()).await.json().await.unwrap();
    let second: Value = ask(&upstream, "", &plain()).await.json().await.unwrap();
    assert_eq!((&first["content"], &first["usage"]), (&second["content"], &second["usage"]));
    assert_ne!(first["id"], second["id"]);

    let streamed_once = ask(&upstream, "", &streamed()).await.text().await.unwrap();
    let texts = events(&streamed_once).into_iter().filter(|(name, _)| name == "content_block_delta");
    let text: String = texts.map(|(_, data)| data["delta"]["text"].as_str().unwrap().to_owned()).collect();
    assert_eq!(text.split(' ').count(), 20);
}

#[tokio::test]
async fn prompts_are_cached_up_to_each_breakpoint_for_as_long_as_asked() {
    let clock = Clock::manual("2026-11-26T12:00:00Z".parse().unwrap());
    let upstream = Upstream::start(Terms { clock: clock.clone(), ..Terms::default() }).await;
    let mut body = plain();
    body["messages"] = json!([{"role": "user", "content": [
        {"type": "text", "text": "a".repeat(4_000), "cache_control": {"type": "ephemeral", "ttl": "1h"}},
        {"type": "text", "text": "b".repeat(2_000), "cache_control": {"type": "ephemeral"}},
        {"type": "text", "text": "what is \"cache_control\": {}?"},
    ]}]);
    let usage = async || {
        let message: Value = ask(&upstream, "", &body).await.json().await.unwrap();
        let usage = &message["usage"];
        let count = |value: &Value| value.as_u64().unwrap();
        let created = &usage["cache_creation"];
        let split = [&created["ephemeral_1h_input_tokens"], &created["ephemeral_5m_input_tokens"]].map(count);
        assert_eq!(count(&usage["cache_creation_input_tokens"]), split.iter().sum::<u64>());
        (split[0], split[1], count(&usage["cache_read_input_tokens"]), count(&usage["input_tokens"]))
    };
    let (hour, minutes, read, uncached) = usage().await;
    assert_eq!(read, 0);
    assert!((1..100).contains(&uncached) && hour > minutes && minutes > 500, "{hour} {minutes} {uncached}");
    assert_eq!(usage().await, (0, 0, hour + minutes, uncached));
    clock.advance(std::time::Duration::from_secs(6 * 60));
    assert_eq!(usage().await, (0, minutes, hour, uncached), "five minutes are over, the hour is not");
}

#[tokio::test]
async fn what_the_api_refuses_is_refused_in_its_words() {
    let upstream = Upstream::start(Terms::default()).await;
    let url = format!("{}/v1/messages", upstream.base_url);
    let without_key = client().post(&url).header("anthropic-version", "2026-10-21").json(&plain());
    let without_version = client().post(&url).bearer_auth("token").json(&plain());
    let without = |field: &str| {
        let mut body = plain();
        body.as_object_mut().unwrap().remove(field);
        post(&upstream, "/v1/messages", &body)
    };
    let mut unknown = plain();
    unknown["model"] = json!("gpt-4");
    for (request, status, kind) in [
        (without_key, 401, "authentication_error"),
        (without_version, 400, "invalid_request_error"),
        (without("model"), 400, "invalid_request_error"),
        (without("messages"), 400, "invalid_request_error"),
        (without("max_tokens"), 400, "invalid_request_error"),
        (post(&upstream, "/v1/messages", &unknown), 404, "not_found_error"),
        (post(&upstream, "/v1/messages", &json!(null)).body("{"), 400, "invalid_request_error"),
        (get(&upstream, "/v1/nothing"), 404, "not_found_error"),
        (get(&upstream, "/v1/messages"), 404, "not_found_error"),
    ] {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status);
        let request_id = header(&response, "request-id").unwrap().to_owned();
        let error: Value = response.json().await.unwrap();
        assert_eq!((&error["type"], &error["error"]["type"]), (&json!("error"), &json!(kind)));
        assert_eq!(error["request_id"], request_id);
    }
}

#[tokio::test]
async fn a_body_beyond_the_apis_bound_is_too_large() {
    let upstream = Upstream::start(Terms::default()).await;
    let mut body = plain();
    body["messages"][0]["content"] = json!("a".repeat(32 << 20));
    let packed = zstd::encode_all(body.to_string().as_bytes(), 1).unwrap();
    let request =
        post(&upstream, "/v1/messages", &json!(null)).header("content-encoding", "zstd").body(packed);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 413);
    assert_eq!(response.json::<Value>().await.unwrap()["error"]["type"], "request_too_large");
}
