//! The state of one alert, as a pure step from state to state.
//!
//! Transitions are numbered without gaps. A calendar window's usage only grows, so its alert rises and ends
//! with the window; a rolling one falls again, so it must stay below its threshold for a while (and by some
//! points) before it is resolved. Equality fires: 80.00 % is a warning.

use app::api::standing::Severity;
use sha2::{Digest, Sha256};

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
    /// Revision of the limit.
    pub limit_revision: u64,
}

/// The state of the alert of one limit, scope value and window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// The limit.
    pub limit_id: String,
    /// The scope value; empty for everything.
    pub scope_value: String,
    /// Start and end, Unix milliseconds; nothing for rolling windows.
    pub window: Option<(i64, i64)>,
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
    /// When it was last evaluated.
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
    /// Its calendar window is over.
    WindowEnded,
    /// The limit was edited.
    LimitChanged {
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
    /// Usage reached a threshold.
    Threshold,
    /// Usage fell below it and stayed there.
    UsageDropped,
    /// The window is over.
    WindowReset,
    /// The limit was edited.
    LimitChanged,
    /// The limit was switched off.
    LimitDisabled,
    /// The limit was removed.
    LimitDeleted,
}

impl Reason {
    const ALL: [Reason; 6] = [
        Reason::Threshold,
        Reason::UsageDropped,
        Reason::WindowReset,
        Reason::LimitChanged,
        Reason::LimitDisabled,
        Reason::LimitDeleted,
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
    /// Why.
    pub reason: Reason,
    /// From critical to warning.
    pub deescalated: bool,
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
    /// The incident it belongs to.
    pub incident_key: String,
    /// It went straight to critical; no warning was sent.
    pub skipped_warning: bool,
}

impl Instance {
    /// An alert that has never fired.
    pub fn new(limit_id: &str, scope_value: &str, window: Option<(i64, i64)>) -> Self {
        Instance {
            limit_id: limit_id.to_owned(),
            scope_value: scope_value.to_owned(),
            window,
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

    /// The same alert, taken up again after it was closed: its numbers go on.
    pub fn reopened(self) -> Self {
        Instance { closed_reason: None, below_since_ms: None, ..self }
    }

    /// Whether what happened then was not told of in an incident that has been resolved.
    pub fn is_news(&self, event_time_ms: i64) -> bool {
        self.resolved_at_ms.is_none_or(|resolved_at_ms| event_time_ms > resolved_at_ms)
    }

    /// Names the episode: the same for every message about it, and never used again.
    pub fn incident_key(&self) -> String {
        let distinct = match self.window {
            Some((start_ms, _)) => start_ms.to_string(),
            None => format!("episode {}", self.episode),
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
            turn(after, held, Reason::UsageDropped, event_time_ms, incomplete, now_ms)
        }
        Input::LimitChanged { used, incomplete } => {
            (after.used, after.amount, after.limit_revision) = (used, rule.amount, rule.limit_revision);
            let raised = raised(used, rule);
            if raised == before.severity {
                return (after, None);
            }
            turn(after, raised, Reason::LimitChanged, now_ms, incomplete, now_ms)
        }
        Input::WindowEnded => close(after, Reason::WindowReset, now_ms),
        Input::Closed(reason) => close(after, reason, now_ms),
    }
}

fn close(mut after: Instance, reason: Reason, now_ms: i64) -> (Instance, Option<Transition>) {
    after.closed_reason = Some(reason);
    if after.severity == Severity::Ok {
        return (after, None);
    }
    // A window ended when its calendar says, however late that is noticed.
    let event_time_ms = match (reason, after.window) {
        (Reason::WindowReset, Some((_, end_ms))) => end_ms.min(now_ms),
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
        deescalated: severity == Severity::Warning && previous == Severity::Critical,
        used: after.used,
        amount: after.amount,
        event_time_ms,
        detected_at_ms: now_ms,
        incomplete,
        incident_key: after.incident_key(),
        skipped_warning: previous == Severity::Ok && severity == Severity::Critical,
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rule() -> Rule {
        Rule {
            amount: 10_000,
            warn_percent: 80,
            critical_percent: 100,
            hysteresis_points: 2,
            keep_firing_ms: 300_000,
            limit_revision: 1,
        }
    }

    fn calendar_rule() -> Rule {
        Rule { hysteresis_points: 0, keep_firing_ms: 0, ..rule() }
    }

    fn see(instance: &Instance, rule: &Rule, used: i64, now_ms: i64) -> (Instance, Option<Transition>) {
        step(instance, rule, Input::Evaluate { used, event_time_ms: now_ms, incomplete: false }, now_ms)
    }

    #[test]
    fn equality_fires() {
        for (used, severity) in [
            (7_999, Severity::Ok),
            (8_000, Severity::Warning),
            (9_999, Severity::Warning),
            (10_000, Severity::Critical),
        ] {
            let (after, _) = see(&Instance::new("l", "", None), &rule(), used, 1);
            assert_eq!(after.severity, severity, "{used}");
        }
    }

    #[test]
    fn an_amount_of_nothing_is_critical_at_any_use() {
        let nothing = Rule { amount: 0, ..rule() };
        assert_eq!(raised(0, &nothing), Severity::Ok);
        assert_eq!(raised(1, &nothing), Severity::Critical);
    }

    #[test]
    fn straight_to_critical_is_one_message() {
        let (after, transition) = see(&Instance::new("l", "", None), &rule(), 20_000, 1);
        let transition = transition.expect("a transition");
        assert_eq!((after.sequence, transition.severity), (1, Severity::Critical));
        assert!(transition.skipped_warning);
    }

    #[test]
    fn a_rolling_alert_is_resolved_after_it_has_stayed_below() {
        let (firing, _) = see(&Instance::new("l", "", None), &rule(), 8_000, 0);
        // Within the hysteresis it holds.
        let (held, transition) = see(&firing, &rule(), 7_800, 1_000);
        assert_eq!((held.below_since_ms, transition), (None, None));
        let (below, transition) = see(&held, &rule(), 7_799, 2_000);
        assert_eq!((below.below_since_ms, transition), (Some(2_000), None));
        let (still, transition) = see(&below, &rule(), 0, 301_999);
        assert_eq!((still.severity, transition), (Severity::Warning, None));
        let (resolved, transition) = see(&still, &rule(), 0, 302_000);
        assert_eq!(resolved.severity, Severity::Ok);
        assert_eq!(transition.map(|transition| transition.reason), Some(Reason::UsageDropped));
    }

    #[test]
    fn a_rise_starts_the_wait_anew() {
        let (firing, _) = see(&Instance::new("l", "", None), &rule(), 8_000, 0);
        let (below, _) = see(&firing, &rule(), 0, 1_000);
        let (again, _) = see(&below, &rule(), 8_000, 2_000);
        assert_eq!(again.below_since_ms, None);
    }

    #[test]
    fn the_end_of_a_window_resolves_and_closes() {
        let (firing, _) = see(&Instance::new("l", "", Some((0, 1_000))), &calendar_rule(), 8_000, 1);
        let (closed, transition) = step(&firing, &calendar_rule(), Input::WindowEnded, 5_000);
        let transition = transition.expect("a transition");
        assert_eq!((transition.reason, transition.event_time_ms), (Reason::WindowReset, 1_000));
        assert_eq!(see(&closed, &calendar_rule(), 20_000, 6_000), (closed, None));
    }

    #[test]
    fn an_edit_tells_only_of_a_difference() {
        let (firing, _) = see(&Instance::new("l", "", None), &rule(), 8_000, 0);
        let input = Input::LimitChanged { used: 8_000, incomplete: false };
        assert_eq!(step(&firing, &rule(), input.clone(), 1).1, None);
        let raised = Rule { amount: 20_000, ..rule() };
        let transition = step(&firing, &raised, input, 1).1.expect("a transition");
        assert_eq!((transition.severity, transition.reason), (Severity::Ok, Reason::LimitChanged));
    }

    #[test]
    fn episodes_have_names_of_their_own() {
        let (first, one) = see(&Instance::new("l", "", None), &rule(), 8_000, 0);
        let (below, _) = see(&first, &rule(), 0, 1);
        let (ok, resolved) = see(&below, &rule(), 0, 400_000);
        let (_, two) = see(&ok, &rule(), 8_000, 500_000);
        let key = |transition: Option<Transition>| transition.map(|transition| transition.incident_key);
        let (one, resolved, two) = (key(one), key(resolved), key(two));
        assert_eq!(one, resolved);
        assert_ne!(one, two);
    }

    #[test]
    fn what_happened_before_the_end_of_an_incident_is_no_news() {
        let (firing, _) = see(&Instance::new("l", "", None), &rule(), 8_000, 0);
        let (below, _) = see(&firing, &rule(), 0, 1_000);
        let (resolved, _) = see(&below, &rule(), 0, 301_000);
        let late = |event_time_ms| Input::Evaluate { used: 9_000, event_time_ms, incomplete: false };
        assert_eq!(step(&resolved, &rule(), late(500), 400_000).1, None);
        assert!(step(&resolved, &rule(), late(399_000), 400_000).1.is_some());
    }

    #[test]
    fn an_alert_taken_up_again_goes_on_with_its_numbers() {
        let (firing, _) = see(&Instance::new("l", "", None), &rule(), 8_000, 1);
        let (closed, _) = step(&firing, &rule(), Input::Closed(Reason::LimitDisabled), 2);
        let (_, again) = see(&closed.reopened(), &rule(), 8_000, 3);
        assert_eq!(again.map(|transition| transition.sequence), Some(3));
    }

    proptest! {
        // I1 and I3 of the invariants: numbers without gaps, and every message says something new.
        #[test]
        fn transitions_are_gapless_and_always_change(
            steps in prop::collection::vec((0..12_000i64, 0..400_000i64), 0..60)
        ) {
            let mut instance = Instance::new("l", "", None);
            let mut now_ms = 0;
            let mut last = (0, Severity::Ok);
            for (used, wait_ms) in steps {
                now_ms += wait_ms;
                let (after, transition) = see(&instance, &rule(), used, now_ms);
                if let Some(transition) = transition {
                    prop_assert_eq!(transition.sequence, last.0 + 1);
                    prop_assert_eq!(transition.previous, last.1);
                    prop_assert_ne!(transition.severity, last.1);
                    last = (transition.sequence, transition.severity);
                }
                prop_assert_eq!((after.sequence, after.severity), last);
                instance = after;
            }
            // I5: everything that fires is resolved in the end.
            let (below, _) = see(&instance, &rule(), 0, now_ms + 1);
            let (resolved, _) = see(&below, &rule(), 0, now_ms + 300_001);
            prop_assert_eq!(resolved.severity, Severity::Ok);
        }

        // I6: within a calendar window usage only grows, so any order of the same events ends alike.
        #[test]
        fn a_calendar_window_rises_at_most_twice(parts in prop::collection::vec(1..4_000i64, 1..20)) {
            let mut instance = Instance::new("l", "", Some((0, i64::MAX)));
            let mut used = 0;
            for part in &parts {
                used += part;
                instance = see(&instance, &calendar_rule(), used, 1).0;
            }
            prop_assert!(instance.sequence <= 2);
            prop_assert_eq!(instance.severity, raised(parts.iter().sum(), &calendar_rule()));
        }
    }
}
