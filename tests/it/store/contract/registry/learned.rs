//! What every store keeps of limits that are learned from response headers.

use std::collections::{BTreeMap, BTreeSet};

use domain::limits::learned::{Change, Limiter, Place, Reporter, Seen};
use domain::limits::{Limit, Report, Scope, Source, kind};
use domain::usage::Endpoints;
use server::store::{AlertChanges, Entry, LearnedChanges, Store};

use super::super::super::stored;
use crate::harness::tacho::NOON_MS;

contract! {
    what_is_learned_is_kept_whole_however_often_it_changes,
    of_a_limit_that_is_removed_the_history_stays,
    a_limit_that_is_given_up_is_forgotten_but_for_its_history,
    every_change_is_kept_and_the_newest_are_answered,
    what_is_learned_is_stored_with_the_events_that_taught_it,
}

fn limit(id: &str, amount: i64, revision: u64) -> Limit {
    Limit {
        id: id.to_owned(),
        name: "Opus 5: requests per minute".to_owned(),
        kind: kind("requests_per_minute").unwrap(),
        amount,
        scope: Scope::Pool {
            organization: "org".to_owned(),
            workspace: String::new(),
            pool: "Opus 5".to_owned(),
        },
        time_zone: None,
        warn_percent: 80,
        critical_percent: 100,
        source: Source::Learned,
        enabled: true,
        enforce: false,
        endpoints: Endpoints::default(),
        revision,
    }
}

fn seen(limiter: &str, last_seen_ms: i64, report: Option<Report>) -> Seen {
    let place = Place {
        organization: "org".to_owned(),
        workspace: String::new(),
        pool: "Opus 5".to_owned(),
        limiter: Limiter::from_word(limiter).unwrap(),
    };
    let named_by = [(Reporter::Proxy, last_seen_ms), (Reporter::Key("a1b2c3d4".into()), NOON_MS)].into();
    Seen { place, first_seen_ms: NOON_MS, last_seen_ms, named_by, report }
}

fn change(limit_id: &str, revision: u64, after: i64) -> Change {
    Change {
        limit_id: limit_id.to_owned(),
        revision,
        at_ms: NOON_MS + after,
        before: (revision > 1).then_some(after - 1),
        after,
        event_id: format!("e{after}"),
    }
}

async fn learn(store: &dyn Store, limits: &[&Limit], seen: &[(&str, Seen)], history: Vec<Change>) {
    let learned = LearnedChanges {
        limits: limits.iter().map(|limit| (limit.id.clone(), (*limit).clone())).collect(),
        seen: seen.iter().map(|(id, seen)| ((*id).to_owned(), seen.clone())).collect::<BTreeMap<_, _>>(),
        history,
        gone: BTreeSet::new(),
        any_new: false,
        at_ms: NOON_MS,
    };
    store.change_alerts(AlertChanges { learned, ..AlertChanges::default() }).await.unwrap();
}

async fn what_is_learned_is_kept_whole_however_often_it_changes(store: &dyn Store) {
    let first = seen("requests", NOON_MS, None);
    learn(store, &[&limit("a", 10, 1)], &[("a", first.clone())], vec![change("a", 1, 10)]).await;
    assert_eq!(store.limits().await.unwrap(), [limit("a", 10, 1)]);
    assert_eq!(store.learned().await.unwrap(), [first]);
    let report =
        Report { from_ms: NOON_MS + 1, to_ms: NOON_MS + 2, remaining: -3, reset_ms: Some(NOON_MS + 4) };
    let second = seen("requests", NOON_MS + 5, Some(report));
    let window = seen("unified_5h", NOON_MS + 6, Some(Report { reset_ms: None, ..report }));
    // When it was first seen stays.
    let told = Seen { first_seen_ms: NOON_MS + 9, ..second.clone() };
    let changes = vec![change("a", 2, 11), change("b", 1, 11)];
    learn(store, &[&limit("a", 11, 2)], &[("a", told), ("b", window.clone())], changes).await;
    assert_eq!(store.limits().await.unwrap(), [limit("a", 11, 2)]);
    let mut kept = store.learned().await.unwrap();
    kept.sort_by(|a, b| a.place.cmp(&b.place));
    assert_eq!(kept, [second, window]);
    let history = store.limit_history("a", 1_000).await.unwrap();
    assert_eq!(history, [change("a", 2, 11), change("a", 1, 10)]);
    assert_eq!(store.limit_history("a", 1).await.unwrap(), [change("a", 2, 11)]);
    assert_eq!(store.limit_history("b", 1).await.unwrap(), [change("b", 1, 11)]);
}

async fn of_a_limit_that_is_removed_the_history_stays(store: &dyn Store) {
    let first = seen("requests", NOON_MS, None);
    learn(store, &[&limit("a", 10, 1)], &[("a", first.clone())], vec![change("a", 1, 10)]).await;
    assert!(store.delete_limit("a").await.unwrap());
    assert!(!store.delete_limit("a").await.unwrap());
    assert_eq!(store.limits().await.unwrap(), []);
    assert_eq!(store.learned().await.unwrap(), [first]);
    assert_eq!(store.limit_history("a", 1_000).await.unwrap(), [change("a", 1, 10)]);
}

async fn a_limit_that_is_given_up_is_forgotten_but_for_its_history(store: &dyn Store) {
    let first = seen("requests", NOON_MS, None);
    learn(store, &[&limit("a", 10, 1)], &[("a", first)], vec![change("a", 1, 10)]).await;
    let second = seen("tokens", NOON_MS, None);
    let learned = LearnedChanges {
        limits: [("b".to_owned(), limit("b", 20, 1))].into(),
        seen: [("b".to_owned(), second.clone())].into(),
        gone: ["a".to_owned()].into(),
        ..LearnedChanges::default()
    };
    store.change_alerts(AlertChanges { learned, ..AlertChanges::default() }).await.unwrap();
    assert_eq!(store.limits().await.unwrap(), [limit("b", 20, 1)]);
    assert_eq!(store.learned().await.unwrap(), [second]);
    assert_eq!(store.limit_history("a", 9).await.unwrap(), [change("a", 1, 10)]);
}

async fn every_change_is_kept_and_the_newest_are_answered(store: &dyn Store) {
    let many = (1..=300).map(|number| change("a", number, number as i64));
    let others = (1..=3).map(|number| change("b", number, number as i64));
    learn(store, &[], &[], many.chain(others).collect()).await;
    let kept = store.limit_history("a", 1_000).await.unwrap();
    assert_eq!((kept.len(), kept[0].after, kept[299].after), (300, 300, 1));
    let newest = store.limit_history("a", 7).await.unwrap();
    assert_eq!((newest.len(), newest[6].after), (7, 294));
    assert_eq!(store.limit_history("b", 1_000).await.unwrap().len(), 3);
    // The same of several at once.
    for most in [0, 1, 7, 1_000] {
        let histories = store.limit_histories(&["a", "nothing", "b"], most).await.unwrap();
        assert_eq!(histories.len(), if most == 0 { 0 } else { 2 }, "{most}");
        for (id, history) in histories {
            assert_eq!(history, store.limit_history(&id, most).await.unwrap(), "{id} {most}");
        }
    }
    assert!(store.limit_histories(&[], 9).await.unwrap().is_empty());
}

async fn what_is_learned_is_stored_with_the_events_that_taught_it(store: &dyn Store) {
    let event = stored(&serde_json::json!({
        "id": "a", "at": NOON_MS, "model": "claude-opus-5",
        "headers": { "anthropic-ratelimit-requests-limit": "10" },
    }));
    assert!(event.observation.is_some());
    let mut judge = |_: &[&Entry]| {
        let limits = [("a".to_owned(), limit("a", 10, 1))].into();
        let learned = LearnedChanges { limits, ..LearnedChanges::default() };
        AlertChanges { learned, ..AlertChanges::default() }
    };
    // Known already: nobody is asked.
    for _ in 0..2 {
        store.ingest(std::slice::from_ref(&event), &mut judge).await.unwrap();
    }
    assert_eq!(store.limits().await.unwrap(), [limit("a", 10, 1)]);
}
