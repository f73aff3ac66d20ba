//! What `POST /v1/events` answers: what became of every item.

use serde::Serialize;

use super::event::ReadItem;
use super::refusal::{Code, Refusal};
use crate::usage::Remarks;

/// The body of the answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct IngestAnswer {
    /// Events stored now.
    pub accepted: u64,
    /// Events that had been stored before, with the same content.
    pub duplicates: u64,
    /// Items not stored: refused, or in conflict with an event that has their id.
    pub rejected: u64,
    /// One by one, in the order of the items, unless there is nothing to say but that the item was accepted.
    pub results: Vec<ItemResult>,
}

/// What became of one item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ItemResult {
    /// Its place in the body, from 0.
    pub index: usize,
    /// Its id, when it could be read.
    pub id: Option<String>,
    /// What became of it.
    pub status: Status,
    /// What there is to say about it, when it was accepted.
    #[serde(flatten)]
    pub notes: Notes,
    /// Why it was not stored, as a stable word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
    /// Why it was not stored, and how to put it right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Whether sending the same again can help. It never does: what can be tried again is answered with 503
    /// for the body as a whole.
    pub retryable: bool,
}

/// What there is to say about an item that was accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Notes {
    /// It had no id and got the one in the result. Sent again it would count again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub id_assigned: bool,
    /// It had no time: it counts as of now.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub at_assigned: bool,
    /// Its sender's clock is behind Tacho's by this, in milliseconds (ahead, if negative), and its time was
    /// moved by as much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skew_ms: Option<i64>,
    /// Fields of it that nobody reads: mistyped, perhaps. They were not stored.
    #[serde(skip_serializing_if = "is_zero")]
    pub unknown_fields: u32,
    /// What of it could not be taken as it was given. The rest was stored.
    #[serde(skip_serializing_if = "Remarks::is_empty")]
    pub remarks: Remarks,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Notes {
    /// What was noted when an item was read.
    pub fn of(reading: &ReadItem) -> Self {
        Notes {
            id_assigned: reading.id_assigned,
            at_assigned: reading.event.at_assigned,
            skew_ms: reading.skew_ms,
            unknown_fields: reading.unknown_fields,
            remarks: reading.event.remarks.clone(),
        }
    }

    /// Senders should hear of it even if they did not ask. To send no time is how one sends at once, and APIs
    /// gain fields.
    fn is_news(&self) -> bool {
        self.id_assigned || self.skew_ms.is_some() || !self.remarks.is_empty()
    }
}

/// What became of one item, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Stored.
    Accepted,
    /// Stored before, with the same content. Counts once.
    Duplicate,
    /// Its id is known with other content. The first one stays.
    Conflict,
    Rejected,
    /// What was stored is what the item says now.
    Corrected,
    /// What is stored is what the item says.
    Unchanged,
}

impl IngestAnswer {
    /// The answer made of all results, which come in order. `verbose` lists every item.
    pub fn of(results: impl IntoIterator<Item = ItemResult>, verbose: bool) -> Self {
        let mut answer = IngestAnswer::default();
        for result in results {
            match result.status {
                Status::Accepted => answer.accepted += 1,
                Status::Duplicate => answer.duplicates += 1,
                Status::Conflict | Status::Rejected | Status::Corrected | Status::Unchanged => {
                    answer.rejected += 1;
                }
            }
            if verbose || result.notes.is_news() || result.status != Status::Accepted {
                answer.results.push(result);
            }
        }
        answer
    }

    /// How much of a body was taken.
    pub fn taken(&self) -> Taken {
        Taken::of(self.accepted + self.duplicates, self.rejected)
    }
}

/// How much of a body was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// All is as it was sent.
    All,
    /// Some is.
    Some,
    /// Nothing is.
    None,
}

impl Taken {
    /// Of so many items that were taken, and so many that were not.
    pub fn of(taken: u64, rejected: u64) -> Self {
        match (taken, rejected) {
            (_, 0) => Taken::All,
            (0, _) => Taken::None,
            _ => Taken::Some,
        }
    }
}

impl ItemResult {
    /// The item was stored.
    pub fn accepted(index: usize, id: String, notes: Notes) -> Self {
        ItemResult { notes, ..Self::plain(index, id, Status::Accepted) }
    }

    /// The item had been stored before.
    pub fn duplicate(index: usize, id: String) -> Self {
        Self::plain(index, id, Status::Duplicate)
    }

    /// Another item has been stored under this id.
    pub fn conflict(index: usize, id: String) -> Self {
        let message = "another event has this id and stays as it is; give every event an id of its own";
        ItemResult {
            code: Some(Code::Conflict.word()),
            message: Some(message.to_owned()),
            ..Self::plain(index, id, Status::Conflict)
        }
    }

    /// The event with this id was deleted, and said something else.
    pub fn deleted(index: usize, id: String) -> Self {
        let message = "the event with this id was deleted, or moved to another project, and does not come back; send \
                       another event under an id of its own";
        ItemResult {
            code: Some(Code::Deleted.word()),
            message: Some(message.to_owned()),
            ..Self::plain(index, id, Status::Conflict)
        }
    }

    /// The item was refused.
    pub fn rejected(index: usize, refusal: Refusal) -> Self {
        ItemResult {
            index,
            id: refusal.id,
            status: Status::Rejected,
            notes: Notes::default(),
            code: Some(refusal.code.word()),
            message: Some(refusal.message),
            retryable: false,
        }
    }

    /// What became of an item, without more to say.
    pub fn plain(index: usize, id: String, status: Status) -> Self {
        ItemResult {
            index,
            id: Some(id),
            status,
            notes: Notes::default(),
            code: None,
            message: None,
            retryable: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal() -> Refusal {
        Refusal { id: Some("d".into()), ..Refusal::new(Code::Future, "too early") }
    }

    fn mixed() -> Vec<ItemResult> {
        vec![
            ItemResult::accepted(
                0,
                "a".into(),
                Notes { at_assigned: true, unknown_fields: 2, ..Notes::default() },
            ),
            ItemResult::accepted(1, "evt_1".into(), Notes { id_assigned: true, ..Notes::default() }),
            ItemResult::duplicate(2, "b".into()),
            ItemResult::conflict(3, "c".into()),
            ItemResult::rejected(4, refusal()),
            ItemResult::accepted(5, "e".into(), Notes { skew_ms: Some(-1_001), ..Notes::default() }),
        ]
    }

    #[test]
    fn only_what_is_more_than_accepted_is_listed() {
        let answer = IngestAnswer::of(mixed(), false);
        assert_eq!((answer.accepted, answer.duplicates, answer.rejected), (3, 1, 2));
        assert_eq!(
            serde_json::to_value(&answer.results).unwrap(),
            serde_json::json!([
                {"index": 1, "id": "evt_1", "status": "accepted", "id_assigned": true, "retryable": false},
                {"index": 2, "id": "b", "status": "duplicate", "retryable": false},
                {"index": 3, "id": "c", "status": "conflict", "code": "conflict", "retryable": false,
                 "message": "another event has this id and stays as it is; give every event an id of its own"},
                {"index": 4, "id": "d", "status": "rejected", "code": "future", "message": "too early",
                 "retryable": false},
                {"index": 5, "id": "e", "status": "accepted", "skew_ms": -1_001, "retryable": false},
            ])
        );
        let verbose = IngestAnswer::of(mixed(), true);
        assert_eq!(verbose.results, mixed());
        assert_eq!(
            serde_json::to_value(&verbose.results[0]).unwrap(),
            serde_json::json!({"index": 0, "id": "a", "status": "accepted", "at_assigned": true, "unknown_fields": 2, "retryable": false})
        );
    }

    #[test]
    fn the_status_says_whether_all_some_or_nothing_is_stored() {
        let accepted = ItemResult::accepted(0, "a".into(), Notes::default());
        let duplicate = ItemResult::duplicate(0, "a".into());
        let conflict = ItemResult::conflict(0, "a".into());
        let rejected = ItemResult::rejected(0, refusal());
        for (results, taken) in [
            (vec![], Taken::All),
            (vec![&accepted], Taken::All),
            (vec![&duplicate], Taken::All),
            (vec![&accepted, &duplicate], Taken::All),
            (vec![&accepted, &rejected], Taken::Some),
            (vec![&duplicate, &conflict], Taken::Some),
            (vec![&conflict], Taken::None),
            (vec![&rejected, &conflict], Taken::None),
        ] {
            let words: Vec<_> = results.iter().map(|result| result.status).collect();
            assert_eq!(IngestAnswer::of(results.into_iter().cloned(), false).taken(), taken, "{words:?}");
        }
    }
}
