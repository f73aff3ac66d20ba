//! What is beside messages.

use serde_json::{Value, json};
use upstream::{Outcome, Terms, Upstream};

use crate::harness::{ask, client, get, header, plain, post};

#[tokio::test]
async fn a_batch_ends_with_a_line_for_each_request() {
    let upstream = Upstream::start(Terms::default()).await;
    let requests: Vec<_> = ["one", "errored-one", "expired-one", "canceled-one", "two"]
        .into_iter()
        .map(|custom_id| json!({"custom_id": custom_id, "params": plain()}))
        .collect();
    let created =
        post(&upstream, "/v1/messages/batches", &json!({"requests": requests})).send().await.unwrap();
    let created: Value = created.json().await.unwrap();
    assert_eq!(created["processing_status"], "in_progress");
    assert_eq!(created["request_counts"]["processing"], 5);

    let id = created["id"].as_str().unwrap();
    let batch = get(&upstream, &format!("/v1/messages/batches/{id}")).send().await.unwrap();
    let batch: Value = batch.json().await.unwrap();
    assert_eq!(
        (&batch["processing_status"], &batch["request_counts"]["succeeded"]),
        (&json!("ended"), &json!(2))
    );
    let path = format!("/v1/messages/batches/{id}/results");
    assert_eq!(batch["results_url"], format!("{}{path}", upstream.base_url));

    let results = get(&upstream, &path).send().await.unwrap();
    assert_eq!(header(&results, "content-type"), Some("application/x-jsonl"));
    let lines: Vec<Value> =
        results.text().await.unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ends: Vec<_> = lines.iter().map(|line| line["result"]["type"].as_str().unwrap()).collect();
    assert_eq!(ends, ["succeeded", "errored", "expired", "canceled", "succeeded"]);
    assert_eq!(lines[0]["result"]["message"]["usage"]["service_tier"], "batch");
    assert_eq!(lines[1]["result"]["error"]["error"]["type"], "invalid_request_error");
    let unknown = get(&upstream, "/v1/messages/batches/msgbatch_1/results").send().await.unwrap();
    assert_eq!(unknown.status(), 404);
}

#[tokio::test]
async fn files_models_and_hello_are_answered() {
    let upstream = Upstream::start(Terms::default()).await;
    let file = get(&upstream, "/v1/files/file_1/content").header("x-fake-scenario", "bytes=100000");
    let file = file.send().await.unwrap();
    assert_eq!(header(&file, "content-length"), Some("100000"));
    let file = file.bytes().await.unwrap();
    assert!((0..=u8::MAX).all(|byte| file.contains(&byte)));
    let models: Value = get(&upstream, "/v1/models").send().await.unwrap().json().await.unwrap();
    let first = models["first_id"].as_str().unwrap();
    let model: Value =
        get(&upstream, &format!("/v1/models/{first}")).send().await.unwrap().json().await.unwrap();
    assert_eq!(model, models["data"][0]);
    let hello = client().head(format!("{}/api/hello", upstream.base_url)).send().await.unwrap();
    assert_eq!(hello.status(), 200);
    // Claude Code begins with this one, and takes no offence.
    let root = client().head(&upstream.base_url).send().await.unwrap();
    assert_eq!(root.status(), 404);
    let exchanges = upstream.wait_for(5).await;
    assert!(exchanges.iter().all(|exchange| exchange.outcome == Outcome::Complete), "{exchanges:#?}");
}

#[tokio::test]
async fn exchanges_can_be_asked_for_and_forgotten_over_http() {
    let upstream =
        Upstream::start(Terms { keep_exchanges: 2, keep_body_bytes: 10, ..Terms::default() }).await;
    for _ in 0..3 {
        ask(&upstream, "", &plain()).await.bytes().await.unwrap();
    }
    let url = format!("{}/fake/exchanges", upstream.base_url);
    let exchanges: Vec<Value> = client().get(&url).send().await.unwrap().json().await.unwrap();
    assert_eq!(exchanges.len(), 2, "the oldest is forgotten");
    let exchange = &exchanges[1];
    assert_eq!((&exchange["status"], &exchange["outcome"]), (&json!(200), &json!("complete")));
    assert_eq!(exchange["request_body"].as_str().unwrap().len(), 10);
    assert_eq!(exchange["request_bytes"], plain().to_string().len());
    assert_eq!(exchange["sent_sha256"].as_str().unwrap().len(), 64);
    assert!(exchange["duration_ms"].as_f64().unwrap() > 0.0);
    assert_eq!(client().delete(&url).send().await.unwrap().status(), 204);
    assert!(upstream.exchanges().is_empty());
}
