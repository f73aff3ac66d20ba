//! The example limits of a fresh start go by themselves once real ones take their place.

use domain::limits::Limit;

use super::Watch;
use crate::store::{Action, AlertChanges, Author, Note, Removal, limit_told};

impl Watch {
    /// Removes the examples that have served, as a person would: their open alerts are resolved, and the audit log tells of it.
    pub(super) fn remove_examples(&mut self, now_ms: i64, changes: &mut AlertChanges) {
        let has_served = |example: &Limit| self.limits.values().any(|limit| limit.replaces(example));
        let examples = self.limits.values().filter(|limit| limit.is_example());
        let mut served: Vec<Limit> = examples.filter(|example| has_served(example)).cloned().collect();
        served.sort_by(|one, other| one.id.cmp(&other.id));
        for example in served {
            tracing::info!(limit.id = %example.id, "The example limit `{}` has served, and is removed", example.name);
            let note = Note {
                at_ms: now_ms,
                author: Author::tacho(),
                action: Action::LimitRemoved,
                subject: example.id.clone(),
                project: String::new(),
                before: limit_told(&example).to_string(),
                after: None,
            };
            changes.removed.push(Removal { revision: example.revision, note });
            self.limits.remove(&example.id);
            self.departed.insert(example.id.clone(), example);
        }
    }
}
