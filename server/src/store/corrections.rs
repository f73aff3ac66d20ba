//! Putting right what is stored: an event is deleted, or becomes another, and everything follows.

use async_trait::async_trait;

use super::{AlertChanges, Entry, Note, StoreError, StoredEvent};

/// Ids times projects that are looked through for one body, at most: whoever sends events waits meanwhile.
pub const MOST_LOOKED_THROUGH: usize = 200_000;

/// What becomes of a stored event: another with the same id, or nothing, which deletes it.
pub type Amend = dyn Fn(&StoredEvent) -> Option<Entry> + Send + Sync;

/// An event that was put right.
#[derive(Debug, Clone)]
pub struct Amended {
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

/// Corrections.
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
}

/// A correction of one event.
pub struct Correction {
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
