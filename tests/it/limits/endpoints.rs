//! Which calls a limit on requests counts.

use serde_json::{Value, json};

use crate::given;
use crate::harness::tacho::Tacho;

/// One call of each class, and two messages.
fn calls_of_each_class() -> Value {
    let call = |id: &str, endpoint: &str| {
        let call = json!({ "id": id, "model": given::MODEL, "status": 200, "duration_ms": 1_000 });
        given::with(call, "endpoint", endpoint)
    };
    let message = |id: &str, endpoint: &str| given::with(given::event(id, 10, 5), "endpoint", endpoint);
    let unlisted = given::with(given::event("reads", 0, 0), "endpoint", "thoughts/{id}");
    json!([
        message("message", "messages"),
        given::with(message("long", "/v1/messages?beta=true"), "duration_ms", 1_000),
        call("count", "messages/count_tokens"),
        call("counts", "count_tokens"),
        call("batch", "messages/batches"),
        call("poll", "messages/batches/{id}"),
        call("results", "messages/batches/{id}/results"),
        call("file", "files/{id}/content"),
        call("model", "models"),
        unlisted,
    ])
}

#[tokio::test]
async fn a_limit_on_requests_counts_what_the_provider_counts_under_it() {
    let mut tacho = Tacho::at_noon().await;
    let all = json!(["messages", "count_tokens", "batches", "files", "agents", "other"]);
    let wanted = [
        (Value::Null, 2.0),
        (json!(["messages"]), 2.0),
        (json!(["count_tokens"]), 2.0),
        (json!(["batches"]), 3.0),
        (json!(["files", "other"]), 3.0),
        (all, 10.0),
    ];
    for kind in ["requests_per_minute", "requests_per_hour"] {
        for (place, (endpoints, _)) in wanted.iter().enumerate() {
            let limit = json!({ "name": format!("{kind} {place}"), "kind": kind, "amount": 100 });
            tacho.limit_of(&given::with(limit, "endpoints", endpoints.clone())).await;
        }
    }
    tacho.limit("tokens_per_day", 1_000.0).await;
    tacho.limit("spend_per_day", 1_000.0).await;
    tacho.reporter.report(&calls_of_each_class()).await;
    for moment in ["at once", "after a restart"] {
        let status = tacho.admin.get("/v1/limits/status").await.json();
        let named = |name: &str| {
            let standings = status["standings"].as_array().unwrap().iter();
            standings.clone().find(|standing| standing["name"] == name).unwrap()
        };
        for kind in ["requests_per_minute", "requests_per_hour"] {
            for (place, (endpoints, used)) in wanted.iter().enumerate() {
                assert_eq!(named(&format!("{kind} {place}"))["used"], *used, "{kind} {endpoints} {moment}");
            }
        }
        // What is free is known to be: nothing that counts tokens or money is a lower bound for it.
        for kind in ["tokens_per_day", "spend_per_day"] {
            assert_eq!(named(kind)["usage_incomplete"], false, "{kind} {moment}");
        }
        tacho = tacho.restart(|_| ()).await;
    }
    // All of them are kept and shown.
    let series = tacho.admin.get("/v1/series?measure=requests").await.json();
    assert_eq!(series["groups"][0]["total"], 10.0);
}

#[tokio::test]
async fn which_endpoints_a_limit_counts_can_be_said_changed_and_refused() {
    let tacho = Tacho::at_noon().await;
    let limit = json!({ "name": "Counts", "kind": "requests_per_hour", "amount": 100 });
    let id = tacho.limit_of(&limit).await;
    tacho.reporter.report(&calls_of_each_class()).await;
    assert_eq!(tacho.admin.get("/v1/limits").await.json()[0]["endpoints"], json!(["messages"]));
    let changed =
        tacho.admin.patch(&format!("/v1/limits/{id}"), &json!({ "endpoints": ["files", "batches"] })).await;
    assert_eq!(changed.json()["endpoints"], json!(["batches", "files"]), "{}", changed.text);
    assert_eq!(tacho.standing("requests_per_hour").await["used"], 4.0);
    let renamed = tacho.admin.patch(&format!("/v1/limits/{id}"), &json!({ "name": "Others" })).await;
    assert_eq!(renamed.json()["endpoints"], json!(["batches", "files"]), "{}", renamed.text);
    for (kind, endpoints) in [
        ("requests_per_minute", json!(["everything"])),
        ("requests_per_minute", json!([])),
        ("tokens_per_day", json!(["batches"])),
        ("spend_per_day", json!(["messages", "files"])),
    ] {
        let limit = json!({ "name": "No", "kind": kind, "amount": 1, "endpoints": endpoints });
        let refused = tacho.admin.post("/v1/limits", &limit).await;
        assert_eq!(
            (refused.code(), refused.status == 400),
            ("invalid_endpoints".to_owned(), true),
            "{kind} {endpoints}"
        );
    }
}
