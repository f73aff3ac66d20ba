//! Who and what an event is for never costs it, and means the same whichever way it comes.

use reqwest::Method;
use serde_json::{Value, json};

use crate::given;
use crate::harness::client::Reply;
use crate::harness::program::tacho_ok;
use crate::harness::tacho::Tacho;

async fn post_lines(tacho: &Tacho, lines: &[String]) -> Reply {
    let headers = [("content-type", "application/x-ndjson")];
    tacho.reporter.send(Method::POST, "/v1/events", &headers, lines.join("\n").into_bytes()).await
}

#[tokio::test]
async fn a_name_never_costs_its_event() {
    let tacho = Tacho::at_noon().await;
    let long = "é".repeat(200);
    let labels: serde_json::Map<_, _> = (0..40).map(|number| (format!("l{number:02}"), "v".into())).collect();
    let lines = [
        format!(r#"{{"id":"long","model":"m","user":"{long}","labels":{{"env":"{long}"}}}}"#),
        r#"{"id":"half","model":"m","user":"a\ud800","labels":{"env":"\udc00"}}"#.to_owned(),
        r#"{"id":"number","model":"m","user":42,"labels":{"beta":true}}"#.to_owned(),
        r#"{"id":"object","model":"m","user":{"id":42},"project":["a"],"labels":{"env":{}}}"#.to_owned(),
        json!({ "id": "labels", "model": "m", "labels": labels }).to_string(),
    ];
    let reply = post_lines(&tacho, &lines).await;
    assert_eq!((reply.status.as_u16(), reply.json()["accepted"].clone()), (200, 5.into()), "{}", reply.text);
    let listed = tacho.admin.get("/v1/events").await.json();
    let event = |id: &str| {
        let events = listed["events"].as_array().unwrap();
        events.iter().find(|event| event["id"] == id).unwrap().clone()
    };
    let remarks = |code: &str, fields: &[&str]| -> Value {
        fields.iter().map(|field| json!({ "code": code, "field": field })).collect()
    };
    for (id, remarks) in [
        ("long", remarks("cut", &["labels", "user"])),
        ("half", remarks("attribution_unreadable", &["labels", "user"])),
        ("number", Value::Null),
        ("object", remarks("attribution_unreadable", &["labels", "project", "user"])),
        ("labels", remarks("cut", &["labels"])),
    ] {
        let mut found = event(id)["remarks"].clone();
        if let Some(found) = found.as_array_mut() {
            found.sort_by_key(|remark| remark["field"].to_string());
        }
        assert_eq!(found, remarks, "{id}");
        if !remarks.is_null() {
            let told = reply.json()["results"].as_array().unwrap().iter().any(|result| result["id"] == id);
            assert!(told, "the sender of `{id}` is told: {}", reply.text);
        }
    }
    assert!(event("long")["user"].as_str().unwrap().starts_with("éé"));
    assert_eq!(event("half")["user"], "a%ED%A0%80");
    assert_eq!(
        (&event("number")["user"], &event("number")["labels"]["beta"]),
        (&json!("42"), &json!("true"))
    );
    assert_eq!(event("object")["user"], Value::Null);
    assert_eq!(event("labels")["labels"].as_object().unwrap().len(), 32);
    // What was said of it goes with it, and it is the same event.
    let again = post_lines(&tacho, &lines).await;
    assert_eq!(again.json()["duplicates"], 5, "{}", again.text);
    let again = tacho.reporter.post("/v1/events", &listed["events"]).await;
    assert_eq!(again.json()["duplicates"], 5, "{}", again.text);
}

#[tokio::test]
async fn a_long_name_is_the_same_in_a_file_in_a_key_and_in_a_post() {
    let tacho = Tacho::now().await;
    let directory = tacho.directory.path();
    let long = format!("{} sk-and-more", "é".repeat(200));
    let file = directory.join("events.ndjson");
    std::fs::write(&file, given::with(given::event("imported", 1, 1), "user", long.as_str()).to_string())
        .unwrap();
    let said = tacho_ok(directory, &["import", file.to_str().unwrap(), "--set", "at=now"]).await;
    assert!(said.contains("1 events added"), "{said}");
    let default = format!("user={long}");
    let with_default = [
        "keys",
        "create",
        "--scope",
        "ingest",
        "--name",
        "a",
        "--default",
        &default,
        "--default",
        "label.env=prod",
    ];
    let key = tacho_ok(directory, &with_default).await;
    tacho.reporter.with_key(key.trim()).report(&given::event("filled", 1, 1)).await;
    let posted =
        tacho.reporter.post("/v1/events", &given::with(given::event("posted", 1, 1), "user", long)).await;
    assert_eq!(posted.status, 200, "{}", posted.text);
    let listed = tacho.admin.get("/v1/events").await.json();
    let users: std::collections::BTreeSet<_> =
        listed["events"].as_array().unwrap().iter().map(|event| event["user"].as_str().unwrap()).collect();
    assert_eq!((listed["events"].as_array().unwrap().len(), users.len()), (3, 1), "{users:?}");
}
