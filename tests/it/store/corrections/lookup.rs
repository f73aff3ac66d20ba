//! Which event an id means, where nobody says its project.

use serde_json::json;
use server::store::{Corrected, Ledger};

use super::{Change, correct, ingest, sqlite};
use crate::harness::tacho::NOON_MS;

#[tokio::test]
async fn ids_without_a_project_are_looked_up_together_and_in_so_many_projects_alone() {
    let directory = tempfile::tempdir().unwrap();
    let store = sqlite(directory.path(), 100_000).await;
    let event = |number: u32| json!({ "id": format!("e{number}"), "at": NOON_MS, "model": "m", "project": format!("p{number}") });
    ingest(&store, &(0..101).map(event).collect::<Vec<_>>()).await;
    let uuid = "01932c07-91b0-7aaa-8bbb-0123456789ab";
    ingest(&store, &[json!({ "id": uuid, "at": NOON_MS, "model": "m", "project": "p7" })]).await;
    let delete = |id: String| Change::Delete { id, project: None };
    let all = |count: u32| (0..count).map(|number| delete(format!("e{number}")));
    // 101 projects, and one more for the events of none.
    let fates = correct(&store, &all(3_000).chain([delete(uuid.to_owned())]).collect::<Vec<_>>()).await;
    assert!(fates[..3_000].iter().all(|fate| *fate == Corrected::Anywhere), "{:?}", &fates[..3]);
    assert_eq!(fates[3_000], Corrected::Changed, "its id says which it is");
    let moves = [
        Change::Replace { item: json!({ "id": "e0", "model": "m", "project": "new" }), project: None },
        Change::Replace { item: json!({ "id": "e0", "model": "n" }), project: None },
        Change::Replace { item: json!({ "id": "e0", "model": "o", "project": "p1" }), project: None },
        delete("e0".to_owned()),
        delete("e0".to_owned()),
    ];
    let changed = Corrected::Changed;
    let expected = [changed.clone(), changed.clone(), changed.clone(), changed, Corrected::NotFound];
    assert_eq!(correct(&store, &moves).await, expected);
    let fates = correct(&store, &all(101).collect::<Vec<_>>()).await;
    assert!(fates[0] == Corrected::NotFound && fates[1..].iter().all(|fate| *fate == Corrected::Changed));
    assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
}
