//! The models there are, and the small questions clients ask beside.

use serde_json::{Value, json};

use crate::answer::{Answer, set};
use crate::error::Failure;

/// Id, display name, line, and when it appeared.
const MODELS: &[(&str, &str, &str, &str)] = &[
    ("claude-fable-5-2", "Claude Fable 5.2", "fable", "2026-11-09T00:00:00Z"),
    ("claude-haiku-5-5", "Claude Haiku 5.5", "haiku", "2026-10-07T00:00:00Z"),
    ("claude-opus-5-5", "Claude Opus 5.5", "opus", "2026-09-23T00:00:00Z"),
    ("claude-sonnet-5-5", "Claude Sonnet 5.5", "sonnet", "2026-09-23T00:00:00Z"),
    ("claude-opus-4-8", "Claude Opus 4.8", "opus", "2026-05-20T00:00:00Z"),
    ("claude-sonnet-4-6", "Claude Sonnet 4.6", "sonnet", "2026-02-17T00:00:00Z"),
    ("claude-haiku-4-5-20251001", "Claude Haiku 4.5", "haiku", "2025-10-15T00:00:00Z"),
];

fn model((id, name, line, created_at): &(&str, &str, &str, &str)) -> Value {
    json!({
        "type": "model",
        "id": id,
        "display_name": name,
        "line": line,
        "created_at": created_at,
        "lifecycle": "active",
        "retires_at": null,
        "max_input_tokens": 1_000_000,
        "max_tokens": 128_000,
    })
}

/// All models.
pub(super) fn list() -> Answer {
    let data: Vec<_> = MODELS.iter().map(model).collect();
    let first = MODELS.first().map(|(id, ..)| id);
    let last = MODELS.last().map(|(id, ..)| id);
    Answer::json(200, &json!({"data": data, "has_more": false, "first_id": first, "last_id": last}))
}

/// One model.
pub(super) fn retrieve(id: &str) -> Result<Answer, Failure> {
    let known = MODELS.iter().find(|(known, ..)| *known == id);
    known
        .map(|known| Answer::json(200, &model(known)))
        .ok_or_else(|| Failure::not_found(&format!("model: {id}")))
}

/// `/api/hello`, by which Claude Code learns whether somebody is there.
pub(super) fn hello() -> Answer {
    Answer::json(200, &json!({"message": "hello"}))
}

/// What a browser asks before a call: any page may make one. No key can come with it.
pub(super) fn preflight() -> Answer {
    let mut answer = Answer::new(200, "text/plain", []);
    for name in ["access-control-allow-origin", "access-control-allow-headers"] {
        set(&mut answer.headers, name, "*");
    }
    answer
}
