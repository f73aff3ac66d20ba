//! Corrections: the event is another, and every sum is counted anew from the events anyway.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::{MemoryStore, State};
use crate::store::{
    Amended, Corrected, Correction, CorrectionJudge, Corrections, Entry, KEPT_NOTE_BYTES, KEPT_NOTES,
    NumberedNote, Remembered, StoreError, StoredEvent, Whose, page_goes_on,
};

#[async_trait]
impl Corrections for MemoryStore {
    async fn correct(
        &self,
        corrections: &[Correction],
        judge: &mut dyn CorrectionJudge,
    ) -> Result<Vec<Corrected>, StoreError> {
        let mut state = self.state();
        let fates: Vec<Corrected> =
            corrections.iter().map(|correction| state.correct(correction, judge)).collect();
        if fates.contains(&Corrected::Changed) {
            state.change_alerts(&judge.alerts());
        }
        Ok(fates)
    }

    async fn audit(&self, before: Option<u64>, limit: u32) -> Result<Vec<NumberedNote>, StoreError> {
        let state = self.state();
        let wanted = state.notes.iter().rev().filter(|note| before.is_none_or(|before| note.number < before));
        let mut page = Vec::new();
        let mut bytes = 0;
        for note in wanted.take(limit as usize) {
            page.push(note.clone());
            if !page_goes_on(&mut bytes, &note.note) {
                break;
            }
        }
        Ok(page)
    }
}

impl State {
    fn correct(&mut self, correction: &Correction, judge: &mut dyn CorrectionJudge) -> Corrected {
        let found = self.find(&correction.id, &correction.whose);
        let before = match found.as_slice() {
            [] => return Corrected::NotFound,
            [one] => one.clone(),
            several => {
                let projects = several.iter().map(|stored| stored.event.dimensions.project.clone());
                return Corrected::Ambiguous(projects.collect::<BTreeSet<_>>().into_iter().collect());
            }
        };
        let after = (correction.amend)(&before);
        if let Some(entry) = &after {
            if entry.event == before.event {
                return Corrected::Unchanged;
            }
            if entry.key != before.key && self.events.keys().any(|(_, key)| *key == entry.key) {
                return Corrected::Taken;
            }
        }
        self.events.remove(&(before.event.at_ms, before.key));
        let known = self.known.entry(before.key).or_default();
        known.first = known.first.or(known.stored);
        known.stored = None;
        let after = after.map(|Entry { event, key, digest, cost, .. }| {
            let known: &mut Remembered = self.known.entry(key).or_default();
            known.stored = Some(digest);
            let stored = StoredEvent { key, event, cost };
            self.events.insert((stored.event.at_ms, key), stored.clone());
            stored
        });
        let number = self.notes.back().map_or(1, |last| last.number + 1);
        self.notes.push_back(NumberedNote { number, note: judge.note(Amended { before, after }) });
        self.note_bytes += self.notes.back().map_or(0, |last| last.note.bytes());
        while self.notes.len() as u64 > KEPT_NOTES || self.note_bytes > KEPT_NOTE_BYTES {
            let Some(oldest) = self.notes.pop_front() else { break };
            self.note_bytes -= oldest.note.bytes();
        }
        Corrected::Changed
    }

    fn find(&self, id: &str, whose: &Whose) -> Vec<StoredEvent> {
        let named = self.events.values().filter(|stored| stored.event.id == id).cloned();
        let (Whose::Of(project) | Whose::RatherOf(project)) = whose else { return named.collect() };
        let (of_project, others): (Vec<StoredEvent>, Vec<StoredEvent>) =
            named.partition(|stored| stored.event.dimensions.project == *project);
        let only_of_project = !of_project.is_empty() || matches!(whose, Whose::Of(_));
        if only_of_project { of_project } else { others }
    }
}
