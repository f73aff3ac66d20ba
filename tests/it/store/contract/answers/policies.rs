//! What policies did, as stores tell it.

use domain::usage::Policy;
use proptest::prelude::*;
use serde_json::{Value, json};
use server::store::{AlertChanges, Entry, PolicyActions, Store};
use vocabulary::{Dimension, Filter};

use super::super::super::{HOUR_MS, stored};
use crate::harness::tacho::NOON_MS;

contract! {
    each_policy_is_credited_with_what_it_did_and_nothing_else,
}

/// What policies may have done with an event; nothing for most events.
pub fn handled() -> impl Strategy<Value = Option<Value>> {
    let policies =
        prop::sample::subsequence(Policy::ALL.iter().map(|policy| policy.word()).collect::<Vec<_>>(), 0..4);
    let fields = (policies, prop::option::of(0..2_000u64), any::<bool>());
    let fields = fields.prop_map(|(policies, waited_ms, answered_here)| {
        json!({ "policies": policies, "waited_ms": waited_ms, "answered_here": answered_here })
    });
    prop::option::of(fields)
}

/// The event with what was done with it.
pub fn with(handled: Option<Value>, mut event: Value) -> Value {
    if let (Some(Value::Object(handled)), Value::Object(event)) = (handled, &mut event) {
        event.extend(handled);
    }
    event
}

/// Stretches of time and filters.
pub fn questions() -> Vec<(i64, i64, Vec<Filter>)> {
    let filter = |dimension, value: &str| Filter::only(dimension, value);
    vec![
        (i64::MIN, i64::MAX, vec![]),
        (NOON_MS - 20 * HOUR_MS, NOON_MS - HOUR_MS, vec![]),
        (i64::MIN, i64::MAX, vec![filter(Dimension::Project, "a"), filter(Dimension::Session, "s_1")]),
        (
            i64::MIN,
            i64::MAX,
            vec![Filter::except(Dimension::Project, "a"), filter(Dimension::Session, "s_1")],
        ),
    ]
}

fn event(id: String, handled: Value) -> Entry {
    stored(&with(Some(handled), json!({ "id": id, "at": NOON_MS, "model": "m", "status": 200 })))
}

async fn each_policy_is_credited_with_what_it_did_and_nothing_else(store: &dyn Store) {
    let mut batch = Vec::new();
    for number in 1..=100 {
        let queued = json!({ "policies": ["queue"], "waited_ms": number * 10 });
        batch.push(event(format!("waited {number}"), queued));
    }
    for (id, handled) in [
        ("at once", json!({ "policies": ["queue"], "waited_ms": 0 })),
        ("again", json!({ "policies": ["queue", "retry"], "waited_ms": 0 })),
        ("again, in vain", json!({ "policies": ["queue", "retry"], "answered_here": true, "status": 429 })),
        ("gone", json!({ "policies": ["queue"], "answered_here": true, "status": null })),
        ("hit", json!({ "policies": ["cache"], "answered_here": true })),
        ("too soon", json!({ "policies": ["cooldown"], "answered_here": true, "status": 429 })),
        ("over", json!({ "policies": ["enforce"], "answered_here": true, "status": 429 })),
        ("plain", json!({})),
    ] {
        batch.push(event(id.to_owned(), handled));
    }
    assert_eq!(store.policy_actions(0, i64::MAX, &[]).await.unwrap(), []);
    store.ingest(&batch, &mut |_: &[&Entry]| AlertChanges::default()).await.unwrap();
    let did = PolicyActions::none;
    assert_eq!(
        store.policy_actions(NOON_MS, NOON_MS + 1, &[]).await.unwrap(),
        [
            PolicyActions {
                refused: 1,
                given_up: 1,
                waited: 100,
                wait_p50_ms: Some(500),
                wait_p99_ms: Some(990),
                ..did(Policy::Queue)
            },
            PolicyActions { retries: 1, ..did(Policy::Retry) },
            PolicyActions { answered: 1, ..did(Policy::Cache) },
            PolicyActions { refused: 1, ..did(Policy::Cooldown) },
            PolicyActions { refused: 1, ..did(Policy::Enforce) },
        ]
    );
    assert_eq!(store.policy_actions(NOON_MS + 1, i64::MAX, &[]).await.unwrap(), []);
    assert_eq!(store.policy_actions(0, NOON_MS, &[]).await.unwrap(), []);
}
