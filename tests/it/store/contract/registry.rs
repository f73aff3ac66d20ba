//! What every store keeps of limits and channels.

mod learned;

use domain::limits::{Limit, Scope, Source, kind};
use domain::usage::{EndpointClass, Endpoints};
use server::alert::outbox::{Attempt, Channel, Next};
use server::store::{ChannelChange, ChannelRecord, Store};
use vocabulary::Dimension;

use super::given::{channel, message, tell};
use crate::harness::tacho::NOON_MS;

contract! {
    limits_come_back_as_they_were_put_in_the_order_they_were_added,
    a_limit_is_replaced_where_it_stands,
    channels_come_back_as_they_were_put_in_the_order_they_were_added,
    each_field_of_a_channel_is_changed_by_itself,
    a_channel_that_is_removed_takes_what_waits_for_it_along,
}

/// A limit that uses every field.
fn limit(id: &str, scope: Scope) -> Limit {
    Limit {
        id: id.to_owned(),
        name: format!("{id}, a day"),
        kind: kind("tokens_per_day").unwrap(),
        amount: 1_000_000,
        scope,
        time_zone: Some("Asia/Seoul".to_owned()),
        warn_percent: 70,
        critical_percent: 95,
        source: Source::Typed,
        enabled: false,
        enforce: true,
        endpoints: Endpoints::of([EndpointClass::Messages, EndpointClass::Files]),
        revision: 3,
    }
}

async fn limits_come_back_as_they_were_put_in_the_order_they_were_added(store: &dyn Store) {
    assert_eq!(store.limits().await.unwrap(), []);
    let pool =
        Scope::Pool { organization: "o".to_owned(), workspace: "w".to_owned(), pool: "Opus 5".to_owned() };
    let limits = [
        (NOON_MS - 1, limit("d", Scope::Everything)),
        (NOON_MS, limit("a", Scope::One(Dimension::User, "u_1".to_owned()))),
        (NOON_MS, limit("c", Scope::Each(Dimension::Project))),
        (NOON_MS + 1, Limit { time_zone: None, enabled: true, enforce: false, ..limit("b", pool) }),
    ];
    for place in [2, 3, 0, 1] {
        let (now_ms, limit) = &limits[place];
        store.put_limit(limit, *now_ms).await.unwrap();
    }
    assert_eq!(store.limits().await.unwrap(), limits.map(|(_, limit)| limit));
}

async fn a_limit_is_replaced_where_it_stands(store: &dyn Store) {
    for id in ["a", "b", "c"] {
        store.put_limit(&limit(id, Scope::Everything), NOON_MS).await.unwrap();
    }
    let other = Limit {
        name: "another".to_owned(),
        kind: kind("requests_per_minute").unwrap(),
        amount: 7,
        time_zone: None,
        warn_percent: 1,
        critical_percent: 2,
        source: Source::Learned,
        enabled: true,
        enforce: false,
        endpoints: Endpoints::default(),
        revision: 4,
        ..limit("b", Scope::One(Dimension::Model, "m".to_owned()))
    };
    store.put_limit(&other, NOON_MS + 5).await.unwrap();
    let (a, c) = (limit("a", Scope::Everything), limit("c", Scope::Everything));
    assert_eq!(store.limits().await.unwrap(), [a.clone(), other, c.clone()]);
    assert!(store.delete_limit("b").await.unwrap());
    assert!(!store.delete_limit("b").await.unwrap());
    assert_eq!(store.limits().await.unwrap(), [a, c]);
}

/// All that a channel says.
fn said(record: &ChannelRecord) -> (&str, &str, &str, &str, &str, Option<i64>, u32, i64, bool) {
    let Channel { id, kind, name, url, secret, failing_since_ms, failed_attempts, created_at_ms } =
        &record.channel;
    (
        id,
        kind,
        name,
        url,
        secret.reveal(),
        *failing_since_ms,
        *failed_attempts,
        *created_at_ms,
        record.enabled,
    )
}

fn on(channel: &Channel) -> ChannelRecord {
    ChannelRecord { channel: channel.clone(), enabled: true, disabled_reason: None, pending: 0 }
}

async fn channels_come_back_as_they_were_put_in_the_order_they_were_added(store: &dyn Store) {
    assert!(store.channels().await.unwrap().is_empty());
    let channels = [
        Channel { created_at_ms: NOON_MS - 1, ..channel("c") },
        channel("a"),
        Channel { failing_since_ms: Some(NOON_MS), failed_attempts: 3, ..channel("b") },
    ];
    for place in [2, 0, 1] {
        store.put_channel(&channels[place]).await.unwrap();
    }
    let kept = store.channels().await.unwrap();
    let put: Vec<ChannelRecord> = channels.iter().map(on).collect();
    assert_eq!(kept.iter().map(said).collect::<Vec<_>>(), put.iter().map(said).collect::<Vec<_>>());
    assert!(kept.iter().all(|record| record.disabled_reason.is_none() && record.pending == 0));
    store.put_channel(&channel("a")).await.expect_err("there is one");
    assert_eq!(store.channels().await.unwrap().len(), 3);
}

/// What an attempt has left of a channel that fails.
async fn failing(store: &dyn Store, number: u32) {
    let error = "timeout".to_owned();
    let attempt =
        Attempt { number, at_ms: NOON_MS, duration_ms: 1, status: None, error, response: String::new() };
    let gone = Next::DisableChannel { reason: "gone".to_owned() };
    store.record_attempt("m~c", &attempt, &gone).await.unwrap();
}

async fn each_field_of_a_channel_is_changed_by_itself(store: &dyn Store) {
    let mut known = channel("c");
    store.put_channel(&known).await.unwrap();
    store.put_channel(&channel("d")).await.unwrap();
    let untouched = store.channels().await.unwrap().remove(1);
    tell(store, message("m", "i", 1, false)).await;
    failing(store, 1).await;
    let nothing = ChannelChange::default();
    assert!(!store.change_channel("e", &nothing).await.unwrap());
    let now = async || store.channels().await.unwrap().remove(0);
    known.failing_since_ms = Some(NOON_MS);
    known.failed_attempts = 1;
    let off = ChannelRecord { enabled: false, ..on(&known) };
    for (change, expected, reason) in [
        (nothing.clone(), off.clone(), Some("gone")),
        (
            ChannelChange { name: Some("new".to_owned()), ..nothing.clone() },
            ChannelRecord { channel: Channel { name: "new".to_owned(), ..known.clone() }, ..off.clone() },
            Some("gone"),
        ),
        (
            ChannelChange { name: Some(known.name.clone()), enabled: Some(false), ..nothing.clone() },
            off,
            Some("gone"),
        ),
    ] {
        assert!(store.change_channel("c", &change).await.unwrap());
        assert_eq!(
            (said(&now().await), now().await.disabled_reason.as_deref()),
            (said(&expected), reason),
            "{change:?}"
        );
    }
    // At a new address it begins anew; whether it is on is for whoever switched it off.
    known.url = "https://example.org/".to_owned();
    (known.failing_since_ms, known.failed_attempts) = (None, 0);
    let moved = ChannelChange { url: Some(known.url.clone()), ..nothing.clone() };
    assert!(store.change_channel("c", &moved).await.unwrap());
    assert_eq!(said(&now().await), said(&ChannelRecord { enabled: false, ..on(&known) }));
    assert_eq!(now().await.disabled_reason.as_deref(), Some("gone"));
    failing(store, 2).await;
    assert!(store.change_channel("c", &ChannelChange { enabled: Some(true), ..nothing }).await.unwrap());
    assert_eq!(said(&now().await), said(&on(&known)));
    assert_eq!(now().await.disabled_reason, None);
    assert_eq!(said(&store.channels().await.unwrap()[1]), said(&untouched));
}

async fn a_channel_that_is_removed_takes_what_waits_for_it_along(store: &dyn Store) {
    for id in ["c", "d"] {
        store.put_channel(&channel(id)).await.unwrap();
    }
    tell(store, message("m", "i", 1, false)).await;
    tell(store, message("n", "i", 2, false)).await;
    failing(store, 1).await;
    let pending: Vec<u64> = store.channels().await.unwrap().iter().map(|record| record.pending).collect();
    assert_eq!(pending, [1, 2]);
    assert!(store.delete_channel("c").await.unwrap());
    assert!(!store.delete_channel("c").await.unwrap());
    let left: Vec<String> =
        store.channels().await.unwrap().into_iter().map(|record| record.channel.id).collect();
    assert_eq!(left, ["d"]);
    let mut states: Vec<_> = store
        .deliveries(9)
        .await
        .unwrap()
        .into_iter()
        .map(|delivery| (delivery.id, delivery.state))
        .collect();
    states.sort();
    let expected = [("m~c", "exhausted"), ("m~d", "pending"), ("n~c", "dropped"), ("n~d", "pending")];
    assert_eq!(states, expected.map(|(id, state)| (id.to_owned(), state.to_owned())));
}
