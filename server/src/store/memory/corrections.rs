//! Corrections: the event is another, and every sum is counted anew from the events anyway.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::{MemoryStore, State};
use crate::store::{
    Amended, Corrected, Correction, CorrectionJudge, Corrections, Entry, Remembered, StoreError, StoredEvent,
    Whose,
};

#[async_trait]
impl Corrections for MemoryStore {
    async fn correct(
        &self,
        corrections: &[Correction],
        judge: &mut dyn CorrectionJudge,
    ) -> Result<Vec<Corrected>, StoreError> {
        self.change(|state| {
            let fates: Vec<Corrected> =
                corrections.iter().map(|correction| state.correct(correction, judge)).collect();
            if fates.contains(&Corrected::Changed) {
                state.change_alerts(&judge.alerts())?;
            }
            Ok(fates)
        })
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
        let note = judge.note(Amended { before, after });
        self.note(note);
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
