//! Alerts that were a mistake: what they counted has been deleted or put right since.

use app::api::standing::Severity;

use super::Watch;
use crate::alert::machine::{Input, Instance, raised};
use crate::alert::span::Span;
use crate::limits::Reading;
use crate::store::AlertChanges;

impl Watch {
    /// Finds the alerts that would not be as bad without what has been put right in the store since `before` was
    /// counted. The next [`Watch::sweep`] tells of them.
    pub fn find_mistaken(&mut self, before: &Watch) {
        let would_not_fire = |(key, instance): (&(String, String), &Instance)| {
            let (limit, then) = (self.limits.get(&key.0)?, before.limits.get(&key.0)?);
            if instance.severity == Severity::Ok || limit.revision != then.revision {
                return None;
            }
            let highest = |watch: &Watch| watch.board.highest_count(&key.0, &key.1, self.now_ms);
            let (was, is) = (highest(before)?, highest(self)?);
            (is < was && raised(is, &self.rule(limit)) < instance.severity).then(|| key.clone())
        };
        self.mistaken = self.instances.iter().filter_map(would_not_fire).collect();
    }

    /// Resolves alerts that were a mistake, or makes them less bad.
    pub(super) fn tell_mistaken(&mut self, now_ms: i64, changes: &mut AlertChanges) {
        for key in std::mem::take(&mut self.mistaken) {
            let Some(Reading { used, incomplete, window, .. }) = self.board.reading(&key.0, &key.1, now_ms)
            else {
                continue;
            };
            let of_window = |instance: &Instance| match instance.span {
                Span::Calendar(start_ms, _) => start_ms == window.0,
                Span::Rolling | Span::Until(_) => true,
            };
            if self.instances.get(&key).is_some_and(of_window) {
                self.apply(&key, Input::Corrected { used, incomplete }, now_ms, changes);
            }
        }
    }

    /// Whether nothing is counted for an alert that has fired.
    pub(super) fn has_lost_all(&self, key: &(String, String)) -> bool {
        let revision = self.limits.get(&key.0).map(|limit| limit.revision);
        let is_as_it_fired =
            self.instances.get(key).is_some_and(|instance| Some(instance.limit_revision) == revision);
        is_as_it_fired && self.board.counts_nothing(&key.0, &key.1)
    }
}
