//! What every store keeps of the history of alerts, and in which order it is told.

use domain::alert::machine::{Instance, Reason};
use domain::alert::span::Span;
use server::store::{AlertChanges, Store, TransitionRecord};
use vocabulary::Severity;

use crate::harness::tacho::NOON_MS;
use crate::store::HOUR_MS;
use crate::store::contract::given::{keep, told};

contract! {
    transitions_come_back_as_they_were_told_the_newest_first,
    transitions_until_a_time_are_those_that_had_happened_however_late_they_were_detected,
    transitions_tell_whether_their_incident_is_open,
}

/// The latest transitions, whatever has become of them.
async fn latest(store: &dyn Store, limit: u32, state: Option<Severity>) -> Vec<TransitionRecord> {
    let told = store.transitions(limit, state).await.unwrap().into_iter();
    told.map(|told| told.record).collect()
}

async fn transitions_come_back_as_they_were_told_the_newest_first(store: &dyn Store) {
    let instance = Instance::new("l_1", "u_1", Span::Calendar(NOON_MS, NOON_MS + HOUR_MS));
    let at = |sequence: u64, detected_at_ms: i64, severity: Severity, reason: Reason| {
        let mut record = told(&instance, sequence);
        record.transition.detected_at_ms = detected_at_ms;
        record.transition.event_time_ms = detected_at_ms - 7;
        record.transition.severity = severity;
        record.transition.reason = reason;
        record
    };
    let first = at(1, NOON_MS, Severity::Warning, Reason::Threshold);
    let second = at(2, NOON_MS, Severity::Critical, Reason::LimitChanged);
    let resolved = at(3, NOON_MS + 1, Severity::Ok, Reason::WindowReset);
    // Another limit at the same time, by the same number.
    let other = TransitionRecord { limit_id: "l_0".to_owned(), ..second.clone() };
    let everything = TransitionRecord {
        scope_dimension: String::new(),
        scope_value: String::new(),
        window_start_ms: 0,
        limit_name: "all of it".to_owned(),
        kind: "cost_per_day".to_owned(),
        ..at(1, NOON_MS - 1, Severity::Warning, Reason::Corrected)
    };
    let transitions =
        vec![everything.clone(), resolved.clone(), first.clone(), second.clone(), other.clone()];
    store.change_alerts(AlertChanges { transitions, ..AlertChanges::default() }).await.unwrap();
    let all = [resolved.clone(), other.clone(), second.clone(), first.clone(), everything.clone()];
    assert_eq!(latest(store, 10, None).await, all);
    assert_eq!(latest(store, 2, None).await, all[..2]);
    assert_eq!(latest(store, 0, None).await, []);
    for (state, ended) in [
        (Severity::Ok, vec![resolved.clone()]),
        (Severity::Warning, vec![first, everything.clone()]),
        (Severity::Critical, vec![other, second]),
    ] {
        assert_eq!(latest(store, 10, Some(state)).await, ended, "{state:?}");
    }
    assert_eq!(store.last_transition(&instance).await.unwrap(), Some(resolved));
    let rolling = Instance::new("l_1", "", Span::Rolling);
    assert_eq!(store.last_transition(&rolling).await.unwrap(), Some(everything));
    assert_eq!(store.last_transition(&Instance::new("l_1", "u_1", Span::Rolling)).await.unwrap(), None);
    assert_eq!(store.last_transition(&Instance::new("l_2", "", Span::Rolling)).await.unwrap(), None);

    // That usage was a lower bound is told in the message alone.
    let mut incomplete = told(&Instance::new("l_3", "", Span::Rolling), 1);
    incomplete.transition.incomplete = true;
    incomplete.transition.detected_at_ms = NOON_MS + 9;
    let transitions = vec![incomplete];
    store.change_alerts(AlertChanges { transitions, ..AlertChanges::default() }).await.unwrap();
    assert!(!latest(store, 1, None).await[0].transition.incomplete);
}

async fn transitions_until_a_time_are_those_that_had_happened_however_late_they_were_detected(
    store: &dyn Store,
) {
    let at = |limit_id: &str, event_time_ms: i64, detected_at_ms: i64| {
        let mut record = told(&Instance::new(limit_id, "", Span::Rolling), 1);
        (record.transition.event_time_ms, record.transition.detected_at_ms) = (event_time_ms, detected_at_ms);
        record
    };
    let late = at("late", NOON_MS - 30_000, NOON_MS + HOUR_MS);
    let at_once = at("at once", NOON_MS - 60_000, NOON_MS - 60_000);
    let of_the_same_time = at("the same time", NOON_MS - 60_000, NOON_MS - 50_000);
    let after = at("after", NOON_MS, NOON_MS);
    let transitions = vec![after.clone(), late.clone(), at_once.clone(), of_the_same_time.clone()];
    store.change_alerts(AlertChanges { transitions, ..AlertChanges::default() }).await.unwrap();
    let until = async |until_ms, limit| {
        let told = store.transitions_until(until_ms, limit).await.unwrap().into_iter();
        told.map(|told| told.record).collect::<Vec<_>>()
    };
    let all = [after, late, of_the_same_time, at_once];
    assert_eq!(until(NOON_MS + 1, 10).await, all);
    assert_eq!(until(NOON_MS, 10).await, all[1..]);
    assert_eq!(until(NOON_MS, 2).await, all[1..3]);
    assert_eq!(until(NOON_MS - 60_000, 10).await, []);
}

async fn transitions_tell_whether_their_incident_is_open(store: &dyn Store) {
    let firing = |limit_id: &str, sequence, episode| Instance {
        severity: Severity::Critical,
        sequence,
        episode,
        ..Instance::new(limit_id, "", Span::Rolling)
    };
    // Of the episode before, and the two of this one.
    let open = firing("open", 3, 2);
    let transitions = vec![told(&firing("open", 1, 1), 1), told(&open, 2), told(&open, 3)];
    store.change_alerts(AlertChanges { transitions, ..AlertChanges::default() }).await.unwrap();
    keep(store, &open).await;
    let resolved = Instance { severity: Severity::Ok, ..firing("resolved", 1, 1) };
    let closed = Instance { closed_reason: Some(Reason::LimitDisabled), ..firing("removed", 1, 1) };
    for instance in [&resolved, &closed] {
        let transitions = vec![told(instance, 1)];
        store.change_alerts(AlertChanges { transitions, ..AlertChanges::default() }).await.unwrap();
        keep(store, instance).await;
    }
    for all in
        [store.transitions(9, None).await.unwrap(), store.transitions_until(i64::MAX, 9).await.unwrap()]
    {
        let told: Vec<_> = all
            .iter()
            .map(|told| (told.record.limit_id.as_str(), told.record.transition.sequence, told.open_at))
            .collect();
        assert_eq!(
            told,
            [
                ("open", 3, Some(3)),
                ("open", 2, Some(3)),
                ("open", 1, None),
                ("removed", 1, None),
                ("resolved", 1, None),
            ]
        );
    }
}
