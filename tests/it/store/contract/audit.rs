//! What every store keeps of the audit log.

use server::store::{Action, Author, KEPT_REFUSED_NOTES, NOTE_PAGE_BYTES, Note, Store};

use crate::harness::tacho::NOON_MS;

contract! {
    notes_come_back_as_they_were_written_the_newest_first,
    a_page_ends_with_so_many_bytes,
    refusals_push_out_nothing_but_refusals,
}

fn note(action: Action, subject: &str) -> Note {
    Note {
        at_ms: NOON_MS,
        author: Author::command_line(),
        action,
        subject: subject.to_owned(),
        project: String::new(),
        before: String::new(),
        after: None,
    }
}

async fn notes_come_back_as_they_were_written_the_newest_first(store: &dyn Store) {
    assert_eq!(store.audit(None, 10).await.unwrap(), []);
    let mut written = Vec::new();
    for (number, action) in (0..).zip(Action::ALL) {
        let address = match number % 3 {
            0 => None,
            1 => Some("192.0.2.7".parse().unwrap()),
            _ => Some("2001:db8::7".parse().unwrap()),
        };
        let author =
            Author { key_public: format!("k{number}"), key_name: "ops \u{202e}".to_owned(), address };
        written.push(Note {
            at_ms: NOON_MS - number,
            author,
            project: "a".to_owned(),
            before: "{}".to_owned(),
            after: (number % 2 == 0).then(|| format!("{{\"a\":{number}}}")),
            ..note(action, &format!("s{number}"))
        });
    }
    for note in &written {
        store.note(note).await.unwrap();
    }
    let told = store.audit(None, 100).await.unwrap();
    let newest_first: Vec<Note> = written.into_iter().rev().collect();
    assert_eq!(told.iter().map(|told| told.note.clone()).collect::<Vec<_>>(), newest_first);
    assert!(told.windows(2).all(|pair| pair[0].number > pair[1].number));
    assert_eq!(store.audit(None, 3).await.unwrap(), told[..3]);
    assert_eq!(store.audit(Some(told[2].number), 3).await.unwrap(), told[3..6]);
    assert_eq!(store.audit(told.last().map(|oldest| oldest.number), 3).await.unwrap(), []);
    assert_eq!(store.audit(Some(u64::MAX), 1).await.unwrap(), told[..1]);
    assert_eq!(store.audit(None, 0).await.unwrap(), []);
}

async fn a_page_ends_with_so_many_bytes(store: &dyn Store) {
    let large = Note { before: "x".repeat(NOTE_PAGE_BYTES / 2), ..note(Action::LimitChanged, "l_1") };
    for _ in 0..4 {
        store.note(&large).await.unwrap();
    }
    let page = store.audit(None, 100).await.unwrap();
    assert_eq!(page.len(), 2);
    assert_eq!(store.audit(Some(page[1].number), 100).await.unwrap().len(), 2);
}

async fn refusals_push_out_nothing_but_refusals(store: &dyn Store) {
    store.note(&note(Action::LinkMade, "before")).await.unwrap();
    for number in 0..KEPT_REFUSED_NOTES + 3 {
        store.note(&note(Action::Refused, &number.to_string())).await.unwrap();
    }
    store.note(&note(Action::LinkMade, "after")).await.unwrap();
    let told = store.audit(None, 2_000).await.unwrap();
    let subjects: Vec<&str> = told.iter().map(|told| told.note.subject.as_str()).collect();
    let newest = (KEPT_REFUSED_NOTES + 2).to_string();
    assert_eq!(subjects.len() as u64, KEPT_REFUSED_NOTES + 2);
    assert_eq!((subjects[0], subjects[1]), ("after", newest.as_str()));
    assert_eq!(subjects[subjects.len() - 2..], ["3", "before"]);
}
