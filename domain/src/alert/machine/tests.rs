//! The state machine step by step, and what must hold for any steps.

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
        let (after, _) = see(&Instance::new("l", "", Span::Rolling), &rule(), used, 1);
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
    let (after, transition) = see(&Instance::new("l", "", Span::Rolling), &rule(), 20_000, 1);
    let transition = transition.expect("a transition");
    assert_eq!((after.sequence, transition.severity), (1, Severity::Critical));
    assert_eq!(transition.previous, Severity::Ok);
}

#[test]
fn a_rolling_alert_is_resolved_after_it_has_stayed_below() {
    let (firing, _) = see(&Instance::new("l", "", Span::Rolling), &rule(), 8_000, 0);
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
    let (firing, _) = see(&Instance::new("l", "", Span::Rolling), &rule(), 8_000, 0);
    let (below, _) = see(&firing, &rule(), 0, 1_000);
    let (again, _) = see(&below, &rule(), 8_000, 2_000);
    assert_eq!(again.below_since_ms, None);
}

#[test]
fn the_end_of_a_window_resolves_and_closes() {
    let (firing, _) = see(&Instance::new("l", "", Span::Calendar(0, 1_000)), &calendar_rule(), 8_000, 1);
    let (closed, transition) = step(&firing, &calendar_rule(), Input::WindowEnded, 5_000);
    let transition = transition.expect("a transition");
    assert_eq!((transition.reason, transition.event_time_ms), (Reason::WindowReset, 1_000));
    assert_eq!(see(&closed, &calendar_rule(), 20_000, 6_000), (closed, None));
}

#[test]
fn a_window_that_the_provider_resets_is_resolved_then_and_the_next_is_another_incident() {
    let first = Instance::new("l", "", Span::Until(1_000));
    let (firing, raised) = see(&first, &rule(), 9_900, 1);
    let (ok, resolved) = step(&firing, &rule(), Input::WindowEnded, 5_000);
    let resolved = resolved.expect("a transition");
    assert_eq!((resolved.reason, resolved.event_time_ms), (Reason::WindowReset, 1_000));
    assert_eq!((ok.closed_reason, ok.severity), (None, Severity::Ok));
    // It ends once, and what is told of it late raises nothing.
    assert_eq!(step(&ok, &rule(), Input::WindowEnded, 5_001).1, None);
    let late = Input::Evaluate { used: 10_000, event_time_ms: 999, incomplete: false };
    assert_eq!(step(&ok, &rule(), late, 5_002).1, None);
    let next = Instance { span: Span::Until(9_000), ..ok };
    let again = see(&next, &rule(), 9_900, 6_000).1.expect("a transition");
    assert_eq!((again.sequence, again.severity), (3, Severity::Warning));
    assert_eq!(raised.map(|raised| raised.incident_key), Some(resolved.incident_key.clone()));
    assert_ne!(again.incident_key, resolved.incident_key);
}

#[test]
fn an_edit_tells_only_of_a_difference() {
    let (firing, _) = see(&Instance::new("l", "", Span::Rolling), &rule(), 8_000, 0);
    let input = Input::LimitChanged { used: 8_000, incomplete: false };
    assert_eq!(step(&firing, &rule(), input.clone(), 1).1, None);
    let raised = Rule { amount: 20_000, ..rule() };
    let transition = step(&firing, &raised, input, 1).1.expect("a transition");
    assert_eq!((transition.severity, transition.reason), (Severity::Ok, Reason::LimitChanged));
}

#[test]
fn a_mistake_that_is_put_right_resolves_at_once_and_says_so() {
    let right = |used| Input::Corrected { used, incomplete: false };
    for (span, rule) in [(Span::Rolling, rule()), (Span::Calendar(0, i64::MAX), calendar_rule())] {
        let (firing, _) = see(&Instance::new("l", "", span), &rule, 20_000, 1);
        assert_eq!(step(&firing, &rule, right(10_000), 2).1, None, "as bad as it was");
        let (eased, transition) = step(&firing, &rule, right(9_000), 2);
        let transition = transition.expect("a transition");
        assert_eq!((transition.severity, transition.reason), (Severity::Warning, Reason::Corrected));
        let (resolved, transition) = step(&eased, &rule, right(0), 3);
        let transition = transition.expect("a transition");
        assert_eq!((transition.severity, transition.reason), (Severity::Ok, Reason::Corrected));
        assert_eq!((transition.sequence, resolved.severity), (3, Severity::Ok));
        // What comes later raises again.
        assert_eq!(see(&resolved, &rule, 10_000, 4).0.severity, Severity::Critical);
    }
}

#[test]
fn a_calendar_window_falls_for_no_other_reason() {
    let (firing, _) = see(&Instance::new("l", "", Span::Calendar(0, i64::MAX)), &calendar_rule(), 20_000, 1);
    let transition = see(&firing, &calendar_rule(), 1, 2).1.expect("a transition");
    assert_eq!((transition.severity, transition.reason), (Severity::Ok, Reason::Corrected));
}

#[test]
fn episodes_have_names_of_their_own() {
    let (first, one) = see(&Instance::new("l", "", Span::Rolling), &rule(), 8_000, 0);
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
    let (firing, _) = see(&Instance::new("l", "", Span::Rolling), &rule(), 8_000, 0);
    let (below, _) = see(&firing, &rule(), 0, 1_000);
    let (resolved, _) = see(&below, &rule(), 0, 301_000);
    let late = |event_time_ms| Input::Evaluate { used: 9_000, event_time_ms, incomplete: false };
    assert_eq!(step(&resolved, &rule(), late(500), 400_000).1, None);
    assert!(step(&resolved, &rule(), late(399_000), 400_000).1.is_some());
}

#[test]
fn an_alert_taken_up_again_goes_on_with_its_numbers() {
    let (firing, _) = see(&Instance::new("l", "", Span::Rolling), &rule(), 8_000, 1);
    let (closed, _) = step(&firing, &rule(), Input::Closed(Reason::LimitDisabled), 2);
    let (_, again) = see(&closed.reopened(Span::Rolling), &rule(), 8_000, 3);
    assert_eq!(again.map(|transition| transition.sequence), Some(3));
}

proptest! {
    // I1 and I3 of the invariants: numbers without gaps, and every message says something new.
    #[test]
    fn transitions_are_gapless_and_always_change(
        steps in prop::collection::vec((0..12_000i64, 0..400_000i64), 0..60)
    ) {
        let mut instance = Instance::new("l", "", Span::Rolling);
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

    // A window that the provider resets is over at its end, whatever has been said of it; every window's incident has a
    // name of its own, and what is told late of one that is over raises nothing.
    #[test]
    fn windows_that_are_reset_end_at_their_reset(
        windows in prop::collection::vec(
            (prop::collection::vec((0..12_000i64, 0..600_000i64), 0..6), 1..600_000i64, 0..12_000i64), 1..8),
    ) {
        let mut instance = Instance::new("l", "", Span::Rolling);
        let (mut now_ms, mut sequence) = (0, 0);
        let mut incidents = std::collections::BTreeSet::new();
        for (reports, length_ms, late) in windows {
            let ends_ms = now_ms + length_ms;
            instance.span = Span::Until(ends_ms);
            let mut within = std::collections::BTreeSet::new();
            let mut told = Vec::new();
            for (used, wait_ms) in reports {
                now_ms = (now_ms + wait_ms).min(ends_ms - 1);
                let (after, transition) = see(&instance, &rule(), used, now_ms);
                told.extend(transition);
                instance = after;
            }
            now_ms = ends_ms;
            prop_assert_eq!(instance.severity_at(now_ms), Severity::Ok);
            let (after, transition) = step(&instance, &rule(), Input::WindowEnded, now_ms);
            prop_assert_eq!(transition.is_some(), instance.severity > Severity::Ok);
            prop_assert_eq!((after.severity, after.closed_reason), (Severity::Ok, None));
            if let Some(transition) = &transition {
                prop_assert_eq!((transition.reason, transition.event_time_ms), (Reason::WindowReset, ends_ms));
                let late = Input::Evaluate { used: late, event_time_ms: ends_ms - 1, incomplete: false };
                prop_assert_eq!(step(&after, &rule(), late, now_ms).1, None);
            }
            for transition in told.into_iter().chain(transition) {
                sequence += 1;
                prop_assert_eq!(transition.sequence, sequence);
                within.insert(transition.incident_key);
            }
            prop_assert!(incidents.is_disjoint(&within));
            incidents.append(&mut within);
            instance = after;
        }
    }

    // I6: within a calendar window usage only grows, so any order of the same events ends alike.
    #[test]
    fn a_calendar_window_rises_at_most_twice(parts in prop::collection::vec(1..4_000i64, 1..20)) {
        let mut instance = Instance::new("l", "", Span::Calendar(0, i64::MAX));
        let mut used = 0;
        for part in &parts {
            used += part;
            instance = see(&instance, &calendar_rule(), used, 1).0;
        }
        prop_assert!(instance.sequence <= 2);
        prop_assert_eq!(instance.severity, raised(parts.iter().sum(), &calendar_rule()));
    }
}
