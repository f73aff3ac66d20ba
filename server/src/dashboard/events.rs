//! Events as they were reported, for `GET /v1/events`.

use app::api::vocabulary::Dimension;
use serde_json::{Map, Value, json};

use super::{Dashboard, rfc3339};
use crate::http::write_cursor;
use crate::store::{EventQuery, StoreError, StoredEvent};
use crate::usage::{ServiceTier, Usage};

/// Events, newest first.
pub struct EventsPage {
    events: Vec<StoredEvent>,
    next_cursor: Option<String>,
}

impl Dashboard {
    /// Lists events, newest first.
    pub async fn list_events(&self, query: &EventQuery) -> Result<EventsPage, StoreError> {
        let events = self.store().events(query).await?;
        let full = events.len() == query.limit as usize;
        let last = events.last().filter(|_| full);
        Ok(EventsPage { next_cursor: last.map(|last| write_cursor(last.event.at_ms, last.key)), events })
    }
}

impl EventsPage {
    /// `{"events", "next_cursor"}`: ask with the cursor for the page after; it is null on the last.
    pub fn json(&self) -> Value {
        let events: Vec<Value> = self.events.iter().map(to_json).collect();
        json!({ "events": events, "next_cursor": self.next_cursor })
    }

    /// One event a line.
    pub fn lines(&self) -> String {
        self.events.iter().map(|stored| format!("{}\n", to_json(stored))).collect()
    }

    /// A table with a head.
    pub fn csv(&self) -> String {
        super::table::csv(&self.events)
    }
}

/// An event in the words in which it can be posted again, with its cost.
fn to_json(stored: &StoredEvent) -> Value {
    let event = &stored.event;
    let usage = &event.usage;
    let mut fields = Map::new();
    let mut set = |name: &str, value: Value| {
        if !value.is_null() && value != "" {
            fields.insert(name.to_owned(), value);
        }
    };
    set("id", event.id.as_str().into());
    set("at", rfc3339(event.at_ms).into());
    set("received_at", rfc3339(event.received_at_ms).into());
    set("duration_ms", event.duration_ms.into());
    set("ttft_ms", event.ttft_ms.into());
    set("endpoint", event.endpoint.as_str().into());
    set("stream", event.stream.into());
    set("status", event.status.into());
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
    }
    set("usage", spent);
    set("cost_usd", stored.cost.map(crate::usage::NanoUsd::as_usd).into());
    for dimension in Dimension::ALL {
        set(dimension.word(), event.dimensions.get(*dimension).into());
    }
    if !event.dimensions.labels.is_empty() {
        set("labels", json!(event.dimensions.labels));
    }
    Value::Object(fields)
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
