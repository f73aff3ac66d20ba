//! What was deleted and put right, for `GET /v1/audit`.

use serde_json::{Value, json};

use super::{Dashboard, rfc3339};
use crate::store::{Author, NOTE_PAGE_BYTES, Note, NumberedNote, StoreError};

impl Dashboard {
    /// `{"entries", "next_cursor"}`, newest first: ask with the cursor for the page after; it is null on the last. A page
    /// of large events is shorter than was asked for.
    pub async fn audit(&self, before: Option<u64>, limit: u32) -> Result<Value, StoreError> {
        let notes = self.store().audit(before, limit).await?;
        let bytes: usize = notes.iter().map(|note| note.note.bytes()).sum();
        let last = notes.last().filter(|_| notes.len() == limit as usize || bytes >= NOTE_PAGE_BYTES);
        let next_cursor = last.map(|last| last.number.to_string());
        let entries: Vec<Value> = notes.iter().map(entry).collect();
        Ok(json!({ "entries": entries, "next_cursor": next_cursor }))
    }
}

fn entry(NumberedNote { number, note }: &NumberedNote) -> Value {
    let Note { at_ms, author: Author { key_public, key_name }, action, event_id, project, before, after } =
        note;
    let event = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    json!({
        "number": number,
        "at": rfc3339(*at_ms),
        "by": { "key": (!key_public.is_empty()).then_some(key_public), "name": key_name },
        "action": action,
        "event_id": event_id,
        "project": project,
        "before": event(before),
        "after": after.as_deref().map(event),
    })
}
