//! What is remembered of corrections, and what they change about alerts: both belong to the same transaction.

use domain::alert::machine::Instance;
use domain::alert::span::Span;
use serde_json::{Value, json};
use server::record::intake::correct::deletion;
use server::store::{
    AlertChanges, Amended, Corrected, CorrectionJudge, KEPT_NOTE_BYTES, KEPT_NOTES, Note, NumberedNote, Store,
};

use super::super::given::told;
use crate::harness::tacho::NOON_MS;
use crate::store::corrections::{Change, all_events, author, correct, correction, ingest, judge};

contract! {
    the_log_says_who_did_what_and_keeps_the_newest,
    alerts_follow_in_the_same_transaction_or_nothing_is_put_right,
}

/// Writes notes with so many bytes more.
struct Verbose(usize);

impl CorrectionJudge for Verbose {
    fn note(&mut self, amended: Amended) -> Note {
        Note { after: Some("x".repeat(self.0)), ..judge().note(amended) }
    }

    fn alerts(&mut self) -> AlertChanges {
        judge().alerts()
    }
}

async fn the_log_says_who_did_what_and_keeps_the_newest(store: &dyn Store) {
    let items: Vec<Value> = (0..3)
        .map(|number| json!({ "id": format!("e{number}"), "at": NOON_MS, "model": "m", "project": "a" }))
        .collect();
    ingest(store, &items).await;
    correct(store, &[Change::Delete { id: "e0".to_owned(), project: None }]).await;
    // What changes nothing is no news.
    correct(store, &[Change::Replace { item: items[1].clone(), project: None }]).await;
    correct(store, &[Change::Delete { id: "e0".to_owned(), project: None }]).await;
    let item = json!({ "id": "e1", "model": "n" });
    correct(store, &[Change::Replace { item, project: None }]).await;
    let notes = store.audit(None, 10).await.unwrap();
    let told: Vec<_> = notes
        .iter()
        .map(|line| (line.note.action.word(), line.note.subject.as_str(), line.note.after.is_some()))
        .collect();
    assert_eq!(told, [("corrected", "e1", true), ("deleted", "e0", false)]);
    assert!(notes.iter().all(|line| line.note.author == author() && line.note.project == "a"));
    assert_eq!(store.audit(Some(notes[0].number), 10).await.unwrap(), notes[1..]);
    assert_eq!(store.audit(None, 1).await.unwrap(), notes[..1]);
    // One event again and again, until the first are forgotten.
    let model = |number: u64| json!({ "id": "e2", "model": format!("m{number}") });
    for from in (0..KEPT_NOTES).step_by(5_000) {
        let changes: Vec<Change> = (from..from + 5_000)
            .map(|number| Change::Replace { item: model(number), project: None })
            .collect();
        correct(store, &changes).await;
    }
    let newest = all_notes(store).await;
    assert_eq!(newest.len() as u64, KEPT_NOTES);
    assert!(newest.iter().all(|line| line.note.subject == "e2"));
    // Large ones, until they have too many bytes.
    for number in 0..80 {
        let change = Change::Replace { item: model(number), project: None };
        store.correct(&[correction(&change)], &mut Verbose(1_000_000)).await.unwrap();
    }
    let first = store.audit(None, 1_000).await.unwrap();
    assert_eq!(first.len(), 5, "the note with which the page has four mebibytes is its last");
    let bytes: usize = all_notes(store).await.iter().map(|line| line.note.bytes()).sum();
    assert!((KEPT_NOTE_BYTES - 1_100_000..KEPT_NOTE_BYTES + 1_100_000).contains(&bytes), "{bytes}");
}

/// The whole log, page by page.
async fn all_notes(store: &dyn Store) -> Vec<NumberedNote> {
    let mut notes: Vec<NumberedNote> = Vec::new();
    loop {
        let page = store.audit(notes.last().map(|last| last.number), u32::MAX).await.unwrap();
        if page.is_empty() {
            return notes;
        }
        notes.extend(page);
    }
}

/// Finds that corrections turn an alert.
struct Turned(Instance);

impl CorrectionJudge for Turned {
    fn note(&mut self, amended: Amended) -> Note {
        judge().note(amended)
    }

    fn alerts(&mut self) -> AlertChanges {
        let transitions = vec![told(&self.0, self.0.sequence)];
        AlertChanges { transitions, instances: vec![self.0.clone()], ..AlertChanges::default() }
    }
}

async fn alerts_follow_in_the_same_transaction_or_nothing_is_put_right(store: &dyn Store) {
    ingest(store, &[json!({ "id": "a", "model": "m" }), json!({ "id": "b", "model": "m" })]).await;
    let mut turned = Turned(Instance { sequence: 1, ..Instance::new("l_1", "u_1", Span::Rolling) });
    // Nothing has changed, so that nobody is asked.
    let fates = store.correct(&[deletion("none", None)], &mut turned).await.unwrap();
    assert_eq!(fates, [Corrected::NotFound]);
    assert!(store.transitions(10, None).await.unwrap().is_empty());
    store.correct(&[deletion("a", None)], &mut turned).await.unwrap();
    assert_eq!(store.open_instances().await.unwrap(), [turned.0.clone()]);
    assert_eq!(store.transitions(10, None).await.unwrap().len(), 1);
    // A number that is taken cannot be stored.
    store.correct(&[deletion("b", None)], &mut turned).await.unwrap_err();
    let events = store.events(&all_events()).await.unwrap();
    assert_eq!(events.iter().map(|stored| stored.event.id.as_str()).collect::<Vec<_>>(), ["b"]);
    assert_eq!(store.audit(None, 10).await.unwrap().len(), 1);
    assert!(store.check().await.unwrap().problems.is_empty());
}
