//! What every store does with events, with what was refused, and with when Tacho ran.

mod runs;
mod sums;

use domain::alert::machine::Instance;
use domain::alert::span::Span;
use domain::usage::{
    ApiFailure, Dimensions, EndpointClass, Event, EventKey, Handling, Iteration, NanoUsd, Outcome, Policy,
    RemarkCode, Remarks, ServiceTier, Usage,
};
use serde_json::{Value, json};
use server::store::{
    AlertChanges, Corrected, Entry, EventQuery, Fate, KEPT_REFUSALS, LONG_MS, RefusalRecord, SeriesQuery,
    SeriesSource, Store, StoredEvent, ToldTransition, plan,
};
use vocabulary::{Dimension, Filter};

use self::sums::requests;
use super::given::{store_all, told};
use crate::harness::tacho::NOON_MS;
use crate::store::corrections::{Change, all_events, correct, ingest};
use crate::store::{HOUR_MS, MINUTE_MS, stored};

contract! {
    an_empty_store_holds_nothing,
    an_event_comes_back_as_it_was_reported,
    the_same_again_changes_nothing_and_other_content_is_a_conflict,
    events_are_told_newest_first_and_page_by_page,
    the_first_event_and_when_each_came_in_are_known,
    the_judge_is_asked_once_about_what_is_new_and_counts,
    events_are_stored_with_what_is_made_of_them_or_not_at_all,
    refusals_are_told_since_a_time_the_latest_first,
    of_refusals_the_latest_are_kept,
    finding_out_whether_there_is_room_leaves_nothing_behind,
    what_it_writes_itself_is_not_written_by_others,
}

async fn an_empty_store_holds_nothing(store: &dyn Store) {
    assert!(!store.has_events().await.unwrap());
    assert_eq!(store.earliest_event().await.unwrap(), None);
    assert_eq!(store.received_at_ms(EventKey([0; 16])).await.unwrap(), None);
    assert_eq!(store.events(&all_events()).await.unwrap(), []);
    let query = plan::query(&[], &[], NOON_MS, NOON_MS + HOUR_MS, HOUR_MS);
    assert_eq!(store.series(&query).await.unwrap(), []);
    assert_eq!(store.series(&SeriesQuery { source: SeriesSource::Raw, ..query }).await.unwrap(), []);
    assert_eq!(store.refusals(i64::MIN).await.unwrap(), []);
    let check = store.check().await.unwrap();
    assert_eq!((check.events, check.problems), (0, vec![]));
    assert_eq!(store.ingest(&[], &mut |_: &[&Entry]| panic!("nothing is new")).await.unwrap(), []);
}

fn usage(first: u64) -> Usage {
    Usage {
        input_tokens: Some(first),
        cache_write_5m_tokens: Some(first + 1),
        cache_write_1h_tokens: None,
        cache_read_tokens: Some(first + 2),
        output_tokens: Some(first + 3),
        web_search_requests: first + 4,
    }
}

/// An event with something in every field.
fn whole(id: &str) -> Entry {
    let mut handling = Handling::stored(0, Some(17), false);
    handling.note(Policy::Queue);
    handling.note(Policy::Retry);
    let mut remarks = Remarks::default();
    remarks.note(RemarkCode::Cut, "user");
    let event = Event {
        id: id.to_owned(),
        at_ms: NOON_MS - 5,
        at_assigned: true,
        received_at_ms: NOON_MS,
        duration_ms: Some(4_000),
        ttft_ms: Some(300),
        endpoint: "files".to_owned(),
        endpoint_class: EndpointClass::Files,
        stream: true,
        status: Some(529),
        outcome: Outcome::Unreachable,
        failure: Some(ApiFailure { kind: "overloaded_error".to_owned(), code: "ramp".to_owned() }),
        stop_reason: "refusal".to_owned(),
        max_tokens: Some(4_096),
        attempt: 2,
        handling,
        usage: usage(10),
        estimated: true,
        iterations: vec![
            Iteration { kind: "compaction".to_owned(), model: Some("m".to_owned()), usage: usage(20) },
            Iteration { kind: "message".to_owned(), model: None, usage: Usage::default() },
        ],
        service_tier: ServiceTier::Priority,
        fast: true,
        geo_us: true,
        dimensions: Dimensions {
            model: "claude-opus-5".to_owned(),
            project: "p".to_owned(),
            feature: "f".to_owned(),
            user: "u".to_owned(),
            session: "s".to_owned(),
            api_key: "k".to_owned(),
            workspace: "w".to_owned(),
            organization: "o".to_owned(),
            labels: [("b".to_owned(), "2".to_owned()), ("a".to_owned(), "\"1\"".to_owned())].into(),
        },
        remarks,
    };
    let key = EventKey::new("p", id);
    Entry { event, key, digest: [255; 8], cost: Some(NanoUsd(12_345)), observation: None, hold: None }
}

async fn an_event_comes_back_as_it_was_reported(store: &dyn Store) {
    let full = whole("full");
    let bare = Entry {
        event: Event { id: "bare".to_owned(), at_ms: NOON_MS - 9, ..Event::default() },
        key: EventKey::new("", "bare"),
        cost: None,
        ..full.clone()
    };
    let mut batch = vec![full, bare];
    for (number, outcome) in (0..).zip(Outcome::ALL) {
        let mut other = whole(&format!("outcome {number}"));
        other.event.outcome = outcome;
        other.event.at_ms -= 10 + number;
        batch.push(other);
    }
    for (number, tier) in (0..).zip([ServiceTier::Standard, ServiceTier::Priority, ServiceTier::Batch]) {
        let mut other = whole(&format!("tier {number}"));
        other.event.service_tier = tier;
        other.event.handling.answered_here = number == 1;
        other.event.at_ms -= 20 + number;
        batch.push(other);
    }
    for (number, class) in (0..).zip(EndpointClass::ALL) {
        let mut other = whole(&format!("class {number}"));
        other.event.endpoint_class = class;
        other.event.at_ms -= 30 + number;
        batch.push(other);
    }
    store_all(store, &batch).await;
    let mut expected: Vec<StoredEvent> =
        batch.into_iter().map(|Entry { event, key, cost, .. }| StoredEvent { key, event, cost }).collect();
    expected.sort_by_key(|stored| std::cmp::Reverse(stored.event.at_ms));
    assert_eq!(store.events(&all_events()).await.unwrap(), expected);
    assert_eq!(store.earliest_event().await.unwrap().as_ref(), expected.last());
}

async fn the_same_again_changes_nothing_and_other_content_is_a_conflict(store: &dyn Store) {
    let first = stored(&serde_json::json!({ "id": "a", "at": NOON_MS, "model": "m" }));
    let other = stored(&serde_json::json!({ "id": "a", "at": NOON_MS, "model": "another" }));
    let batch = [first.clone(), first.clone(), other.clone()];
    let mut judge = |_: &[&Entry]| AlertChanges::default();
    let fates = store.ingest(&batch, &mut judge).await.unwrap();
    assert_eq!(fates, [Fate::Accepted, Fate::Duplicate, Fate::Conflict]);
    assert_eq!(store.ingest(&[first, other], &mut judge).await.unwrap(), [Fate::Duplicate, Fate::Conflict]);
    assert_eq!(store.check().await.unwrap().events, 1);
}

fn ids(events: &[StoredEvent]) -> Vec<&str> {
    events.iter().map(|stored| stored.event.id.as_str()).collect()
}

async fn events_are_told_newest_first_and_page_by_page(store: &dyn Store) {
    let item = |id: &str, at_ms: i64, user: &str, model: &str, duration_ms: i64| json!({ "id": id, "at": at_ms, "model": model, "user": user, "session": user, "duration_ms": duration_ms });
    let items = [
        item("a", NOON_MS - 2, "u_1", "m", LONG_MS),
        item("b", NOON_MS - 1, "u_2", "m", LONG_MS - 1),
        item("c", NOON_MS - 1, "u_1", "n", LONG_MS + 1),
        item("d", NOON_MS, "u_3", "o", 0),
    ];
    ingest(store, &items).await;
    let all = store.events(&all_events()).await.unwrap();
    // Of those of one time the order is that of their keys.
    assert!(all.is_sorted_by(|newer, older| (newer.event.at_ms, newer.key) > (older.event.at_ms, older.key)));
    assert_eq!((ids(&all)[0], ids(&all)[3]), ("d", "a"));
    let filter = |dimension, value: &str| Filter::only(dimension, value);
    let except = |dimension, value: &str| Filter::except(dimension, value);
    let by = |filters| EventQuery { filters, ..all_events() };
    for (query, expected) in [
        (EventQuery { from_ms: NOON_MS - 1, to_ms: NOON_MS, ..all_events() }, vec!["b", "c"]),
        (EventQuery { only_long: true, ..all_events() }, vec!["a", "c"]),
        (by(vec![filter(Dimension::User, "u_1")]), vec!["a", "c"]),
        (by(vec![filter(Dimension::User, "u_1"), filter(Dimension::User, "u_3")]), vec!["a", "c", "d"]),
        (by(vec![filter(Dimension::Session, "u_1"), filter(Dimension::Model, "n")]), vec!["c"]),
        (by(vec![filter(Dimension::Project, "p")]), vec![]),
        (by(vec![except(Dimension::User, "u_1")]), vec!["b", "d"]),
        (by(vec![except(Dimension::User, "u_1"), except(Dimension::User, "u_3")]), vec!["b"]),
        (by(vec![except(Dimension::User, "u_1"), except(Dimension::Model, "o")]), vec!["b"]),
        (by(vec![except(Dimension::User, "u_1"), filter(Dimension::Model, "m")]), vec!["b"]),
        (by(vec![filter(Dimension::Session, "u_1"), except(Dimension::Session, "u_1")]), vec![]),
        (by(vec![except(Dimension::Session, "u_1")]), vec!["b", "d"]),
        (by(vec![except(Dimension::Project, "p")]), vec!["a", "b", "c", "d"]),
        (by(vec![except(Dimension::Project, "")]), vec![]),
    ] {
        let told = store.events(&query).await.unwrap();
        let mut told = ids(&told);
        told.sort_unstable();
        assert_eq!(told, expected, "{query:?}");
    }
    for size in 1..4 {
        let mut query = EventQuery { limit: size, ..all_events() };
        let mut read = Vec::new();
        loop {
            let page = store.events(&query).await.unwrap();
            assert!(page.len() <= size as usize);
            let Some(last) = page.last() else { break };
            query.before = Some((last.event.at_ms, last.key));
            read.extend(page);
        }
        assert_eq!(read, all);
    }
}

async fn the_first_event_and_when_each_came_in_are_known(store: &dyn Store) {
    ingest(store, &[json!({ "id": "b", "at": NOON_MS, "model": "m" })]).await;
    ingest(store, &[json!({ "id": "a", "at": NOON_MS - 1, "model": "m", "policies": ["cache"], "answered_here": true })])
        .await;
    assert!(store.has_events().await.unwrap());
    assert_eq!(store.earliest_event().await.unwrap().unwrap().event.id, "a");
    let key = EventKey::new("", "a");
    assert_eq!(store.received_at_ms(key).await.unwrap(), Some(NOON_MS));
    assert_eq!(store.received_at_ms(EventKey::new("p", "a")).await.unwrap(), None);
    assert_eq!(store.check().await.unwrap().events, 1, "what Tacho has answered itself counts nowhere");
    let deletion = Change::Delete { id: "a".to_owned(), project: None };
    assert_eq!(correct(store, &[deletion]).await, [Corrected::Changed]);
    assert_eq!(store.received_at_ms(key).await.unwrap(), None);
    assert_eq!(store.earliest_event().await.unwrap().unwrap().event.id, "b");
}

fn entry(id: &str, more: &Value) -> Entry {
    let mut item = json!({ "id": id, "at": NOON_MS, "model": "m" });
    item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    stored(&item)
}

async fn the_judge_is_asked_once_about_what_is_new_and_counts(store: &dyn Store) {
    let here = entry("here", &json!({ "policies": ["cache"], "answered_here": true }));
    let batch = [entry("b", &json!({})), entry("a", &json!({})), here, entry("a", &json!({}))];
    let mut asked: Vec<Vec<String>> = Vec::new();
    for _ in 0..2 {
        let mut judge = |fresh: &[&Entry]| {
            asked.push(fresh.iter().map(|entry| entry.event.id.clone()).collect());
            AlertChanges::default()
        };
        store.ingest(&batch, &mut judge).await.unwrap();
    }
    assert_eq!(asked, [["b", "a"]]);
}

async fn events_are_stored_with_what_is_made_of_them_or_not_at_all(store: &dyn Store) {
    let firing = Instance { sequence: 1, ..Instance::new("l_1", "", Span::Rolling) };
    let mut judge = |_: &[&Entry]| AlertChanges {
        instances: vec![firing.clone()],
        transitions: vec![told(&firing, 1)],
        ..AlertChanges::default()
    };
    let first = entry("a", &json!({ "user": "u_1" }));
    assert_eq!(store.ingest(&[first], &mut judge).await.unwrap(), [Fate::Accepted]);
    assert_eq!(store.open_instances().await.unwrap(), std::slice::from_ref(&firing));
    let transitions = store.transitions(9, None).await.unwrap();
    assert_eq!(transitions, [ToldTransition { record: told(&firing, 1), open_at: None }]);
    // By a number that is taken.
    let second = [entry("b", &json!({ "user": "u_2", "session": "s_2" }))];
    store.ingest(&second, &mut judge).await.expect_err("the transition is there already");
    assert_eq!(ids(&store.events(&all_events()).await.unwrap()), ["a"]);
    assert_eq!(store.received_at_ms(second[0].key).await.unwrap(), None);
    let query = plan::query(&[Dimension::User], &[], NOON_MS, NOON_MS + MINUTE_MS, MINUTE_MS);
    assert_eq!(requests(store, &query).await, [(NOON_MS, "u_1".to_owned(), 1)]);
    // It is as if it had never come.
    let fates = store.ingest(&second, &mut |_: &[&Entry]| AlertChanges::default()).await.unwrap();
    assert_eq!(fates, [Fate::Accepted]);
    assert_eq!(requests(store, &query).await.len(), 2);
    let check = store.check().await.unwrap();
    assert_eq!((check.events, check.problems), (2, vec![]));
}

fn refusal(number: usize) -> RefusalRecord {
    RefusalRecord {
        received_at_ms: NOON_MS + number as i64,
        api_key_public: format!("k{number}"),
        code: "id_missing".to_owned(),
        message: format!("an event without an id \u{1f980} {number}"),
        items: number as u64 + 1,
    }
}

async fn refusals_are_told_since_a_time_the_latest_first(store: &dyn Store) {
    store.record_refusals(&[refusal(5), refusal(1)]).await.unwrap();
    store.record_refusals(&[]).await.unwrap();
    store.record_refusals(&[refusal(3)]).await.unwrap();
    assert_eq!(store.refusals(NOON_MS).await.unwrap(), [refusal(3), refusal(1), refusal(5)]);
    assert_eq!(store.refusals(NOON_MS + 3).await.unwrap(), [refusal(3), refusal(5)]);
    assert_eq!(store.refusals(NOON_MS + 6).await.unwrap(), []);
}

async fn of_refusals_the_latest_are_kept(store: &dyn Store) {
    let many: Vec<RefusalRecord> = (0..KEPT_REFUSALS + 2).map(refusal).collect();
    store.record_refusals(&many[..KEPT_REFUSALS]).await.unwrap();
    assert_eq!(store.refusals(0).await.unwrap().len(), KEPT_REFUSALS);
    store.record_refusals(&many[KEPT_REFUSALS..]).await.unwrap();
    let kept = store.refusals(0).await.unwrap();
    assert!(kept.iter().eq(many[2..].iter().rev()), "{} are kept", kept.len());
    store.record_refusals(&many).await.unwrap();
    let kept = store.refusals(0).await.unwrap();
    assert!(kept.iter().eq(many[2..].iter().rev()), "{} are kept", kept.len());
}

async fn finding_out_whether_there_is_room_leaves_nothing_behind(store: &dyn Store) {
    for _ in 0..2 {
        store.probe().await.unwrap();
    }
    assert!(!store.has_events().await.unwrap());
    assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
}

async fn what_it_writes_itself_is_not_written_by_others(store: &dyn Store) {
    let before = store.foreign_writes().await.unwrap();
    store_all(store, &[whole("a")]).await;
    store.record_refusals(&[refusal(1)]).await.unwrap();
    store.probe().await.unwrap();
    assert_eq!(store.foreign_writes().await.unwrap(), before);
}
