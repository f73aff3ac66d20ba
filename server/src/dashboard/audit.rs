//! Who has done what, for `GET /v1/audit`.

use domain::time::rfc3339;
use serde_json::{Value, json};

use super::Dashboard;
use crate::store::{Action, Author, Note, NumberedNote, StoreError, may_go_on};

impl Dashboard {
    /// `{"entries", "next_cursor"}`, newest first: ask with the cursor for the page after; it is null on the last. A page
    /// of large events is shorter than was asked for.
    pub async fn audit(&self, before: Option<u64>, limit: u32) -> Result<Value, StoreError> {
        let notes = self.store().audit(before, limit).await?;
        let last = notes.last().filter(|_| may_go_on(&notes, limit));
        let next_cursor = last.map(|last| last.number.to_string());
        let entries: Vec<Value> = notes.iter().map(entry).collect();
        Ok(json!({ "entries": entries, "next_cursor": next_cursor }))
    }
}

fn entry(NumberedNote { number, note }: &NumberedNote) -> Value {
    let Note { at_ms, author, action, subject, project, before, after } = note;
    let Author { key_public, key_name, address } = author;
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let mut entry = json!({
        "number": number,
        "at": rfc3339(*at_ms),
        "by": { "key": (!key_public.is_empty()).then_some(key_public), "name": key_name, "address": address },
        "action": action.word(),
        "subject": subject,
        "before": json(before),
        "after": after.as_deref().map(json),
    });
    if matches!(action, Action::Deleted | Action::Corrected) {
        entry["event_id"] = subject.as_str().into();
        entry["project"] = project.as_str().into();
    }
    entry
}
