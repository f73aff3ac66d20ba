//! Corrections go through the one writer, too: none can race with an event that arrives.

use std::collections::BTreeMap;

use domain::usage::{Remarks, billed};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::watched::Watched;
use super::writer::fatal;
use super::{Job, RecordError, Recorder, Work};
use crate::record::event_json;
use crate::store::{
    Action, AlertChanges, Amended, Author, Corrected, Correction, CorrectionJudge, Note, StoreError,
};

/// About what a correction takes in memory, in bytes.
const CORRECTION_BYTES: usize = 2_048;

pub(super) struct CorrectionJob {
    corrections: Vec<Correction>,
    author: Author,
    reply: oneshot::Sender<Result<Vec<Corrected>, RecordError>>,
    // Held until they are made, so that the queue is bounded.
    _room: OwnedSemaphorePermit,
}

impl Recorder {
    /// Puts stored events right, durably; the answer has one fate per correction, in order. Limits and alerts have
    /// followed when it comes.
    pub async fn correct(
        &self,
        corrections: Vec<Correction>,
        author: Author,
    ) -> Result<Vec<Corrected>, RecordError> {
        if corrections.is_empty() {
            return Ok(Vec::new());
        }
        if self.is_read_only() {
            return Err(RecordError::ReadOnly);
        }
        let _room = self.room_for(corrections.len() * CORRECTION_BYTES)?;
        let (reply, answer) = oneshot::channel();
        let job = CorrectionJob { corrections, author, reply, _room };
        self.queue.send(Job::Correct(job)).map_err(|_| RecordError::Unavailable)?;
        answer.await.unwrap_or(Err(RecordError::Unavailable))
    }
}

impl Work {
    /// Puts events right; limits and alerts follow in the same transaction. Only then the answer is given: who asks next
    /// sees it.
    pub(super) async fn correct(&mut self, job: CorrectionJob) -> Result<(), StoreError> {
        let CorrectionJob { corrections, author, reply, _room } = job;
        // What is taken back must have been counted, whoever has written it.
        let current = match self.notice_foreign_writes().await {
            Ok(()) => self.be_current().await,
            Err(error) => Err(error),
        };
        if let Err(error) = current {
            let _ = reply.send(Err(RecordError::Unavailable));
            return fatal(Err(error));
        }
        let watched = self.watched.clone();
        let now_ms = self.clock.now_ms();
        let mut following =
            Following { author, now_ms, watched: &watched, amended: Vec::new(), alerted: false };
        let made = self.store.correct(&corrections, &mut following).await;
        let Following { amended, alerted, .. } = following;
        match made {
            Ok(fates) => {
                let is_doubtful = watched.read().is_doubtful();
                let followed = if is_doubtful { self.count_anew().await } else { Ok(()) };
                if !amended.is_empty() {
                    self.announce(alerted);
                }
                let _ = reply.send(Ok(fates));
                fatal(followed)
            }
            Err(error) => {
                tracing::error!(error = %error, "Could not put {} events right", corrections.len());
                self.read_only.note(&error);
                let _ = reply.send(Err(RecordError::from(&error)));
                fatal(Err(self.take_back(error).await))
            }
        }
    }
}

/// Has the watch follow corrections.
struct Following<'a> {
    author: Author,
    now_ms: i64,
    watched: &'a Watched,
    /// Without what counts nowhere, and may be large.
    amended: Vec<Amended>,
    alerted: bool,
}

impl CorrectionJudge for Following<'_> {
    fn note(&mut self, mut amended: Amended) -> Note {
        let note = note(&self.author, self.now_ms, &amended);
        for stored in [Some(&mut amended.before), amended.after.as_mut()].into_iter().flatten() {
            let event = &mut stored.event;
            event.dimensions.labels = BTreeMap::new();
            event.remarks = Remarks::default();
            // One that does not tell all makes the event one of unknown size.
            let untold = billed(&event.iterations).find(|iteration| iteration.usage.is_incomplete()).cloned();
            event.iterations = untold.into_iter().collect();
        }
        self.amended.push(amended);
        note
    }

    fn alerts(&mut self) -> AlertChanges {
        let changes = self.watched.change(|watch| watch.correct(&self.amended, self.now_ms));
        self.alerted = !changes.messages.is_empty();
        changes
    }
}

/// Makes corrections where no watch runs: a server beside it sees that somebody has written, and counts anew; so does
/// the next that starts.
pub struct Unwatched {
    /// Who corrects.
    pub author: Author,
    /// When, Unix milliseconds.
    pub now_ms: i64,
}

impl CorrectionJudge for Unwatched {
    fn note(&mut self, amended: Amended) -> Note {
        note(&self.author, self.now_ms, &amended)
    }

    fn alerts(&mut self) -> AlertChanges {
        AlertChanges::default()
    }
}

fn note(author: &Author, now_ms: i64, Amended { before, after }: &Amended) -> Note {
    Note {
        at_ms: now_ms,
        author: author.clone(),
        action: if after.is_some() { Action::Corrected } else { Action::Deleted },
        subject: before.event.id.clone(),
        project: before.event.dimensions.project.clone(),
        before: event_json(before).to_string(),
        after: after.as_ref().map(|after| event_json(after).to_string()),
    }
}
