//! What every store hands to the dispatcher, and what it notes of each attempt.

use std::collections::BTreeSet;

use server::alert::outbox::{Attempt, Next};
use server::store::{ChannelChange, Store};

use super::given::{channel, message, tell};
use crate::harness::tacho::NOON_MS;

contract! {
    messages_of_an_incident_keep_their_order,
    what_is_due_is_told_with_all_that_sending_takes,
    the_longest_due_come_first_and_so_many_of_each_channel,
    attempts_are_numbered_and_kept,
    a_channel_that_is_switched_off_says_why,
}

async fn due(store: &dyn Store, at_ms: i64) -> Vec<String> {
    store.due(at_ms, 10).await.unwrap().into_iter().map(|due| due.message_id).collect()
}

fn attempt(number: u32, at_ms: i64) -> Attempt {
    Attempt {
        number,
        at_ms,
        duration_ms: 5 + u64::from(number),
        status: Some(500),
        error: "status".to_owned(),
        response: format!("no {number}"),
    }
}

async fn messages_of_an_incident_keep_their_order(store: &dyn Store) {
    tell(store, message("unheard", "i", 1, false)).await;
    store.put_channel(&channel("c")).await.unwrap();
    tell(store, message("end of the unheard", "i", 2, true)).await;
    tell(store, message("first", "j", 1, false)).await;
    tell(store, message("second", "j", 2, true)).await;
    tell(store, message("other", "k", 1, false)).await;
    let later = NOON_MS + 1_000;
    assert_eq!(due(store, NOON_MS).await, Vec::<String>::new());
    assert_eq!(
        due(store, later).await.into_iter().collect::<BTreeSet<_>>(),
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
    assert_eq!(due(store, later).await, ["other"], "the second waits for the first");
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
    assert_eq!(due(store, later).await, Vec::<String>::new(), "nothing goes to a channel that is off");
    let change = ChannelChange { enabled: Some(true), ..ChannelChange::default() };
    assert!(store.change_channel("c", &change).await.unwrap());
    assert_eq!(due(store, later).await, ["second"]);

    for number in 0..5 {
        tell(store, message(&format!("m{number}"), &format!("i{number}"), 1, false)).await;
    }
    assert_eq!(store.due(later, 3).await.unwrap().len(), 3, "a channel with many does not hide the others");
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

async fn what_is_due_is_told_with_all_that_sending_takes(store: &dyn Store) {
    assert_eq!(store.next_due_ms().await.unwrap(), None);
    let known = channel("c");
    store.put_channel(&known).await.unwrap();
    let mut sent = message("m", "i", 1, false);
    sent.body = b"{\"a\":\"\x00\xff\"}".to_vec();
    tell(store, sent.clone()).await;
    assert_eq!(store.next_due_ms().await.unwrap(), Some(NOON_MS + 1));
    assert!(store.due(NOON_MS, 10).await.unwrap().is_empty());
    let [due] = &store.due(NOON_MS + 1, 10).await.unwrap()[..] else { panic!("one is due") };
    assert_eq!((due.delivery_id.as_str(), &due.message_id, &due.body), ("m~c", &sent.message_id, &sent.body));
    assert_eq!((due.attempt_number, due.first_attempt_at_ms), (1, None));
    assert_eq!((&due.channel.id, &due.channel.url), (&known.id, &known.url));
    assert_eq!((&due.channel.kind, &due.channel.name), (&known.kind, &known.name));
    assert_eq!(due.channel.secret.reveal(), known.secret.reveal());
    let retry = Next::Retry { at_ms: NOON_MS + 60 };
    store.record_attempt("m~c", &attempt(1, NOON_MS + 3), &retry).await.unwrap();
    assert_eq!(store.next_due_ms().await.unwrap(), Some(NOON_MS + 60));
    store
        .record_attempt("m~c", &attempt(2, NOON_MS + 61), &Next::Retry { at_ms: NOON_MS + 99 })
        .await
        .unwrap();
    let [due] = &store.due(NOON_MS + 99, 10).await.unwrap()[..] else { panic!("one is due") };
    assert_eq!((due.attempt_number, due.first_attempt_at_ms), (3, Some(NOON_MS + 3)));
    assert_eq!((due.channel.failing_since_ms, due.channel.failed_attempts), (Some(NOON_MS + 3), 2));
    store.record_attempt("m~c", &attempt(3, NOON_MS + 99), &Next::Delivered).await.unwrap();
    assert_eq!(store.next_due_ms().await.unwrap(), None);
}

async fn the_longest_due_come_first_and_so_many_of_each_channel(store: &dyn Store) {
    for id in ["b", "a"] {
        store.put_channel(&channel(id)).await.unwrap();
    }
    for position in [3, 1, 2] {
        tell(store, message(&format!("m{position}"), &format!("i{position}"), position, false)).await;
    }
    let ids = async |per_channel| -> Vec<String> {
        let due = store.due(NOON_MS + 9, per_channel).await.unwrap();
        due.into_iter().map(|due| due.delivery_id).collect()
    };
    assert_eq!(ids(9).await, ["m1~a", "m1~b", "m2~a", "m2~b", "m3~a", "m3~b"]);
    assert_eq!(ids(2).await, ["m1~a", "m1~b", "m2~a", "m2~b"]);
    assert_eq!(ids(0).await, Vec::<String>::new());
    let off = ChannelChange { enabled: Some(false), ..ChannelChange::default() };
    store.change_channel("a", &off).await.unwrap();
    assert_eq!(ids(1).await, ["m1~b"]);
    assert_eq!(store.next_due_ms().await.unwrap(), Some(NOON_MS + 1));
    store.change_channel("b", &off).await.unwrap();
    assert_eq!(store.next_due_ms().await.unwrap(), None);
}

async fn attempts_are_numbered_and_kept(store: &dyn Store) {
    store.put_channel(&channel("c")).await.unwrap();
    tell(store, message("m", "i", 1, false)).await;
    tell(store, message("n", "j", 1, false)).await;
    let made =
        [attempt(1, NOON_MS + 3), Attempt { status: None, error: String::new(), ..attempt(2, NOON_MS + 9) }];
    for made in &made {
        store.record_attempt("m~c", made, &Next::Retry { at_ms: made.at_ms + 5 }).await.unwrap();
    }
    store.record_attempt("m~c", &made[0], &Next::Exhausted).await.expect_err("it is noted already");
    let of = async |id: &str| {
        store.deliveries(10).await.unwrap().into_iter().find(|delivery| delivery.id == id).unwrap()
    };
    let tried = of("m~c").await;
    assert_eq!((tried.state.as_str(), tried.next_attempt_at_ms), ("pending", Some(NOON_MS + 14)));
    assert_eq!(tried.attempts, made);
    assert_eq!(of("n~c").await.attempts, []);
    store.record_attempt("m~c", &attempt(3, NOON_MS + 15), &Next::Exhausted).await.unwrap();
    let given_up = of("m~c").await;
    assert_eq!((given_up.state.as_str(), given_up.next_attempt_at_ms), ("exhausted", None));
    // What is over stays so.
    store.record_attempt("m~c", &attempt(4, NOON_MS + 16), &Next::Retry { at_ms: NOON_MS }).await.unwrap();
    assert_eq!(of("m~c").await.state, "exhausted");
    assert_eq!(due(store, NOON_MS + 99).await, ["n"]);
}

async fn a_channel_that_is_switched_off_says_why(store: &dyn Store) {
    for id in ["a", "b"] {
        store.put_channel(&channel(id)).await.unwrap();
    }
    tell(store, message("m", "i", 1, false)).await;
    let why = Next::DisableChannel { reason: "410 Gone".to_owned() };
    store.record_attempt("m~a", &attempt(1, NOON_MS + 3), &why).await.unwrap();
    let [a, b] = &store.channels().await.unwrap()[..] else { panic!("two channels") };
    assert_eq!((a.enabled, a.disabled_reason.as_deref(), a.pending), (false, Some("410 Gone"), 0));
    assert_eq!((a.channel.failing_since_ms, a.channel.failed_attempts), (Some(NOON_MS + 3), 1));
    assert_eq!((b.enabled, b.disabled_reason.as_deref(), b.pending), (true, None, 1));
    assert_eq!((b.channel.failing_since_ms, b.channel.failed_attempts), (None, 0));
    assert_eq!(due(store, NOON_MS + 99).await, ["m"]);
}
