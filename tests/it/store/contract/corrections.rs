//! What every store does when events are deleted and put right.

mod judge;

use serde_json::json;
use server::store::{Corrected, Fate, Store, plan};

use crate::harness::tacho::NOON_MS;
use crate::store::MINUTE_MS;
use crate::store::corrections::{Change, correct, ingest};

contract! {
    an_event_is_found_by_its_id_and_where_that_is_not_enough_by_its_project,
    an_id_of_the_api_names_its_event_in_whichever_project_it_is,
    what_was_said_first_does_not_come_back_and_other_content_is_told_so,
    an_event_that_counts_nowhere_counts_when_it_is_put_right,
}

async fn an_event_is_found_by_its_id_and_where_that_is_not_enough_by_its_project(store: &dyn Store) {
    let of = |project: &str| json!({ "id": "x", "at": NOON_MS, "model": "m", "project": project });
    let delete =
        |project: Option<&str>| [Change::Delete { id: "x".to_owned(), project: project.map(str::to_owned) }];
    assert_eq!(correct(store, &delete(None)).await, [Corrected::NotFound]);
    ingest(store, &[of(""), of("a"), of("b")]).await;
    let all = ["", "a", "b"].map(str::to_owned).to_vec();
    assert_eq!(correct(store, &delete(None)).await, [Corrected::Ambiguous(all.clone())]);
    assert_eq!(correct(store, &delete(Some("c"))).await, [Corrected::NotFound]);
    assert_eq!(correct(store, &delete(Some(""))).await, [Corrected::Changed]);
    assert_eq!(correct(store, &delete(Some(""))).await, [Corrected::NotFound]);
    // By the project of the item itself; one that has no such event would be ambiguous again.
    let replace = |project: &str, to: Option<&str>| {
        let item = json!({ "id": "x", "model": "n", "project": project });
        [Change::Replace { item, project: to.map(str::to_owned) }]
    };
    assert_eq!(correct(store, &replace("a", None)).await, [Corrected::Changed]);
    assert_eq!(correct(store, &replace("a", None)).await, [Corrected::Unchanged]);
    assert_eq!(correct(store, &replace("c", None)).await, [Corrected::Ambiguous(all[1..].to_vec())]);
    // Into a project that has one already, and then into one of its own.
    assert_eq!(correct(store, &replace("b", Some("a"))).await, [Corrected::Taken]);
    assert_eq!(correct(store, &replace("c", Some("a"))).await, [Corrected::Changed]);
    assert_eq!(correct(store, &delete(Some("a"))).await, [Corrected::NotFound]);
    assert_eq!(correct(store, &delete(Some("b"))).await, [Corrected::Changed]);
    // The only one that is left, and back again.
    assert_eq!(correct(store, &replace("a", None)).await, [Corrected::Changed]);
    assert_eq!(correct(store, &delete(None)).await, [Corrected::Changed]);
    assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
    assert_eq!(store.check().await.unwrap().events, 0);
}

async fn an_id_of_the_api_names_its_event_in_whichever_project_it_is(store: &dyn Store) {
    let id = "req_011CSHoEeqs5C35K2UUqR7Fy";
    ingest(store, &[json!({ "id": id, "at": NOON_MS, "model": "m", "project": "a" })]).await;
    let delete =
        |project: Option<&str>| [Change::Delete { id: id.to_owned(), project: project.map(str::to_owned) }];
    assert_eq!(correct(store, &delete(Some("b"))).await, [Corrected::NotFound]);
    let item = json!({ "id": id, "model": "m", "project": "b" });
    let replace = [Change::Replace { item, project: None }];
    assert_eq!(correct(store, &replace).await, [Corrected::Changed]);
    assert_eq!(correct(store, &delete(Some("a"))).await, [Corrected::NotFound]);
    assert_eq!(correct(store, &delete(None)).await, [Corrected::Changed]);
}

async fn what_was_said_first_does_not_come_back_and_other_content_is_told_so(store: &dyn Store) {
    let said = |id: &str, input_tokens: u64, project: &str| json!({ "id": id, "at": NOON_MS, "model": "m", "project": project, "usage": { "input_tokens": input_tokens } });
    let first = [said("deleted", 1, "a"), said("corrected", 1, "a"), said("moved", 1, "a")];
    ingest(store, &first).await;
    let changes = [
        Change::Delete { id: "deleted".to_owned(), project: None },
        Change::Replace { item: said("corrected", 2, "a"), project: None },
        Change::Replace { item: said("moved", 1, "b"), project: None },
    ];
    assert_eq!(correct(store, &changes).await, vec![Corrected::Changed; 3]);
    assert_eq!(ingest(store, &first).await, [Fate::Duplicate; 3]);
    let again = [said("deleted", 2, "a"), said("corrected", 2, "a"), said("moved", 1, "b")];
    assert_eq!(ingest(store, &again).await, [Fate::Deleted, Fate::Duplicate, Fate::Duplicate]);
    let other = [said("deleted", 3, "a"), said("corrected", 3, "a"), said("moved", 3, "a")];
    assert_eq!(ingest(store, &other).await, [Fate::Deleted, Fate::Conflict, Fate::Deleted]);
    assert_eq!(store.check().await.unwrap().events, 2);
}

async fn an_event_that_counts_nowhere_counts_when_it_is_put_right(store: &dyn Store) {
    let item = |here: bool| json!({ "id": "a", "at": NOON_MS, "model": "m", "policies": ["cache"], "answered_here": here });
    let requests = async || {
        let query = plan::query(&[], &[], NOON_MS, NOON_MS + MINUTE_MS, MINUTE_MS);
        store.series(&query).await.unwrap().iter().map(|row| row.sums.requests).sum::<i64>()
    };
    ingest(store, &[item(true)]).await;
    for (here, counted) in [(false, 1), (true, 0), (false, 1)] {
        let changes = [Change::Replace { item: item(here), project: None }];
        assert_eq!(correct(store, &changes).await, [Corrected::Changed]);
        assert_eq!(requests().await, counted);
        assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
    }
    correct(store, &[Change::Replace { item: item(true), project: None }]).await;
    assert_eq!(
        correct(store, &[Change::Delete { id: "a".to_owned(), project: None }]).await,
        [Corrected::Changed]
    );
    assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
}
