//! The example limits of a fresh start: they warn until real ones are there, and go by themselves.

use serde_json::{Value, json};

use crate::given;
use crate::harness::receiver::Receiver;
use crate::harness::tacho::{NOON_MS, Tacho};

/// Names of the limits, and the kinds of those that have a standing.
async fn limits(tacho: &Tacho) -> (Vec<String>, Vec<String>) {
    let words = |list: &Value, field: &str| -> Vec<String> {
        let list = list.as_array().expect("a list").iter();
        let mut words: Vec<String> =
            list.map(|item| item[field].as_str().expect("a word").to_owned()).collect();
        words.sort();
        words
    };
    let listed = tacho.admin.get("/v1/limits").await.json();
    let status = tacho.admin.get("/v1/limits/status").await.json();
    (words(&listed, "name"), words(&status["standings"], "name"))
}

/// What Tacho has done itself, as the audit log tells of it.
async fn removed(tacho: &Tacho) -> Vec<(String, Value)> {
    let entries = tacho.admin.get("/v1/audit").await.json()["entries"].as_array().cloned().expect("entries");
    let of_tacho = entries.into_iter().filter(|entry| entry["by"]["name"] == "Tacho itself");
    let mut told: Vec<(String, Value)> = of_tacho
        .map(|entry| {
            assert_eq!(
                (&entry["action"], &entry["after"]),
                (&json!("limit_removed"), &Value::Null),
                "{entry}"
            );
            (entry["before"]["name"].as_str().expect("a name").to_owned(), entry["before"].clone())
        })
        .collect();
    told.sort_by(|one, other| one.0.cmp(&other.0));
    told
}

fn call(id: &str, after_ms: i64) -> Value {
    let headers = json!({
        "anthropic-ratelimit-requests-limit": "1000",
        "anthropic-ratelimit-requests-remaining": "900",
    });
    let call = given::with(given::event(id, 100, 10), "model", "claude-opus-5");
    given::with(given::with(call, "headers", headers), "at", given::rfc3339(NOON_MS + after_ms))
}

const REQUESTS: &str = "Requests per minute (example)";
const TOKENS: &str = "Tokens per day (example)";
const LEARNED: &str = "Opus 5: requests per minute";

#[tokio::test]
async fn examples_go_with_the_first_limit_that_headers_teach_and_do_not_come_back() {
    let (tacho, mut receiver) = (Tacho::for_the_first_time().await, Receiver::start().await);
    tacho.channel(&receiver).await;
    // Without headers they stay, and warn.
    tacho.reporter.report(&given::events("a", 60)).await;
    assert_eq!(receiver.next().await.json()["type"], "limit.critical");
    let both = vec![REQUESTS.to_owned(), TOKENS.to_owned()];
    assert_eq!(limits(&tacho).await, (both.clone(), both.clone()));
    let tacho = tacho.restart(|_| {}).await;
    assert_eq!(limits(&tacho).await, (both.clone(), both.clone()));
    assert_eq!(removed(&tacho).await, []);

    tacho.reporter.report(&call("b", 0)).await;
    let learned = (vec![LEARNED.to_owned()], vec![LEARNED.to_owned()]);
    assert_eq!(limits(&tacho).await, learned);
    let resolved = receiver.next().await.json();
    assert_eq!(resolved["type"], "limit.resolved");
    assert_eq!(resolved["data"]["limit"]["name"], REQUESTS);
    assert_eq!(resolved["data"]["reason"], "limit_deleted", "{resolved}");
    let alerts = tacho.admin.get("/v1/alerts").await.json();
    assert_eq!(alerts["items"][0]["reason"], "limit_deleted", "{alerts}");
    let told = removed(&tacho).await;
    assert_eq!(told.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), both);
    assert_eq!((&told[0].1["amount"], &told[0].1["kind"]), (&json!(60.0), &json!("requests_per_minute")));

    let tacho = tacho.restart(|_| {}).await;
    assert_eq!(limits(&tacho).await, learned);
    // Nor when what has replaced them is gone.
    let id = tacho.admin.get("/v1/limits").await.json()[0]["id"].as_str().expect("an id").to_owned();
    assert_eq!(tacho.admin.delete(&format!("/v1/limits/{id}")).await.status, 204);
    let tacho = tacho.restart(|_| {}).await;
    assert_eq!(limits(&tacho).await, (Vec::new(), Vec::new()));
    assert_eq!(removed(&tacho).await.len(), 2, "each is told of once");
    assert!(receiver.arrived().is_none());
}

#[tokio::test]
async fn an_example_goes_with_the_first_limit_of_its_kind_that_a_person_sets() {
    let tacho = Tacho::for_the_first_time().await;
    tacho.limit("spend_per_day", 5.0).await;
    let all = vec![REQUESTS.to_owned(), TOKENS.to_owned(), "spend_per_day".to_owned()];
    assert_eq!(limits(&tacho).await, (all.clone(), all));
    tacho.limit("requests_per_minute", 500.0).await;
    let left = vec![TOKENS.to_owned(), "requests_per_minute".to_owned(), "spend_per_day".to_owned()];
    assert_eq!(limits(&tacho).await, (left.clone(), left));
    assert_eq!(removed(&tacho).await.len(), 1);
    // What was done comes before what follows from it.
    let entries = tacho.admin.get("/v1/audit").await.json()["entries"].clone();
    assert_eq!(
        (&entries[0]["action"], &entries[1]["action"]),
        (&json!("limit_removed"), &json!("limit_added"))
    );
}

#[tokio::test]
async fn an_example_that_somebody_has_touched_is_a_limit_of_their_own() {
    let tacho = Tacho::for_the_first_time().await;
    let listed = tacho.admin.get("/v1/limits").await.json();
    let example = listed.as_array().expect("limits").iter().find(|limit| limit["name"] == REQUESTS);
    let id = example.and_then(|limit| limit["id"].as_str()).expect("an example").to_owned();
    let changed = tacho.admin.patch(&format!("/v1/limits/{id}"), &json!({ "warn_percent": 50 })).await.json();
    assert_eq!(changed["source"], "typed", "{changed}");
    tacho.reporter.report(&call("a", 0)).await;
    let left = vec![LEARNED.to_owned(), REQUESTS.to_owned()];
    assert_eq!(limits(&tacho).await, (left.clone(), left));
}
