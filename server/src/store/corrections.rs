//! Putting right what is stored: an event is deleted, or becomes another, and everything follows.

use async_trait::async_trait;

use super::{AlertChanges, Entry, StoreError, StoredEvent};

/// Notes that are kept; the oldest go first. Four bodies of corrections as large as one may be.
pub const KEPT_NOTES: u64 = 20_000;
/// About as many bytes of notes are kept; the oldest go first. Events may have labels of many kilobytes.
pub const KEPT_NOTE_BYTES: usize = 64 << 20;
/// A page of notes ends with the one with which it has so many bytes.
pub const NOTE_PAGE_BYTES: usize = 4 << 20;

/// Ids times projects that are looked through for one body, at most: whoever sends events waits meanwhile.
pub const MOST_LOOKED_THROUGH: usize = 200_000;

/// What becomes of a stored event: another with the same id, or nothing, which deletes it.
pub type Amend = dyn Fn(&StoredEvent) -> Option<Entry> + Send + Sync;

/// An event that was put right.
#[derive(Debug, Clone)]
pub struct Amended {
    /// As it was.
    pub before: StoredEvent,
    /// What it has become; nothing when it was deleted.
    pub after: Option<StoredEvent>,
}

/// Decides, inside the transaction that puts events right, what is remembered of it and what it changes about alerts.
pub trait CorrectionJudge: Send {
    /// What is written into the audit log about one event.
    fn note(&mut self, amended: Amended) -> Note;

    /// What all of them together change about alerts; asked once, after the last.
    fn alerts(&mut self) -> AlertChanges;
}

/// Corrections, and the log of them.
#[async_trait]
pub trait Corrections: Send + Sync {
    /// Makes corrections one after the other: the events, their rollups, a note for each, and what the judge makes of
    /// them all, in one transaction, durably. The answer has one fate per correction, in order. On an error nothing is
    /// changed.
    async fn correct(
        &self,
        corrections: &[Correction],
        judge: &mut dyn CorrectionJudge,
    ) -> Result<Vec<Corrected>, StoreError>;

    /// Notes with smaller numbers than `before`, or the newest, newest first: at most `limit`, and no more behind the one
    /// with which they have [`NOTE_PAGE_BYTES`].
    async fn audit(&self, before: Option<u64>, limit: u32) -> Result<Vec<NumberedNote>, StoreError>;
}

/// A correction of one event.
pub struct Correction {
    /// Its id.
    pub id: String,
    /// Which of the events with this id.
    pub whose: Whose,
    /// What becomes of it.
    pub amend: Box<Amend>,
}

/// Ids are unique within a project. Which project's event is meant:
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// The one of this project.
    Of(String),
    /// The one of this project, or else the only one there is.
    RatherOf(String),
    /// The only one there is.
    Any,
}

/// What became of a correction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Corrected {
    /// The event is gone, or another.
    Changed,
    /// It was so already.
    Unchanged,
    /// There is no such event.
    NotFound,
    /// These projects have an event with this id.
    Ambiguous(Vec<String>),
    /// Nothing says its project, and there are too many to look for this id, and for others beside it, in each.
    Anywhere,
    /// The project it would move to has an event with this id.
    Taken,
}

/// Who corrects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// Public part of the key; empty for a person with a browser or at the command line.
    pub key_public: String,
    /// Name of the key, or where the person was.
    pub key_name: String,
}

/// A line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// Who.
    pub author: Author,
    /// `deleted` or `corrected`.
    pub action: String,
    /// The id of the event.
    pub event_id: String,
    /// The project it was in.
    pub project: String,
    /// The event as JSON.
    pub before: String,
    /// The same afterwards; nothing when it was deleted.
    pub after: Option<String>,
}

impl Note {
    /// About how much it takes in storage.
    pub fn bytes(&self) -> usize {
        let Note { author, action, event_id, project, before, after, .. } = self;
        let texts = [&author.key_public, &author.key_name, action, event_id, project, before];
        texts.into_iter().chain(after).map(String::len).sum()
    }
}

/// Adds a note to a page; false when it is the last of it.
pub fn page_goes_on(bytes: &mut usize, note: &Note) -> bool {
    *bytes += note.bytes();
    *bytes < NOTE_PAGE_BYTES
}

/// A line of the audit log as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedNote {
    /// Its number; later ones are larger.
    pub number: u64,
    /// What it says.
    pub note: Note,
}
