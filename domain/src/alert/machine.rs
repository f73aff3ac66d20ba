//! The state of one alert, as a pure step from state to state.
//!
//! Transitions are numbered without gaps. A calendar window's usage only grows, so its alert rises and ends
//! with the window, unless what it counted is put right; a rolling one falls again, so it must stay below its
//! threshold for a while (and by some points) before it is resolved. So must one that the provider resets, since
//! what it says may fall; at its reset it is resolved without waiting. Equality fires: 80.00 % is a warning.

use sha2::{Digest, Sha256};
use vocabulary::Severity;

use super::span::Span;

/// Restarts shorter than this keep the timers of an alert running.
const OUTAGE_MS: i64 = 3_600_000;

/// What an alert is held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What the window allows.
    pub amount: i64,
    /// Percent of the amount at which it warns.
    pub warn_percent: u32,
    /// Percent of the amount at which it is critical.
    pub critical_percent: u32,
    /// Points below a threshold to which usage must fall; 0 for calendar windows.
    pub hysteresis_points: u32,
    /// How long usage must stay there; 0 for calendar windows.
    pub keep_firing_ms: i64,
    pub limit_revision: u64,
}

/// The state of the alert of one limit, scope value and window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    pub limit_id: String,
    /// The scope value; empty for everything.
    pub scope_value: String,
    /// The time it is about.
    pub span: Span,
    /// The worst threshold that holds.
    pub severity: Severity,
    /// Transitions so far.
    pub sequence: u64,
    /// Times it has begun to fire.
    pub episode: u64,
    /// Usage when last evaluated.
    pub used: i64,
    /// Amount when last evaluated.
    pub amount: i64,
    /// Revision of the limit when last evaluated.
    pub limit_revision: u64,
    /// Since when usage is below the threshold that fired.
    pub below_since_ms: Option<i64>,
    /// When it last got worse.
    pub fired_at_ms: Option<i64>,
    /// When it was last resolved, by the events' own time: what happened before belongs to that incident.
    pub resolved_at_ms: Option<i64>,
    /// Why it will never change again.
    pub closed_reason: Option<Reason>,
    pub last_evaluated_ms: i64,
}

/// What happens to an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Usage was measured.
    Evaluate {
        /// How much.
        used: i64,
        /// When, by the events' own time.
        event_time_ms: i64,
        /// It is a lower bound.
        incomplete: bool,
    },
    WindowEnded,
    LimitChanged {
        /// Usage now.
        used: i64,
        /// It is a lower bound.
        incomplete: bool,
    },
    /// What it had counted was put right, and without the mistake it would not be as bad.
    Corrected {
        /// Usage now.
        used: i64,
        /// It is a lower bound.
        incomplete: bool,
    },
    /// It will not be evaluated any more.
    Closed(Reason),
}

/// Why a transition happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    Threshold,
    /// Usage fell below it and stayed there.
    UsageDropped,
    WindowReset,
    LimitChanged,
    LimitDisabled,
    LimitDeleted,
    /// What had been counted was deleted or put right.
    Corrected,
}

impl Reason {
    const ALL: [Reason; 7] = [
        Reason::Threshold,
        Reason::UsageDropped,
        Reason::WindowReset,
        Reason::LimitChanged,
        Reason::LimitDisabled,
        Reason::LimitDeleted,
        Reason::Corrected,
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Reason::Threshold => "threshold",
            Reason::UsageDropped => "usage_dropped",
            Reason::WindowReset => "window_reset",
            Reason::LimitChanged => "limit_changed",
            Reason::LimitDisabled => "limit_disabled",
            Reason::LimitDeleted => "limit_deleted",
            Reason::Corrected => "corrected",
        }
    }

    /// The reason with this word.
    pub fn from_word(word: &str) -> Option<Reason> {
        Reason::ALL.into_iter().find(|reason| reason.word() == word)
    }
}

/// A change of severity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// Its number, from 1.
    pub sequence: u64,
    /// Before.
    pub previous: Severity,
    /// After.
    pub severity: Severity,
    pub reason: Reason,
    /// Usage then.
    pub used: i64,
    /// Amount then.
    pub amount: i64,
    /// When it happened, by the events' own time.
    pub event_time_ms: i64,
    /// When it was noticed.
    pub detected_at_ms: i64,
    /// Usage is a lower bound.
    pub incomplete: bool,
    pub incident_key: String,
}

impl Instance {
    /// An alert that has never fired.
    pub fn new(limit_id: &str, scope_value: &str, span: Span) -> Self {
        Instance {
            limit_id: limit_id.to_owned(),
            scope_value: scope_value.to_owned(),
            span,
            severity: Severity::Ok,
            sequence: 0,
            episode: 0,
            used: 0,
            amount: 0,
            limit_revision: 0,
            below_since_ms: None,
            fired_at_ms: None,
            resolved_at_ms: None,
            closed_reason: None,
            last_evaluated_ms: 0,
        }
    }

    /// The same alert, taken up again after it was closed: its numbers go on. The window may end at another time
    /// than before.
    pub fn reopened(self, span: Span) -> Self {
        Instance { span, closed_reason: None, below_since_ms: None, ..self }
    }

    /// What holds of it: nothing any more once its window is over, also before that has been noticed.
    pub fn severity_at(&self, now_ms: i64) -> Severity {
        if self.span.is_over(now_ms) { Severity::Ok } else { self.severity }
    }

    /// Whether what happened then was not told of in an incident that has been resolved.
    pub fn is_news(&self, event_time_ms: i64) -> bool {
        self.resolved_at_ms.is_none_or(|resolved_at_ms| event_time_ms > resolved_at_ms)
    }

    /// Names the episode: the same for every message about it. Of a calendar window there is one: where what it counted
    /// was put right and it fires again, that goes on under the same name.
    pub fn incident_key(&self) -> String {
        let distinct = match self.span {
            Span::Calendar(start_ms, _) => start_ms.to_string(),
            Span::Rolling | Span::Until(_) => format!("episode {}", self.episode),
        };
        let mut hash = Sha256::new();
        for part in [&self.limit_id, &self.scope_value, &distinct] {
            hash.update(part);
            hash.update([0]);
        }
        let hex: String = hash.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("tacho-{hex}")
    }
}

/// The worst threshold that `used` reaches.
pub fn raised(used: i64, rule: &Rule) -> Severity {
    reached(used, rule, 0)
}

fn reached(used: i64, rule: &Rule, points_below: u32) -> Severity {
    let reaches = |percent: u32| {
        let percent = i128::from(percent) - i128::from(points_below);
        used > 0 && i128::from(used) * 100 >= i128::from(rule.amount) * percent
    };
    if reaches(rule.critical_percent) {
        Severity::Critical
    } else if reaches(rule.warn_percent) {
        Severity::Warning
    } else {
        Severity::Ok
    }
}

/// Takes one step. The transition, if any, is what people are told.
pub fn step(before: &Instance, rule: &Rule, input: Input, now_ms: i64) -> (Instance, Option<Transition>) {
    let now_ms = now_ms.max(before.last_evaluated_ms);
    let mut after = Instance { last_evaluated_ms: now_ms, ..before.clone() };
    if before.closed_reason.is_some() {
        return (before.clone(), None);
    }
    match input {
        Input::Evaluate { used, event_time_ms, incomplete } => {
            (after.used, after.amount, after.limit_revision) = (used, rule.amount, rule.limit_revision);
            let raised = raised(used, rule);
            if raised > before.severity && before.is_news(event_time_ms) {
                return turn(after, raised, Reason::Threshold, event_time_ms, incomplete, now_ms);
            }
            let held = reached(used, rule, rule.hysteresis_points).min(before.severity);
            if held == before.severity {
                after.below_since_ms = None;
                return (after, None);
            }
            let since_ms = *after.below_since_ms.get_or_insert(now_ms);
            if now_ms - since_ms < rule.keep_firing_ms {
                return (after, None);
            }
            // The usage of a calendar window falls only where events were deleted or put right.
            let is_calendar = matches!(before.span, Span::Calendar(..));
            let reason = if is_calendar { Reason::Corrected } else { Reason::UsageDropped };
            turn(after, held, reason, event_time_ms, incomplete, now_ms)
        }
        Input::LimitChanged { used, incomplete } => {
            (after.used, after.amount, after.limit_revision) = (used, rule.amount, rule.limit_revision);
            let raised = raised(used, rule);
            if raised == before.severity {
                return (after, None);
            }
            turn(after, raised, Reason::LimitChanged, now_ms, incomplete, now_ms)
        }
        Input::Corrected { used, incomplete } => {
            (after.used, after.amount, after.limit_revision) = (used, rule.amount, rule.limit_revision);
            let raised = raised(used, rule);
            if raised >= before.severity {
                return (after, None);
            }
            turn(after, raised, Reason::Corrected, now_ms, incomplete, now_ms)
        }
        Input::WindowEnded => {
            let goes_on = matches!(after.span, Span::Until(_));
            after.closed_reason = (!goes_on).then_some(Reason::WindowReset);
            resolve(after, Reason::WindowReset, now_ms)
        }
        Input::Closed(reason) => {
            after.closed_reason = Some(reason);
            resolve(after, reason, now_ms)
        }
    }
}

fn resolve(after: Instance, reason: Reason, now_ms: i64) -> (Instance, Option<Transition>) {
    if after.severity == Severity::Ok {
        return (after, None);
    }
    // A window ended when it was to end, however late that is noticed.
    let event_time_ms = match (reason, after.span.end_ms()) {
        (Reason::WindowReset, Some(end_ms)) => end_ms.min(now_ms),
        _ => now_ms,
    };
    turn(after, Severity::Ok, reason, event_time_ms, false, now_ms)
}

fn turn(
    mut after: Instance,
    severity: Severity,
    reason: Reason,
    event_time_ms: i64,
    incomplete: bool,
    now_ms: i64,
) -> (Instance, Option<Transition>) {
    let previous = after.severity;
    if previous == Severity::Ok {
        after.episode += 1;
    }
    if severity > previous {
        after.fired_at_ms = Some(now_ms);
    }
    if severity == Severity::Ok {
        after.resolved_at_ms = Some(event_time_ms);
    }
    after.sequence += 1;
    after.severity = severity;
    after.below_since_ms = None;
    let transition = Transition {
        sequence: after.sequence,
        previous,
        severity,
        reason,
        used: after.used,
        amount: after.amount,
        event_time_ms,
        detected_at_ms: now_ms,
        incomplete,
        incident_key: after.incident_key(),
    };
    (after, Some(transition))
}

/// An alert as it is after a restart: a long absence of data resolves nothing by itself.
pub fn recover(mut instance: Instance, now_ms: i64) -> Instance {
    if now_ms - instance.last_evaluated_ms > OUTAGE_MS {
        instance.below_since_ms = instance.below_since_ms.map(|_| now_ms);
    }
    instance
}

#[cfg(test)]
mod tests;
