//! An event in the words in which it can be posted again.

use serde_json::{Map, Value, json};
use vocabulary::Dimension;

use super::tokens::HOLDS_ALL;
use crate::time::rfc3339;
use crate::usage::{Event, Outcome, Policy, ServiceTier, Usage};

/// The item that [`read`](super::event::read) makes this event of.
pub fn item(event: &Event) -> Map<String, Value> {
    let usage = &event.usage;
    let mut fields = Map::new();
    let mut set = |name: &str, value: Value| {
        if !value.is_null() && value != "" {
            fields.insert(name.to_owned(), value);
        }
    };
    set("id", event.id.as_str().into());
    set("at", rfc3339(event.at_ms).into());
    set("duration_ms", event.duration_ms.into());
    set("ttft_ms", event.ttft_ms.into());
    set("endpoint", event.endpoint.as_str().into());
    set("endpoint_class", event.endpoint_class.word().into());
    set("stream", event.stream.into());
    set("status", event.status.into());
    if event.outcome != Outcome::Complete {
        set("outcome", event.outcome.word().into());
    }
    if let Some(failure) = &event.failure {
        set("error", json!({ "type": failure.kind, "code": failure.code }));
    }
    set("stop_reason", event.stop_reason.as_str().into());
    set("max_tokens", event.max_tokens.into());
    set("attempt", event.attempt.into());
    let tier = match event.service_tier {
        ServiceTier::Standard => "standard",
        ServiceTier::Priority => "priority",
        ServiceTier::Batch => "batch",
    };
    let mut spent = usage_json(usage);
    spent["service_tier"] = tier.into();
    spent["speed"] = if event.fast { "fast" } else { "standard" }.into();
    if event.geo_us {
        spent["inference_geo"] = "us".into();
    }
    if !event.iterations.is_empty() {
        let iterations = event.iterations.iter().map(|iteration| {
            let mut spent = usage_json(&iteration.usage);
            spent["type"] = iteration.kind.as_str().into();
            spent["model"] = iteration.model.as_deref().into();
            spent
        });
        spent["iterations"] = iterations.collect();
        spent[HOLDS_ALL] = true.into();
    }
    set("usage", spent);
    let policies: Vec<&str> = event.handling.policies().map(Policy::word).collect();
    if !policies.is_empty() {
        set("policies", policies.into());
    }
    set("waited_ms", event.handling.waited_ms.into());
    if event.handling.answered_here {
        set("answered_here", true.into());
    }
    if event.estimated {
        set("estimated", true.into());
    }
    for dimension in Dimension::ALL {
        set(dimension.word(), event.dimensions.get(*dimension).into());
    }
    if !event.dimensions.labels.is_empty() {
        set("labels", json!(event.dimensions.labels));
    }
    if !event.remarks.is_empty() {
        set("remarks", json!(event.remarks));
    }
    fields
}

fn usage_json(usage: &Usage) -> Value {
    json!({
        "input_tokens": usage.input_tokens,
        "cache_creation": {
            "ephemeral_5m_input_tokens": usage.cache_write_5m_tokens,
            "ephemeral_1h_input_tokens": usage.cache_write_1h_tokens,
        },
        "cache_read_input_tokens": usage.cache_read_tokens,
        "output_tokens": usage.output_tokens,
        "server_tool_use": { "web_search_requests": usage.web_search_requests },
    })
}
