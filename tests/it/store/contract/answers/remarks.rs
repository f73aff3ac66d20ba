//! What of events could not be taken as it was given, as stores tell it.

use domain::usage::RemarkCode;
use proptest::prelude::*;
use serde_json::{Value, json};
use server::store::{AlertChanges, Entry, Remarked, RemarkedField, Store};

use super::super::super::stored;
use crate::harness::tacho::NOON_MS;

contract! {
    events_are_counted_by_what_was_remarked_on_them_and_by_field,
    of_very_many_fields_the_most_frequent_are_told_of,
}

/// What may have been remarked on an event; nothing on most.
pub fn remarks() -> impl Strategy<Value = Value> {
    let remark =
        (prop::sample::select(RemarkCode::ALL.to_vec()), prop::sample::select(vec!["user", "speed", "a"]));
    let remark = remark.prop_map(|(code, field)| json!({ "code": code.word(), "field": field }));
    prop_oneof![2 => Just(json!([])), 1 => prop::collection::vec(remark, 1..4).prop_map(Value::from)]
}

fn event(id: &str, at_ms: i64, remarks: &[(&str, &str)]) -> Entry {
    let remarks: Vec<_> =
        remarks.iter().map(|(code, field)| json!({ "code": code, "field": field })).collect();
    stored(&json!({ "id": id, "at": at_ms, "model": "m", "remarks": remarks }))
}

async fn events_are_counted_by_what_was_remarked_on_them_and_by_field(store: &dyn Store) {
    let unreadable = "usage_unreadable";
    let batch = [
        event("a", NOON_MS, &[(unreadable, "speed"), (unreadable, "service_tier")]),
        event("b", NOON_MS, &[(unreadable, "speed"), ("cut", "user")]),
        event("before", NOON_MS - 1, &[(unreadable, "speed")]),
        event("plain", NOON_MS, &[]),
    ];
    assert_eq!(store.remarked(0).await.unwrap(), []);
    store.ingest(&batch, &mut |_: &[&Entry]| AlertChanges::default()).await.unwrap();
    let field = |field: &str, events| RemarkedField { field: field.to_owned(), events };
    assert_eq!(
        store.remarked(NOON_MS).await.unwrap(),
        [
            Remarked { code: RemarkCode::Cut, events: 1, fields: vec![field("user", 1)] },
            Remarked {
                code: RemarkCode::UsageUnreadable,
                events: 2,
                fields: vec![field("speed", 2), field("service_tier", 1)],
            },
        ]
    );
    assert_eq!(store.remarked(0).await.unwrap()[1].events, 3);
    assert_eq!(store.remarked(NOON_MS + 1).await.unwrap(), []);
}

async fn of_very_many_fields_the_most_frequent_are_told_of(store: &dyn Store) {
    let names: Vec<String> = (0..30).map(|number| format!("f{number:02}")).collect();
    let once = names.iter().enumerate().map(|(place, name)| event(name, NOON_MS, &[("cut", &names[place])]));
    let batch: Vec<Entry> = once.chain([event("again", NOON_MS, &[("cut", "f29")])]).collect();
    store.ingest(&batch, &mut |_: &[&Entry]| AlertChanges::default()).await.unwrap();
    let [cut] = &store.remarked(0).await.unwrap()[..] else { panic!("one code") };
    assert_eq!((cut.events, cut.fields.len()), (31, 20));
    assert_eq!((cut.fields[0].field.as_str(), cut.fields[0].events), ("f29", 2));
}
