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

#[tokio::test]
async fn who_passes_on_a_count_that_no_call_can_have_loses_nothing_else() {
    let tacho = Tacho::at_noon().await;
    let usage = json!({ "input_tokens": 10_000_001, "output_tokens": 7 });
    let item = |id: &str| {
        let event = given::with(given::event(id, 0, 0), "usage", usage.clone());
        given::with(event, "at", given::rfc3339(NOON_MS))
    };
    for path in ["/v1/events", "/v1/events?implausible=refused"] {
        let refused = tacho.reporter.post(path, &item("a")).await;
        assert_eq!(
            (refused.status.as_u16(), &refused.json()["results"][0]["code"]),
            (422, &"implausible".into())
        );
    }
    let remarks = json!([{ "code": "usage_unreadable", "field": "input_tokens" }]);
    let path = "/v1/events?implausible=unknown";
    let taken = tacho.reporter.post(path, &item("a")).await;
    assert_eq!((taken.status.as_u16(), &taken.json()["results"][0]["remarks"]), (200, &remarks));
    let lines =
        format!("{}\n{}\n", item("b"), given::with(item("c"), "usage", json!({ "output_tokens": -1 })));
    let headers = [("content-type", "application/x-ndjson")];
    let told = tacho.reporter.send(reqwest::Method::POST, path, &headers, lines.into_bytes()).await;
    let results = told.json()["results"].clone();
    assert_eq!((told.status.as_u16(), &results[0]["remarks"]), (207, &remarks));
    assert_eq!(results[1]["code"], "invalid_number", "that is still a mistake");
    let listed = tacho.admin.get("/v1/events").await.json()["events"].clone();
    for event in listed.as_array().expect("events") {
        let used = (&event["usage"]["input_tokens"], &event["usage"]["output_tokens"], &event["cost_usd"]);
        assert_eq!(used, (&Value::Null, &json!(7), &Value::Null));
    }
    // As it is listed, and as it was sent, it is the same event.
    assert_eq!(tacho.reporter.post("/v1/events", &listed).await.json()["duplicates"], 2);
    assert_eq!(tacho.reporter.post(path, &item("a")).await.json()["duplicates"], 1);
    let twice = format!("{path}&implausible=unknown");
    assert_eq!(tacho.reporter.post(&twice, &item("d")).await.code(), "invalid_parameter");
    for word in ["", "yes", "Unknown"] {
        let refused = tacho.reporter.post(&format!("/v1/events?implausible={word}"), &item("d")).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (400, "invalid_parameter"));
        for told in ["`implausible`", "`refused`", "`unknown`"] {
            assert!(refused.text.contains(told), "{}", refused.text);
        }
    }
}

#[tokio::test]
async fn what_only_reads_messages_is_no_message() {
    let tacho = Tacho::at_noon().await;
    tacho.limit("requests_per_hour", 100.0).await;
    let reads =
        ["OPTIONS /v1/messages", "HEAD /v1/messages", "GET /v1/messages/msg_1", "delete /v1/messages/msg_1"];
    for (number, endpoint) in reads.into_iter().enumerate() {
        let item = json!({ "id": number.to_string(), "model": given::MODEL, "endpoint": endpoint });
        tacho.reporter.report(&item).await;
    }
    let said = json!({ "id": "said", "model": given::MODEL, "endpoint": "messages/{id}", "endpoint_class": "other" });
    tacho.reporter.report(&said).await;
    let listed = tacho.admin.get("/v1/events").await.json()["events"].clone();
    for event in listed.as_array().expect("events") {
        assert_eq!(
            (&event["endpoint_class"], &event["usage"]["output_tokens"]),
            (&json!("other"), &json!(0))
        );
    }
    assert_eq!(tacho.standing("requests_per_hour").await["used"], 0.0);
}
