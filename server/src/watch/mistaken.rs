//! Alerts that were a mistake: what they counted has been deleted or put right since.

use std::collections::HashMap;

use domain::alert::machine::{Input, Instance, raised};
use domain::alert::span::Span;
use domain::limits::Reading;
use vocabulary::Severity;

use super::Watch;
use crate::store::{AlertChanges, Amended};

impl Watch {
    /// Takes back what was deleted, counts what was put right, and says what that changes: nothing while that is in doubt.
    pub fn correct(&mut self, amended: &[Amended], now_ms: i64) -> AlertChanges {
        let now_ms = self.tell_time(now_ms);
        let mut counted = HashMap::new();
        for key in amended.iter().flat_map(|Amended { before, .. }| self.board.keys_of(&before.event)) {
            if self.instances.get(&key).is_some_and(|instance| instance.severity > Severity::Ok)
                && !counted.contains_key(&key)
                && let Some(highest) = self.board.highest_count(&key.0, &key.1, now_ms)
            {
                counted.insert(key, highest);
            }
        }
        for Amended { before, after } in amended {
            self.is_doubtful |= !self.board.take_back(&before.event, before.cost, now_ms);
            if let Some(after) = after {
                self.board.put_back(&after.event, after.cost, now_ms);
            }
        }
        if self.is_doubtful {
            return AlertChanges::default();
        }
        counted.retain(|key, was| {
            let is = self.board.highest_count(&key.0, &key.1, now_ms);
            is.is_some_and(|is| is < *was && self.is_worse_than(key, is))
        });
        self.mistaken.extend(counted.into_keys());
        let mut changes = AlertChanges::default();
        self.tell_mistaken(now_ms, &mut changes);
        self.evaluate_touched(now_ms, &mut changes);
        changes
    }

    /// Whether what is counted cannot be told any more, and must be read anew.
    pub fn is_doubtful(&self) -> bool {
        self.is_doubtful
    }

    /// Whether an alert is worse than what its limit would raise.
    fn is_worse_than(&self, key: &(String, String), used: i64) -> bool {
        let instance = self.instances.get(key).zip(self.limits.get(&key.0));
        instance.is_some_and(|(instance, limit)| raised(used, &self.rule(limit)) < instance.severity)
    }

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
            (is < was && self.is_worse_than(key, is)).then(|| key.clone())
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
