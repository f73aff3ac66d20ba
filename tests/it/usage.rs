//! Usage as it is posted: odd fields, and what of several attempts is billed.

use serde_json::{Value, json};

use crate::given;
use crate::harness::tacho::{NOON_MS, Tacho};

#[tokio::test]
async fn an_odd_field_of_usage_is_remarked_to_its_sender_and_the_rest_is_stored() {
    let tacho = Tacho::at_noon().await;
    let usage = json!({ "input_tokens": 100, "output_tokens": "12", "service_tier": 5, "cache_creation": [],
                        "cache_read_input_tokens": "many" });
    let odd = given::with(given::event("odd", 0, 0), "usage", usage);
    let reply = tacho.reporter.post("/v1/events", &given::with(odd, "at", given::rfc3339(NOON_MS))).await;
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.json()["results"],
        json!([{ "index": 0, "id": "odd", "status": "accepted", "retryable": false, "remarks": [
            { "code": "usage_unreadable", "field": "cache_read_input_tokens" },
            { "code": "usage_unreadable", "field": "service_tier" },
        ]}])
    );
    let listed = tacho.admin.get("/v1/events").await.json()["events"].clone();
    let used = &listed[0]["usage"];
    assert_eq!(
        (&used["input_tokens"], &used["output_tokens"], &used["cache_read_input_tokens"]),
        (&json!(100), &json!(12), &Value::Null)
    );
    assert_eq!(listed[0]["remarks"].as_array().map(Vec::len), Some(2));
    // As it is listed, it is the same event, and loses no remark.
    let again = tacho.reporter.post("/v1/events", &listed).await.json();
    assert_eq!((&again["duplicates"], &again["rejected"]), (&1.into(), &0.into()), "{again}");
    let health = tacho.admin.get("/v1/health").await.json();
    assert_eq!((&health["remarks"][0]["events"], &health["refused"]), (&1.into(), &0.into()));
    // What is its sender's mistake, the sender can put right.
    for usage in [json!({ "output_tokens": -1 }), json!({ "output_tokens": 1.5 })] {
        let item = given::with(given::event("mistaken", 0, 0), "usage", usage);
        let reply = tacho.reporter.post("/v1/events", &item).await;
        assert_eq!(
            (reply.status.as_u16(), &reply.json()["results"][0]["code"]),
            (422, &"invalid_number".into())
        );
    }
    assert_eq!(tacho.admin.get("/v1/health").await.json()["refused"], 2);
    assert_eq!(tacho.reporter.get("/v1/health").await.status, 403);
}

#[tokio::test]
async fn attempts_are_billed_but_for_those_that_were_declined() {
    let tacho = Tacho::at_noon().await;
    let warming = json!({
        "id": "warm", "model": given::MODEL, "max_tokens": 0,
        "usage": { "input_tokens": 12, "output_tokens": 0, "cache_creation_input_tokens": 50_000, "iterations": [
            { "type": "message", "input_tokens": 12, "output_tokens": 0, "cache_creation_input_tokens": 50_000 },
        ]},
    });
    let declined = json!({
        "id": "declined", "model": given::MODEL,
        "usage": { "input_tokens": 702, "output_tokens": 64, "iterations": [
            { "type": "message", "model": "claude-opus-5-5", "input_tokens": 700, "output_tokens": 0 },
            { "type": "fallback_message", "model": given::MODEL, "input_tokens": 702, "output_tokens": 64 },
        ]},
    });
    tacho.reporter.report(&json!([warming, declined])).await;
    let listed = tacho.admin.get("/v1/events").await.json()["events"].clone();
    let found = |id: &str| listed.as_array().unwrap().iter().find(|event| event["id"] == id).unwrap().clone();
    assert_eq!(
        (&found("warm")["usage"]["input_tokens"], &found("warm")["cost_usd"]),
        (&12.into(), &json!(0.125_024))
    );
    assert_eq!(found("declined")["usage"]["input_tokens"], 702);
    assert_eq!(found("declined")["cost_usd"], 0.002_044);
}
