//! What every store keeps of alerts, and of the messages on their way out.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::alert::machine::{Instance, Reason, Transition};
use domain::alert::span::Span;
use server::alert::outbox::{Attempt, Channel, Next};
use server::secrets::signature::Secret;
use server::store::{AlertChanges, ChannelChange, OutgoingMessage, Store, TransitionRecord};
use vocabulary::Severity;

use super::{HOUR_MS, stores};
use crate::harness::tacho::NOON_MS;

#[tokio::test]
async fn the_state_of_an_alert_is_kept_whole_however_often_it_changes() {
    let directory = tempfile::tempdir().unwrap();
    for store in stores(directory.path()).await {
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
            keep(&store, &firing).await;
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
            keep(&store, &falling).await;
            assert_eq!(store.open_instances().await.unwrap(), std::slice::from_ref(&falling));
            let closed = Instance { closed_reason: Some(Reason::LimitDisabled), ..falling };
            keep(&store, &closed).await;
            assert_eq!(store.last_transition(&closed).await.unwrap(), None);
            let told = [told(&closed, 1), told(&closed, 2)];
            let transitions = told.to_vec();
            store.change_alerts(AlertChanges { transitions, ..AlertChanges::default() }).await.unwrap();
            assert_eq!(store.last_transition(&closed).await.unwrap().as_ref(), told.last());
            assert_eq!(store.open_instances().await.unwrap(), []);
            assert!(store.closed_instances(NOON_MS).await.unwrap().contains(&closed));
        }
    }
}

pub fn told(instance: &Instance, sequence: u64) -> TransitionRecord {
    TransitionRecord {
        limit_id: instance.limit_id.clone(),
        limit_name: "a limit".to_owned(),
        kind: "tokens_per_day".to_owned(),
        scope_dimension: "user".to_owned(),
        scope_value: instance.scope_value.clone(),
        window_start_ms: instance.span.start_ms(),
        transition: Transition {
            sequence,
            previous: Severity::Warning,
            severity: Severity::Critical,
            reason: Reason::Threshold,
            used: 10,
            amount: 9,
            event_time_ms: NOON_MS,
            detected_at_ms: NOON_MS + 1,
            incomplete: false,
            incident_key: instance.incident_key(),
        },
    }
}

async fn keep(store: &Arc<dyn Store>, instance: &Instance) {
    let instances = vec![instance.clone()];
    store.change_alerts(AlertChanges { instances, ..AlertChanges::default() }).await.unwrap();
}

fn message(id: &str, incident: &str, position: u64, only_if_told: bool) -> OutgoingMessage {
    OutgoingMessage {
        message_id: id.to_owned(),
        message_type: "limit.warning".to_owned(),
        incident_key: incident.to_owned(),
        position,
        subject: "a limit".to_owned(),
        body: b"{}".to_vec(),
        only_if_told,
        created_at_ms: NOON_MS + position.cast_signed(),
    }
}

async fn tell(store: &Arc<dyn Store>, message: OutgoingMessage) {
    store.change_alerts(AlertChanges { messages: vec![message], ..AlertChanges::default() }).await.unwrap();
}

async fn due(store: &Arc<dyn Store>, at_ms: i64) -> Vec<String> {
    store.due(at_ms, 10).await.unwrap().into_iter().map(|due| due.message_id).collect()
}

#[tokio::test]
async fn messages_of_an_incident_keep_their_order() {
    let directory = tempfile::tempdir().unwrap();
    for store in stores(directory.path()).await {
        let channel = Channel {
            id: "c".to_owned(),
            kind: "webhook".to_owned(),
            name: "on call".to_owned(),
            url: "https://example.com/".to_owned(),
            secret: Secret::generate(),
            failing_since_ms: None,
            failed_attempts: 0,
            created_at_ms: NOON_MS,
        };
        tell(&store, message("unheard", "i", 1, false)).await;
        store.put_channel(&channel).await.unwrap();
        tell(&store, message("end of the unheard", "i", 2, true)).await;
        tell(&store, message("first", "j", 1, false)).await;
        tell(&store, message("second", "j", 2, true)).await;
        tell(&store, message("other", "k", 1, false)).await;
        let later = NOON_MS + 1_000;
        assert_eq!(due(&store, NOON_MS).await, Vec::<String>::new());
        assert_eq!(
            due(&store, later).await.into_iter().collect::<BTreeSet<_>>(),
            ["first", "other"].map(String::from).into()
        );
        assert_eq!(store.next_due_ms().await.unwrap(), Some(NOON_MS + 1));

        let attempt = Attempt {
            number: 1,
            at_ms: later,
            duration_ms: 5,
            status: Some(500),
            error: "status".to_owned(),
            response: "no".to_owned(),
        };
        store.record_attempt("first~c", &attempt, &Next::Retry { at_ms: later + 5_000 }).await.unwrap();
        assert_eq!(due(&store, later).await, ["other"], "the second waits for the first");
        let failing = store.channels().await.unwrap().remove(0).channel;
        assert_eq!((failing.failing_since_ms, failing.failed_attempts), (Some(later), 1));
        let again = Attempt { number: 2, status: Some(204), ..attempt.clone() };
        store.record_attempt("first~c", &again, &Next::Delivered).await.unwrap();
        let mended = store.channels().await.unwrap().remove(0).channel;
        assert_eq!((mended.failing_since_ms, mended.failed_attempts), (None, 0));
        store
            .record_attempt("other~c", &attempt, &Next::DisableChannel { reason: "gone".to_owned() })
            .await
            .unwrap();
        assert_eq!(due(&store, later).await, Vec::<String>::new(), "nothing goes to a channel that is off");
        let change = ChannelChange { enabled: Some(true), ..ChannelChange::default() };
        assert!(store.change_channel("c", &change).await.unwrap());
        assert_eq!(due(&store, later).await, ["second"]);

        for number in 0..5 {
            tell(&store, message(&format!("m{number}"), &format!("i{number}"), 1, false)).await;
        }
        assert_eq!(
            store.due(later, 3).await.unwrap().len(),
            3,
            "a channel with many does not hide the others"
        );
        for number in 0..5 {
            store.record_attempt(&format!("m{number}~c"), &attempt, &Next::Exhausted).await.unwrap();
        }

        assert!(store.redeliver("first~c", "again", later).await.unwrap());
        assert!(!store.redeliver("nothing", "again", later).await.unwrap());
        let mut deliveries = store.deliveries(10).await.unwrap();
        deliveries.retain(|known| !known.message_id.starts_with('m'));
        let states: Vec<_> = deliveries
            .iter()
            .map(|known| (known.id.as_str(), known.state.as_str(), known.attempts.len()))
            .collect();
        assert_eq!(
            states,
            [
                ("again", "pending", 0),
                ("second~c", "pending", 0),
                ("first~c", "delivered", 2),
                ("other~c", "exhausted", 1)
            ]
        );
        assert!(store.delete_channel("c").await.unwrap());
        assert!(!store.delete_channel("c").await.unwrap());
        assert_eq!(store.deliveries(1).await.unwrap()[0].state, "dropped");
        // Nothing goes on its way to where there is no channel any more.
        let under_way = Attempt { number: 1, ..attempt };
        store.record_attempt("second~c", &under_way, &Next::Retry { at_ms: later }).await.unwrap();
        assert_eq!(
            store.deliveries(10).await.unwrap().iter().filter(|known| known.state == "pending").count(),
            0
        );
        assert!(!store.redeliver("first~c", "once more", later).await.unwrap());
    }
}
