//! Who has done what, as `/v1/audit` tells of it.

use serde_json::{Value, json};

use crate::given;
use crate::harness::program::tacho_ok;
use crate::harness::tacho::Tacho;

/// The log, oldest first, as action, who, and what it was done to.
async fn told(tacho: &Tacho) -> Vec<Value> {
    let mut entries =
        tacho.admin.get("/v1/audit").await.json()["entries"].as_array().cloned().expect("entries");
    entries.reverse();
    entries
}

fn actions(entries: &[Value]) -> Vec<&str> {
    entries.iter().filter_map(|entry| entry["action"].as_str()).collect()
}

#[tokio::test]
async fn everything_an_administrator_does_is_told_with_what_stood_there_before() {
    let tacho = Tacho::at_noon().await;
    let id = tacho.limit("requests_per_minute", 50.0).await;
    tacho.admin.patch(&format!("/v1/limits/{id}"), &json!({ "amount": 60 })).await;
    tacho.admin.delete(&format!("/v1/limits/{id}")).await;
    let url = "https://hooks.example.com/services/T0/B0/the-token";
    let channel = tacho.admin.post("/v1/channels", &json!({ "name": "on call", "url": url })).await.json();
    let (channel, secret) =
        (channel["id"].as_str().expect("an id"), channel["secret"].as_str().expect("a secret"));
    tacho.admin.patch(&format!("/v1/channels/{channel}"), &json!({ "enabled": false })).await;
    tacho.admin.post(&format!("/v1/channels/{channel}/test"), &Value::Null).await;
    let delivery =
        tacho.admin.get("/v1/deliveries").await.json()[0]["id"].as_str().expect("an id").to_owned();
    tacho.admin.post(&format!("/v1/deliveries/{delivery}/redeliver"), &Value::Null).await;
    tacho.admin.delete(&format!("/v1/channels/{channel}")).await;
    tacho.reporter.report(&given::event("a", 1, 1)).await;
    tacho.admin.delete("/v1/events/a").await;

    let entries = told(&tacho).await;
    let expected = [
        "limit_added",
        "limit_changed",
        "limit_removed",
        "channel_added",
        "channel_changed",
        "channel_tested",
        "redelivered",
        "channel_removed",
        "deleted",
    ];
    assert_eq!(actions(&entries), expected);
    let public = tacho.admin.key().split('_').nth(2).expect("a public part");
    for entry in &entries {
        assert_eq!(entry["by"]["key"], public, "{entry}");
    }
    assert_eq!(entries[0]["by"]["address"], "127.0.0.1");
    let amounts = [&entries[1]["before"]["amount"], &entries[1]["after"]["amount"]];
    assert_eq!(amounts, [&json!(50.0), &json!(60.0)]);
    assert_eq!((&entries[2]["subject"], &entries[2]["after"]), (&json!(id), &Value::Null));
    assert_eq!(entries[3]["after"]["host"], "hooks.example.com");
    assert_eq!((&entries[8]["subject"], &entries[8]["event_id"]), (&json!("a"), &json!("a")));
    let all = tacho.admin.get("/v1/audit").await.text;
    assert!(!all.contains("the-token") && !all.contains(secret), "{all}");
}

#[tokio::test]
async fn what_is_refused_or_changes_nothing_is_not_told() {
    let tacho = Tacho::at_noon().await;
    tacho.admin.post("/v1/limits", &json!({ "name": "a", "kind": "nonsense", "amount": 1 })).await;
    for path in ["/v1/limits/none", "/v1/channels/none"] {
        assert_eq!(tacho.admin.patch(path, &json!({ "enabled": true })).await.status, 404);
        assert_eq!(tacho.admin.delete(path).await.status, 404);
    }
    tacho
        .reporter
        .post("/v1/limits", &json!({ "name": "a", "kind": "requests_per_minute", "amount": 1 }))
        .await;
    assert_eq!(told(&tacho).await, Vec::<Value>::new());
}

#[tokio::test]
async fn commands_are_told_of_too() {
    let tacho = Tacho::at_noon().await;
    let data = tacho.directory.path();
    let key = tacho_ok(data, &["keys", "create", "--scope", "read", "--name", "grafana"]).await;
    let public = key.split('_').nth(2).expect("a public part");
    tacho_ok(data, &["keys", "revoke", public]).await;
    tacho_ok(data, &["sign-in-link"]).await;
    let entries = told(&tacho).await;
    assert_eq!(actions(&entries), ["key_made", "key_revoked", "sign_in_link_made"]);
    assert_eq!(entries[0]["after"], json!({ "name": "grafana", "scope": "read" }));
    assert!(entries.iter().all(|entry| entry["by"]["name"] == "the command line"));
    let all = format!("{entries:?}");
    assert!(!all.contains(&key) && !all.contains("token="), "{all}");
}
