//! A stored event as JSON, for who reads it and for the audit log.

use domain::read::item::item;
use domain::time::rfc3339;
use serde_json::Value;

use crate::store::StoredEvent;

/// A stored event, with what Tacho adds to it.
pub fn event_json(stored: &StoredEvent) -> Value {
    let mut fields = item(&stored.event);
    fields.insert("received_at".to_owned(), rfc3339(stored.event.received_at_ms).into());
    if let Some(cost) = stored.cost {
        fields.insert("cost_usd".to_owned(), cost.as_usd().into());
    }
    Value::Object(fields)
}
