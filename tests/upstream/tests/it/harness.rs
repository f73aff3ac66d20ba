//! A client of the upstream.

use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use upstream::Upstream;

pub const MODEL: &str = "claude-sonnet-5-5";

/// A client without decoding, so that a test sees the bytes as sent.
pub fn client() -> Client {
    // A second call changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().build().unwrap()
}

/// A request with a key and a version.
pub fn post(upstream: &Upstream, path: &str, body: &Value) -> RequestBuilder {
    signed(client().post(format!("{}{path}", upstream.base_url))).json(body)
}

pub fn get(upstream: &Upstream, path: &str) -> RequestBuilder {
    signed(client().get(format!("{}{path}", upstream.base_url)))
}

pub fn signed(request: RequestBuilder) -> RequestBuilder {
    request.header("x-api-key", "sk-ant-test").header("anthropic-version", "2026-10-21")
}

pub fn plain() -> Value {
    json!({"model": MODEL, "max_tokens": 100, "messages": [{"role": "user", "content": "Say what flows."}]})
}

pub fn streamed() -> Value {
    let mut body = plain();
    body["stream"] = json!(true);
    body
}

/// Asks with a scenario.
pub async fn ask(upstream: &Upstream, scenario: &str, body: &Value) -> Response {
    post(upstream, "/v1/messages", body).header("x-fake-scenario", scenario).send().await.unwrap()
}

pub fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

/// The events of a stream: name and data.
pub fn events(text: &str) -> Vec<(String, Value)> {
    let event = |event: &str| {
        let (name, data) = event.split_once('\n').unwrap();
        let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        let name = name.strip_prefix("event: ").unwrap().to_owned();
        assert_eq!(data["type"], name);
        (name, data)
    };
    text.strip_suffix("\n\n").unwrap().split("\n\n").map(event).collect()
}

/// The usage of a stream as a client must merge it: the start's, overwritten by what later events say.
pub fn merged(events: &[(String, Value)]) -> Value {
    let mut usage = events[0].1["message"]["usage"].clone();
    for (_, data) in events.iter().filter(|(name, _)| name == "message_delta") {
        for (field, value) in data["usage"].as_object().unwrap() {
            if !value.is_null() {
                usage[field] = value.clone();
            }
        }
    }
    usage
}
