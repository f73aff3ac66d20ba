//! Events that say only what matters to a test.

use serde_json::{Value, json};

pub const MODEL: &str = "claude-sonnet-5-5";

/// An event of so many tokens.
pub fn event(id: &str, input_tokens: u64, output_tokens: u64) -> Value {
    json!({
        "id": id, "model": MODEL, "status": 200,
        "usage": { "input_tokens": input_tokens, "output_tokens": output_tokens },
    })
}

/// So many small events with ids of their own.
pub fn events(prefix: &str, count: usize) -> Value {
    (0..count).map(|number| event(&format!("{prefix}_{number}"), 10, 5)).collect()
}

/// The same with another field.
pub fn with(mut event: Value, field: &str, value: impl Into<Value>) -> Value {
    event[field] = value.into();
    event
}

/// A time as events write it.
pub fn rfc3339(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms).expect("a time").to_string()
}
