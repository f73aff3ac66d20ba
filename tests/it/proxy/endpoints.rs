//! Calls other than messages: what they used is what was said, nothing where nothing is generated, else unknown.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};

use crate::harness::proxied::{Caller, MODEL, Proxied};

fn post(caller: &Caller, path: &str, body: &Value) -> Request<Full<Bytes>> {
    let request = caller.request("POST", path).header("content-type", "application/json");
    request.body(Full::from(body.to_string())).expect("a request")
}

fn get(caller: &Caller, path: &str, scenario: &str) -> Request<Full<Bytes>> {
    let request = caller.request("GET", path).header("x-fake-scenario", scenario);
    request.body(Full::default()).expect("a request")
}

fn ask() -> Value {
    json!({ "model": MODEL, "max_tokens": 64, "messages": [{ "role": "user", "content": "How far is the sun?" }] })
}

#[tokio::test]
async fn results_of_a_batch_count_once_with_all_that_makes_their_price() {
    let proxied = Proxied::start().await;
    let mut special = ask();
    special["model"] = json!("claude-opus-5-5");
    (special["speed"], special["inference_geo"]) = (json!("fast"), json!("us"));
    let requests = json!([
        { "custom_id": "plain", "params": ask() },
        { "custom_id": "errored", "params": ask() },
        { "custom_id": "special", "params": special },
    ]);
    let created = post(&proxied.caller, "/v1/messages/batches", &json!({ "requests": requests }));
    let id = proxied.caller.send(created).await.json()["id"].as_str().expect("an id").to_owned();
    for project in ["a", "b"] {
        let caller = Caller::new(&format!("{}/p/{project}", proxied.caller.base_url));
        let path = format!("/v1/messages/batches/{id}/results");
        let results = caller.send(get(&caller, &path, "plain; end=bare")).await;
        assert_eq!(results.text().lines().count(), 3);
        assert!(!results.text().ends_with('\n'), "the last line is not ended");
    }
    let events = proxied.events(5).await;
    let (items, calls): (Vec<_>, Vec<_>) = events.iter().partition(|event| event["endpoint"] == "messages");
    assert_eq!(items.len(), 2, "{events:#?}");
    for item in &items {
        assert_eq!((&item["project"], &item["usage"]["service_tier"]), (&json!("a"), &json!("batch")));
        assert!(item["usage"]["output_tokens"].as_u64() > Some(0) && item["cost_usd"].as_f64() > Some(0.0));
    }
    let special: Vec<_> = items.iter().filter(|item| item["usage"]["speed"] == "fast").collect();
    assert_eq!(special.len(), 1, "{items:#?}");
    assert_eq!(special[0]["usage"]["inference_geo"], "us");
    for call in calls {
        assert_eq!(
            (&call["usage"]["output_tokens"], &call["cost_usd"]),
            (&json!(0), &json!(0.0)),
            "{call:#}"
        );
    }
}

#[tokio::test]
async fn a_post_that_may_generate_is_never_taken_for_nothing() {
    let proxied = Proxied::start().await;
    let caller = &proxied.caller;
    let prompt = json!({ "model": MODEL, "max_tokens_to_sample": 64, "prompt": "How far is the sun?" });
    for request in [
        // Not the path that is known, but answered with a message all the same.
        post(caller, "/v1/messages/", &ask()),
        post(caller, "/v1/complete", &prompt),
        get(caller, "/v1/models", "plain"),
    ] {
        assert_eq!(caller.send(request).await.status, 200);
    }
    let events = proxied.events(3).await;
    let of = |endpoint: &str| events.iter().find(|event| event["endpoint"] == endpoint).expect("an event");
    let sent = proxied.upstream.wait_for(3).await.remove(0).usage.expect("a usage");
    assert_eq!(of("messages")["usage"]["output_tokens"], sent["output_tokens"]);
    assert_eq!(of("messages")["model"], MODEL);
    let complete = of("complete");
    assert_eq!((&complete["usage"]["output_tokens"], &complete["cost_usd"]), (&Value::Null, &Value::Null));
    assert_eq!(of("models")["usage"]["output_tokens"], 0);
}
