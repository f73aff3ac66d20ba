//! Corrections go through the one writer, too: none can race with an event that arrives.

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::{Job, RecordError, Recorder, Writer, fatal};
use crate::dashboard::event_json;
use crate::store::{Author, Corrected, Correction, Note, StoreError, StoredEvent};

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

impl Writer {
    /// Puts events right, counts again what limits have used, and tells what that changes. Only then the answer is
    /// given: who asks next sees it. Should the counting fail, it is done before anything else is stored.
    pub(super) async fn correct(&mut self, job: CorrectionJob) -> Result<(), StoreError> {
        let CorrectionJob { corrections, author, reply, _room } = job;
        if let Err(error) = self.be_current().await {
            let _ = reply.send(Err(RecordError::Unavailable));
            return fatal(Err(error));
        }
        let now_ms = self.clock.now_ms();
        let noter = |before: &StoredEvent, after: Option<&StoredEvent>| note(&author, now_ms, before, after);
        match self.store.correct(&corrections, &noter).await {
            Ok(fates) => {
                let mut followed = Ok(());
                if fates.contains(&Corrected::Changed) {
                    self.put_right = true;
                    followed = self.count_anew().await;
                    self.announce(true);
                }
                let _ = reply.send(Ok(fates));
                fatal(followed)
            }
            Err(error) => {
                let count = corrections.len();
                tracing::error!(error = %error, "Could not put {count} events right");
                self.read_only.note(&error);
                let _ = reply.send(Err(RecordError::from(&error)));
                fatal(Err(error))
            }
        }
    }
}

/// A line of the audit log about an event that was, and what it has become; nothing if it was deleted.
pub fn note(author: &Author, now_ms: i64, before: &StoredEvent, after: Option<&StoredEvent>) -> Note {
    Note {
        at_ms: now_ms,
        author: author.clone(),
        action: if after.is_some() { "corrected" } else { "deleted" }.to_owned(),
        event_id: before.event.id.clone(),
        project: before.event.dimensions.project.clone(),
        before: event_json(before).to_string(),
        after: after.map(|after| event_json(after).to_string()),
    }
}
