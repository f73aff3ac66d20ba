//! Events as they were reported, for `GET /v1/events`.

use serde_json::{Value, json};

use super::Dashboard;
use super::cursor::write_cursor;
use crate::record::event_json;
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
