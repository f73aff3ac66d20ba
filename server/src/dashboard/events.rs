//! Events as they were reported, for `GET /v1/events`.

use domain::read::item::item;
use domain::time::rfc3339;
use serde_json::{Value, json};

use super::Dashboard;
use crate::http::write_cursor;
use crate::store::{EventQuery, StoreError, StoredEvent};

/// Events, newest first.
pub struct EventsPage {
    events: Vec<StoredEvent>,
    next_cursor: Option<String>,
}

impl Dashboard {
    /// Lists events, newest first.
    pub async fn list_events(&self, query: &EventQuery) -> Result<EventsPage, StoreError> {
        let events = self.store().page_of_events(query).await?;
        let full = events.len() == query.limit as usize;
        let last = events.last().filter(|_| full);
        Ok(EventsPage { next_cursor: last.map(|last| write_cursor(last.event.at_ms, last.key)), events })
    }
}

impl EventsPage {
    /// `{"events", "next_cursor"}`: ask with the cursor for the page after; it is null on the last.
    pub fn json(&self) -> Value {
        let events: Vec<Value> = self.events.iter().map(event_json).collect();
        json!({ "events": events, "next_cursor": self.next_cursor })
    }

    /// One event a line.
    pub fn lines(&self) -> String {
        self.events.iter().map(|stored| format!("{}\n", event_json(stored))).collect()
    }

    /// A table with a head.
    pub fn csv(&self) -> String {
        super::table::csv(&self.events)
    }
}

/// A stored event, with what Tacho adds to it.
pub fn event_json(stored: &StoredEvent) -> Value {
    let mut fields = item(&stored.event);
    fields.insert("received_at".to_owned(), rfc3339(stored.event.received_at_ms).into());
    if let Some(cost) = stored.cost {
        fields.insert("cost_usd".to_owned(), cost.as_usd().into());
    }
    Value::Object(fields)
}
