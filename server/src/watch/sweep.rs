//! What time does without any event: windows end, rolling sums fall, and limits are others than before.

use std::collections::HashSet;

use domain::alert::machine::{Input, Reason, raised};
use domain::alert::span::Span;
use domain::limits::{Glance, Reading};
use vocabulary::Severity;

use super::Watch;
use crate::store::AlertChanges;

impl Watch {
    /// Evaluates everything anew: windows end and rolling sums fall without any event, and limits may be others
    /// than before.
    pub fn sweep(&mut self, now_ms: i64) -> AlertChanges {
        let now_ms = self.tell_time(now_ms);
        self.board.prune(now_ms);
        self.closed.retain(|_, instance| !instance.span.is_gone(now_ms));
        let mut changes = AlertChanges::default();
        self.remove_examples(now_ms, &mut changes);
        self.close_gone(now_ms, &mut changes);
        self.tell_mistaken(now_ms, &mut changes);
        for (key, seen) in self.due(now_ms) {
            self.evaluate(&key, &seen, now_ms, &mut changes);
        }
        self.sweep_idle(now_ms, &mut changes);
        changes
    }

    /// What every standing reads of which something may have to be told: those at a threshold, and those that have an
    /// alert. All others, which are most, stay as they are.
    fn due(&self, now_ms: i64) -> Vec<((String, String), Reading)> {
        let open = self.instances.keys().map(|(limit_id, value)| (limit_id.as_str(), value.as_str()));
        let closed = self.closed.keys().map(|(limit_id, value, _)| (limit_id.as_str(), value.as_str()));
        let alerted: HashSet<(&str, &str)> = open.chain(closed).collect();
        let due = self.board.glances(now_ms).filter_map(|Glance { limit, scope_value, reading, .. }| {
            let limit = self.limits.get(&limit.id)?;
            let is_raised = raised(reading.used, &self.rule(limit)) > Severity::Ok;
            let is_due = is_raised || alerted.contains(&(limit.id.as_str(), scope_value));
            let key = || (limit.id.clone(), scope_value.to_owned());
            is_due.then(|| (key(), Reading { at_ms: now_ms, ..reading }))
        });
        due.collect()
    }

    /// Resolves the alerts of limits that are gone or switched off.
    pub(super) fn close_gone(&mut self, now_ms: i64, changes: &mut AlertChanges) {
        let reason = |id: &String| match self.limits.get(id) {
            None => Some(Reason::LimitDeleted),
            Some(limit) => (!limit.enabled).then_some(Reason::LimitDisabled),
        };
        let keys = self.instances.keys();
        let gone: Vec<_> = keys.filter_map(|key| Some((key.clone(), reason(&key.0)?))).collect();
        for (key, reason) in gone {
            self.apply(&key, Input::Closed(reason), now_ms, changes);
        }
    }

    /// Alerts whose meter has nothing left to read: their window has ended, or their usage is 0.
    fn sweep_idle(&mut self, now_ms: i64, changes: &mut AlertChanges) {
        let idle: Vec<_> = self
            .instances
            .iter()
            .filter(|(_, instance)| instance.last_evaluated_ms < now_ms)
            .map(|(key, instance)| (key.clone(), instance.span, instance.severity))
            .collect();
        for (key, span, severity) in idle {
            let is_firing = severity > Severity::Ok;
            let input = match span {
                Span::Calendar(..) | Span::Until(_) if span.is_over(now_ms) => Input::WindowEnded,
                // How much of what is counted together is its own nobody knows, until all that is forgotten.
                Span::Rolling if self.board.is_shared(&key.0, &key.1) => continue,
                Span::Rolling if is_firing => {
                    Input::Evaluate { used: 0, event_time_ms: now_ms, incomplete: false }
                }
                // A calendar window that has counted something goes on; but all of it may have been deleted.
                Span::Calendar(..) if is_firing && self.has_lost_all(&key) => {
                    Input::Evaluate { used: 0, event_time_ms: now_ms, incomplete: false }
                }
                _ => continue,
            };
            self.apply(&key, input, now_ms, changes);
        }
    }
}
