//! Message batches. They end the moment they are created.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::answer::{Answer, Step};
use crate::call::Call;
use crate::error::Failure;
use crate::limits::RequestPool;
use crate::message::{Message, words};
use crate::scenario::{End, Scenario};
use crate::state::State;
use crate::usage::Input;

/// How a request of a batch ends: as its `custom_id` says, in success unless it names another end.
fn end(request: &Value) -> &'static str {
    let custom_id = request["custom_id"].as_str().unwrap_or_default();
    ["errored", "canceled", "expired"].into_iter().find(|end| custom_id.contains(end)).unwrap_or("succeeded")
}

/// Creates a batch.
pub(super) fn create(state: &State, call: &Call) -> Result<Answer, Failure> {
    let requests = call.json["requests"].as_array().filter(|requests| !requests.is_empty());
    let requests = requests.ok_or_else(|| Failure::invalid("requests: Field required"))?;
    state.limits().begin_request(RequestPool::Batch).map_err(Failure::rate_limited)?;
    let id = state.id("msgbatch");
    let mut requests = requests.clone();
    for request in &mut requests {
        // The results are the same whenever they are fetched.
        request["message_id"] = json!(state.id("msg"));
    }
    let requests = &requests;
    state.batches().insert(id.clone(), requests.clone());
    let mut batch = batch(state, &id, requests);
    // As created: nothing is known of the end yet.
    batch["processing_status"] = json!("in_progress");
    batch["ended_at"] = Value::Null;
    batch["results_url"] = Value::Null;
    batch["request_counts"] =
        json!({"processing": requests.len(), "succeeded": 0, "errored": 0, "canceled": 0, "expired": 0});
    let mut answer = Answer::json(200, &batch);
    state.limits().request_headers(RequestPool::Batch, &mut answer.headers);
    Ok(answer)
}

/// A batch that has ended.
fn batch(state: &State, id: &str, requests: &[Value]) -> Value {
    let count = |wanted: &str| requests.iter().filter(|request| end(request) == wanted).count();
    let now: Timestamp = state.now();
    json!({
        "id": id,
        "type": "message_batch",
        "processing_status": "ended",
        "request_counts": {
            "processing": 0,
            "succeeded": count("succeeded"),
            "errored": count("errored"),
            "canceled": count("canceled"),
            "expired": count("expired"),
        },
        "created_at": now.to_string(),
        "ended_at": now.to_string(),
        "expires_at": (now + SignedDuration::from_hours(24)).to_string(),
        "archived_at": null,
        "cancel_initiated_at": null,
        "results_url": format!("{}/v1/messages/batches/{id}/results", state.base_url),
    })
}

fn known(state: &State, id: &str) -> Result<Vec<Value>, Failure> {
    let unknown = || Failure::not_found(&format!("No message batch with ID {id}"));
    state.batches().get(id).cloned().ok_or_else(unknown)
}

/// A batch, ended.
pub(super) fn retrieve(state: &State, id: &str) -> Result<Answer, Failure> {
    Ok(Answer::json(200, &batch(state, id, &known(state, id)?)))
}

/// The results, one line of JSON each.
pub(super) fn results(state: &State, call: &Call, id: &str) -> Result<Answer, Failure> {
    let requests = known(state, id)?;
    let mut lines: Vec<String> =
        requests.iter().map(|request| format!("{}\n", result(state, request))).collect();
    if let (End::Bare, Some(last)) = (call.scenario.end, lines.last_mut()) {
        last.pop();
    }
    Ok(Answer::new(200, "application/x-jsonl", lines.into_iter().map(Step::send)))
}

fn result(state: &State, request: &Value) -> Value {
    let result = match end(request) {
        "succeeded" => json!({"type": "succeeded", "message": message(state, request)}),
        "errored" => {
            let error = Failure::invalid("messages: at least one message is required");
            json!({"type": "errored", "error": error.body(&state.id("req"))})
        }
        end => json!({"type": end}),
    };
    json!({"custom_id": request["custom_id"], "result": result})
}

fn message(state: &State, request: &Value) -> Value {
    let params = &request["params"];
    let body = params.to_string();
    let model = params["model"].as_str().unwrap_or_default();
    let max_tokens = params["max_tokens"].as_u64().unwrap_or(u64::MAX);
    let scenario = Scenario::default();
    let (words, stop_reason) = words(&scenario, body.len(), max_tokens);
    let message = Message {
        id: request["message_id"].as_str().unwrap_or_default().to_owned(),
        model: model.to_owned(),
        input: Input::of(&state.cache(), state.now(), model, body.as_bytes()),
        words,
        stop_reason,
        fast: params["speed"] == "fast",
        scenario,
    };
    let mut message = message.value();
    message["usage"]["service_tier"] = json!("batch");
    if params["inference_geo"] == "us" {
        message["usage"]["inference_geo"] = json!("us");
    }
    message
}
