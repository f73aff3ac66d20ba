//! `/v1/messages` and `/v1/messages/count_tokens`.

use http::HeaderMap;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::answer::{Answer, set};
use crate::call::Call;
use crate::error::Failure;
use crate::limits::{Limit, Refusal, RequestPool, Tier, pool};
use crate::message::{Message, words};
use crate::scenario::Word;
use crate::state::State;
use crate::usage::Input;

/// The model of a body; it must be one, and the messages must be there.
fn model(json: &Value) -> Result<&str, Failure> {
    if !json.is_object() {
        return Err(Failure::invalid("The request body is not valid JSON"));
    }
    let model = json["model"].as_str().ok_or_else(|| Failure::invalid("model: Field required"))?;
    if !json["messages"].is_array() {
        return Err(Failure::invalid("messages: Field required"));
    }
    if !model.starts_with("claude-") {
        return Err(Failure::not_found(&format!("model: {model}")));
    }
    Ok(model)
}

fn is_fast(call: &Call) -> bool {
    call.scenario.word == Word::Fast || call.json["speed"] == "fast"
}

fn tier(call: &Call) -> Tier {
    match call.scenario.word {
        _ if is_fast(call) => Tier::Fast,
        Word::Priority => Tier::Priority,
        _ => Tier::Standard,
    }
}

/// A message, whole or as a stream.
pub(super) fn create(state: &State, call: &Call) -> Result<Answer, Failure> {
    let model = model(&call.json)?;
    if let (Word::Unified, Some(retry_after_s)) = (call.scenario.word, call.scenario.retry_after_s) {
        return Err(Failure::rate_limited(Refusal { limit: Limit::Requests, retry_after_s }));
    }
    let max_tokens = call.json["max_tokens"].as_u64();
    let max_tokens = max_tokens.ok_or_else(|| Failure::invalid("max_tokens: Field required"))?;
    let input = Input::of(&state.cache(), state.now(), model, &call.body);
    let (pool, tier) = (pool(model), tier(call));
    state.limits().begin(&pool, tier, &input).map_err(Failure::rate_limited)?;
    input.remember(&mut state.cache());

    let seed = Sha256::digest(&call.body);
    let (words, stop_reason) = words(&call.scenario, usize::from(seed[0]), max_tokens);
    let message = Message {
        id: state.id("msg"),
        model: model.to_owned(),
        input,
        words,
        stop_reason,
        fast: is_fast(call),
        scenario: call.scenario.clone(),
    };
    let stream = call.json["stream"] == true;
    if !stream && call.scenario.word == Word::ErrorMidStream {
        return Err(Failure::new(500, "api_error", "Internal server error"));
    }
    let mut answer = if stream { message.stream(&call.request_id) } else { message.answer() };
    limit_headers(state, call, None, &mut answer.headers);
    answer.pools = tier.pools(&pool);
    Ok(answer)
}

/// The headers of the limits that a call is held against. `refused` names the one that is exhausted.
pub(super) fn limit_headers(state: &State, call: &Call, refused: Option<Limit>, headers: &mut HeaderMap) {
    let model = call.json["model"].as_str().unwrap_or_default();
    let mut limits = state.limits();
    match call.path.as_str() {
        "/v1/messages" if call.scenario.word == Word::Unified => unified(state, refused.is_some(), headers),
        "/v1/messages" => {
            let (pool, tier) = (pool(model), tier(call));
            // Tokens of fast mode are refused by its own buckets: the others hold what they hold.
            let is_own = |limit: &Limit| {
                tier == Tier::Fast && matches!(limit, Limit::InputTokens | Limit::OutputTokens)
            };
            limits.headers(&pool, refused.filter(|limit| !is_own(limit)), headers);
            match (tier, tier.pools(&pool).last()) {
                (Tier::Fast, Some(own)) => {
                    limits.token_headers("anthropic-fast", own, refused.filter(is_own), headers);
                }
                (Tier::Priority, Some(own)) => limits.token_headers("anthropic-priority", own, None, headers),
                _ => {}
            }
        }
        "/v1/messages/count_tokens" => limits.request_headers(RequestPool::Count, headers),
        _ => limits.request_headers(RequestPool::Batch, headers),
    }
}

/// The headers of a subscription: epoch seconds and fractions, per window. The window of five hours is used to 83 %,
/// or beyond what it holds.
fn unified(state: &State, rejected: bool, headers: &mut HeaderMap) {
    let (status, utilization) = if rejected { ("rejected", "1.02") } else { ("allowed_warning", "0.83") };
    let now_s = state.now().as_second();
    let five_hours = (now_s / 18_000 + 1) * 18_000;
    let seven_days = (now_s / 604_800 + 1) * 604_800;
    for (name, value) in [
        ("status", status),
        ("representative-claim", "five_hour"),
        ("fallback-percentage", "0.5"),
        ("reset", &five_hours.to_string()),
        ("5h-status", status),
        ("5h-utilization", utilization),
        ("5h-reset", &five_hours.to_string()),
        ("5h-surpassed-threshold", "0.8"),
        ("7d-status", "allowed"),
        ("7d-utilization", "0.41"),
        ("7d-reset", &seven_days.to_string()),
        ("overage-status", "rejected"),
        ("overage-disabled-reason", "org_level_disabled_until"),
    ] {
        set(headers, &format!("anthropic-ratelimit-unified-{name}"), value);
    }
}

/// A text completion, as before there were messages: it says nothing of usage.
pub(super) fn complete(call: &Call) -> Answer {
    let model = &call.json["model"];
    Answer::json(
        200,
        &json!({"type": "completion", "id": "compl_1", "completion": " Far.", "stop_reason": "stop_sequence", "model": model}),
    )
}

/// How many tokens a prompt has: all of it, since counting knows no cache.
pub(super) fn count(state: &State, call: &Call) -> Result<Answer, Failure> {
    let model = model(&call.json)?;
    state.limits().begin_request(RequestPool::Count).map_err(Failure::rate_limited)?;
    let input_tokens = Input::of(&state.cache(), state.now(), model, &call.body).total();
    let mut answer = Answer::json(200, &json!({"input_tokens": input_tokens}));
    limit_headers(state, call, None, &mut answer.headers);
    Ok(answer)
}
