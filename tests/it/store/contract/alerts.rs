//! What every store keeps of alerts, of their history, and of what was sent.

mod transitions;

use domain::alert::machine::{Instance, Reason};
use domain::alert::span::Span;
use domain::limits::{Limit, Scope, Source, kind};
use domain::usage::Endpoints;
use server::alert::outbox::{Attempt, Next};
use server::store::{Action, AlertChanges, Author, ChannelChange, Note, Removal, Store, limit_told};
use vocabulary::Severity;

use super::given::{channel, keep, message, tell, told};
use crate::harness::tacho::NOON_MS;
use crate::store::HOUR_MS;

contract! {
    the_state_of_an_alert_is_kept_whole_however_often_it_changes,
    closed_alerts_are_told_until_their_window_is_over,
    alerts_come_in_the_order_of_limit_value_and_window,
    all_of_a_change_is_stored_or_nothing,
    a_limit_that_tacho_removes_is_noted,
    a_message_goes_to_every_channel_that_is_on_and_to_those_that_were_told,
    a_message_to_one_channel_goes_to_no_other,
    a_delivery_is_sent_again_under_another_id,
    deliveries_come_newest_first,
    when_a_message_last_arrived_is_known_however_many_have_failed_since,
}

async fn the_state_of_an_alert_is_kept_whole_however_often_it_changes(store: &dyn Store) {
    let calendar = |end_ms| Span::Calendar(NOON_MS - HOUR_MS, end_ms);
    for (limit_id, span, moved) in [
        ("minute", Span::Rolling, Span::Rolling),
        ("day", calendar(NOON_MS + HOUR_MS), calendar(NOON_MS + 2 * HOUR_MS)),
        // It goes on for ever, also when it has ended.
        ("5h", Span::Until(NOON_MS + HOUR_MS), Span::Until(NOON_MS - HOUR_MS)),
    ] {
        let firing = Instance {
            severity: Severity::Critical,
            sequence: 1,
            episode: 1,
            used: 10,
            amount: 10,
            limit_revision: 1,
            fired_at_ms: Some(NOON_MS),
            last_evaluated_ms: NOON_MS,
            ..Instance::new(limit_id, "u_1", span)
        };
        keep(store, &firing).await;
        assert_eq!(store.open_instances().await.unwrap(), std::slice::from_ref(&firing));
        let falling = Instance {
            severity: Severity::Warning,
            sequence: 2,
            episode: 3,
            used: 9,
            amount: 11,
            limit_revision: 2,
            below_since_ms: Some(NOON_MS + 1),
            fired_at_ms: Some(NOON_MS + 2),
            resolved_at_ms: Some(NOON_MS + 3),
            last_evaluated_ms: NOON_MS + 4,
            span: moved,
            ..firing
        };
        keep(store, &falling).await;
        assert_eq!(store.open_instances().await.unwrap(), std::slice::from_ref(&falling));
        let closed = Instance { closed_reason: Some(Reason::LimitDisabled), ..falling };
        keep(store, &closed).await;
        assert_eq!(store.last_transition(&closed).await.unwrap(), None);
        let told = [told(&closed, 1), told(&closed, 2)];
        let transitions = told.to_vec();
        store.change_alerts(AlertChanges { transitions, ..AlertChanges::default() }).await.unwrap();
        assert_eq!(store.last_transition(&closed).await.unwrap().as_ref(), told.last());
        assert_eq!(store.open_instances().await.unwrap(), []);
        assert!(store.closed_instances(NOON_MS).await.unwrap().contains(&closed));
    }
}

async fn closed_alerts_are_told_until_their_window_is_over(store: &dyn Store) {
    let closed = |limit_id: &str, span| Instance {
        closed_reason: Some(Reason::WindowReset),
        ..Instance::new(limit_id, "", span)
    };
    let rolling = closed("a", Span::Rolling);
    let until = closed("b", Span::Until(NOON_MS - HOUR_MS));
    let open_until_noon = closed("c", Span::Calendar(NOON_MS - HOUR_MS, NOON_MS));
    for instance in [&rolling, &until, &open_until_noon] {
        keep(store, instance).await;
    }
    let still = store.closed_instances(NOON_MS - 1).await.unwrap();
    assert_eq!(still, [rolling.clone(), until.clone(), open_until_noon]);
    assert_eq!(store.closed_instances(NOON_MS).await.unwrap(), [rolling, until]);
    assert_eq!(store.open_instances().await.unwrap(), []);
}

async fn alerts_come_in_the_order_of_limit_value_and_window(store: &dyn Store) {
    let calendar = |start_ms| Span::Calendar(start_ms, start_ms + HOUR_MS);
    let open = [
        Instance::new("a", "u_1", calendar(NOON_MS)),
        Instance::new("a", "u_1", calendar(NOON_MS + HOUR_MS)),
        Instance::new("a", "u_2", Span::Rolling),
        Instance::new("b", "", Span::Rolling),
    ];
    for place in [2, 3, 1, 0] {
        keep(store, &open[place]).await;
    }
    assert_eq!(store.open_instances().await.unwrap(), open);
}

async fn all_of_a_change_is_stored_or_nothing(store: &dyn Store) {
    store.put_channel(&channel("c")).await.unwrap();
    let instance = Instance { sequence: 1, ..Instance::new("l_1", "", Span::Rolling) };
    let changes = |message_id: &str, sequence| AlertChanges {
        instances: vec![Instance { sequence, ..instance.clone() }],
        transitions: vec![told(&instance, sequence)],
        messages: vec![message(message_id, "i", sequence, false)],
        ..AlertChanges::default()
    };
    store.change_alerts(changes("m1", 1)).await.unwrap();
    let kept = async || {
        let deliveries = store.deliveries(10).await.unwrap();
        (store.open_instances().await.unwrap(), store.transitions(10, None).await.unwrap(), deliveries)
    };
    let before = kept().await;
    assert_eq!((before.0.len(), before.1.len(), before.2.len()), (1, 1, 1));
    store.change_alerts(changes("m2", 1)).await.expect_err("the number of the transition is taken");
    assert_eq!(kept().await, before);
    store.change_alerts(changes("m1", 2)).await.expect_err("the message is there already");
    assert_eq!(kept().await, before);
    store.change_alerts(changes("m2", 2)).await.unwrap();
    assert_eq!(kept().await.1.len(), 2);
}

async fn a_limit_that_tacho_removes_is_noted(store: &dyn Store) {
    let limit = |id: &str| Limit {
        id: id.to_owned(),
        name: id.to_owned(),
        kind: kind("requests_per_minute").unwrap(),
        amount: 60,
        scope: Scope::Everything,
        time_zone: None,
        warn_percent: 80,
        critical_percent: 100,
        source: Source::Preset,
        enabled: true,
        enforce: false,
        endpoints: Endpoints::default(),
        revision: 1,
    };
    for id in ["a", "b"] {
        store.put_limit(&limit(id), NOON_MS).await.unwrap();
    }
    let note = Note {
        at_ms: NOON_MS,
        author: Author::tacho(),
        action: Action::LimitRemoved,
        subject: "a".to_owned(),
        project: String::new(),
        before: limit_told(&limit("a")).to_string(),
        after: None,
    };
    let removed = |revision| vec![Removal { revision, note: note.clone() }];
    let kept = async || {
        let notes = store.audit(None, 9).await.unwrap();
        (store.limits().await.unwrap(), notes.into_iter().map(|numbered| numbered.note).collect::<Vec<_>>())
    };
    let before = kept().await;
    // It goes with what else is told, or stays with it.
    store.put_channel(&channel("c")).await.unwrap();
    tell(store, message("m", "i", 1, false)).await;
    let messages = vec![message("m", "i", 2, false)];
    let changes = AlertChanges { removed: removed(1), messages, ..AlertChanges::default() };
    store.change_alerts(changes).await.expect_err("the message is there already");
    assert_eq!(kept().await, before);
    // Somebody has changed it meanwhile.
    store.change_alerts(AlertChanges { removed: removed(2), ..AlertChanges::default() }).await.unwrap();
    assert_eq!(kept().await, before);
    store.change_alerts(AlertChanges { removed: removed(1), ..AlertChanges::default() }).await.unwrap();
    assert_eq!(kept().await, (vec![limit("b")], vec![note]));
}

/// Each delivery's id and state, in order of their ids.
async fn states(store: &dyn Store) -> Vec<(String, String)> {
    let deliveries = store.deliveries(100).await.unwrap().into_iter();
    let mut states: Vec<_> = deliveries.map(|delivery| (delivery.id, delivery.state)).collect();
    states.sort();
    states
}

fn pending(ids: &[&str]) -> Vec<(String, String)> {
    ids.iter().map(|id| ((*id).to_owned(), "pending".to_owned())).collect()
}

async fn a_message_goes_to_every_channel_that_is_on_and_to_those_that_were_told(store: &dyn Store) {
    tell(store, message("m0", "i", 1, false)).await;
    store.put_channel(&channel("a")).await.unwrap();
    store.put_channel(&channel("b")).await.unwrap();
    tell(store, message("m1", "i", 2, false)).await;
    store.put_channel(&channel("c")).await.unwrap();
    let off = ChannelChange { enabled: Some(false), ..ChannelChange::default() };
    store.change_channel("b", &off).await.unwrap();
    // To one that is off because it has heard of the incident; to a new one because it is on.
    tell(store, message("m2", "i", 3, false)).await;
    // Of another incident the one that is off hears nothing, and nobody hears the end who has not heard the beginning.
    tell(store, message("n1", "j", 1, false)).await;
    tell(store, message("n2", "k", 1, true)).await;
    assert_eq!(states(store).await, pending(&["m1~a", "m1~b", "m2~a", "m2~b", "m2~c", "n1~a", "n1~c"]));
}

async fn a_message_to_one_channel_goes_to_no_other(store: &dyn Store) {
    for id in ["a", "b"] {
        store.put_channel(&channel(id)).await.unwrap();
    }
    let off = ChannelChange { enabled: Some(false), ..ChannelChange::default() };
    store.change_channel("b", &off).await.unwrap();
    store.send_to("a", message("m1", "i", 1, false)).await.unwrap();
    store.send_to("b", message("m2", "i", 2, true)).await.unwrap();
    store.send_to("nobody", message("m3", "i", 3, false)).await.unwrap();
    assert_eq!(states(store).await, pending(&["m1~a", "m2~b"]));
    store.send_to("a", message("m1", "i", 1, false)).await.expect_err("it is there already");
    let told = store.deliveries(1).await.unwrap().remove(0);
    assert_eq!(
        (told.channel_id.as_str(), told.channel_name.as_str(), told.message_type.as_str()),
        ("b", "b, on call", "limit.warning")
    );
    assert_eq!((told.subject.as_str(), told.created_at_ms), ("a limit", NOON_MS + 2));
    assert_eq!(told.body, message("m2", "i", 2, true).body);
    assert_eq!((told.next_attempt_at_ms, told.attempts), (Some(NOON_MS + 2), vec![]));
}

async fn a_delivery_is_sent_again_under_another_id(store: &dyn Store) {
    store.put_channel(&channel("a")).await.unwrap();
    store.put_channel(&channel("b")).await.unwrap();
    tell(store, message("m", "i", 7, false)).await;
    assert!(store.redeliver("m~a", "again", NOON_MS + HOUR_MS).await.unwrap());
    assert!(!store.redeliver("m~c", "never", NOON_MS).await.unwrap());
    store.redeliver("m~a", "again", NOON_MS).await.expect_err("the id is taken");
    assert_eq!(states(store).await, pending(&["again", "m~a", "m~b"]));
    let again = store.deliveries(1).await.unwrap().remove(0);
    assert_eq!((again.id.as_str(), again.message_id.as_str()), ("again", "m"));
    assert_eq!((again.created_at_ms, again.next_attempt_at_ms), (NOON_MS + HOUR_MS, Some(NOON_MS + HOUR_MS)));
    store.delete_channel("a").await.unwrap();
    assert!(!store.redeliver("again", "no more", NOON_MS).await.unwrap());
    let gone = store.deliveries(1).await.unwrap().remove(0);
    assert_eq!((gone.channel_name.as_str(), gone.state.as_str()), ("a", "dropped"), "its id is what is left");
    assert_eq!(gone.next_attempt_at_ms, None);
}

async fn deliveries_come_newest_first(store: &dyn Store) {
    for id in ["b", "a"] {
        store.put_channel(&channel(id)).await.unwrap();
    }
    let noon = |id: &str, position| {
        let mut message = message(id, id, position, false);
        message.created_at_ms = NOON_MS;
        message
    };
    tell(store, noon("m2", 2)).await;
    tell(store, noon("m1", 1)).await;
    tell(store, message("later", "i", 1, false)).await;
    let ids = async |limit| -> Vec<String> {
        store.deliveries(limit).await.unwrap().into_iter().map(|delivery| delivery.id).collect()
    };
    let all = ["later~a", "later~b", "m2~a", "m2~b", "m1~a", "m1~b"];
    assert_eq!(ids(10).await, all);
    assert_eq!(ids(3).await, all[..3]);
}

async fn when_a_message_last_arrived_is_known_however_many_have_failed_since(store: &dyn Store) {
    store.put_channel(&channel("a")).await.unwrap();
    assert_eq!(store.last_arrival_ms().await.unwrap(), None);
    let failed = Attempt {
        number: 1,
        at_ms: NOON_MS + 1,
        duration_ms: 5,
        status: Some(500),
        error: "status".to_owned(),
        response: String::new(),
    };
    let arrived = |number, at_ms| {
        let (status, error) = (Some(204), String::new());
        Attempt { number, at_ms, status, error, ..failed.clone() }
    };
    for number in 0..102 {
        tell(store, message(&format!("m{number}"), &format!("i{number}"), number, false)).await;
    }
    store.record_attempt("m0~a", &failed, &Next::Retry { at_ms: NOON_MS + 2 }).await.unwrap();
    assert_eq!(store.last_arrival_ms().await.unwrap(), None);
    // The one that was written first arrives last.
    store.record_attempt("m1~a", &arrived(1, NOON_MS + 3), &Next::Delivered).await.unwrap();
    store.record_attempt("m0~a", &arrived(2, NOON_MS + 4), &Next::Delivered).await.unwrap();
    for number in 2..102 {
        let failed = Attempt { at_ms: NOON_MS + HOUR_MS, ..failed.clone() };
        store.record_attempt(&format!("m{number}~a"), &failed, &Next::Exhausted).await.unwrap();
    }
    assert_eq!(store.last_arrival_ms().await.unwrap(), Some(NOON_MS + 4));
}
