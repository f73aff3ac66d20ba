//! The audit log.

use std::sync::Arc;

use async_trait::async_trait;

use super::{MemoryStore, State};
use crate::store::{
    Action, Audit, KEPT_NOTE_BYTES, KEPT_NOTES, KEPT_REFUSED_NOTES, Note, NumberedNote, StoreError,
    page_goes_on,
};

#[async_trait]
impl Audit for MemoryStore {
    async fn note(&self, note: &Note) -> Result<(), StoreError> {
        self.state().note(note.clone());
        Ok(())
    }

    async fn audit(&self, before: Option<u64>, limit: u32) -> Result<Vec<NumberedNote>, StoreError> {
        let state = self.state();
        let wanted = state.notes.iter().rev().filter(|note| before.is_none_or(|before| note.number < before));
        let mut page = Vec::new();
        let mut bytes = 0;
        for note in wanted.take(limit as usize) {
            page.push(NumberedNote::clone(note));
            if !page_goes_on(&mut bytes, &note.note) {
                break;
            }
        }
        Ok(page)
    }
}

impl State {
    /// Adds a note, and lets the oldest go.
    pub(super) fn note(&mut self, note: Note) {
        let number = self.notes.back().map_or(1, |last| last.number + 1);
        self.note_bytes += note.bytes();
        self.notes.push_back(Arc::new(NumberedNote { number, note }));
        let is_refused = |numbered: &Arc<NumberedNote>| numbered.note.action == Action::Refused;
        while self.notes.iter().filter(|numbered| is_refused(numbered)).count() as u64 > KEPT_REFUSED_NOTES {
            let Some(oldest) = self.notes.iter().position(is_refused) else { break };
            self.note_bytes -= self.notes.remove(oldest).map_or(0, |oldest| oldest.note.bytes());
        }
        while self.notes.len() as u64 > KEPT_NOTES || self.note_bytes > KEPT_NOTE_BYTES {
            let Some(oldest) = self.notes.pop_front() else { break };
            self.note_bytes -= oldest.note.bytes();
        }
    }
}
