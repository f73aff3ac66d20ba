//! Corrections go through the one writer, too: none can race with an event that arrives.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::{GROUP, Job, RecordError, Recorder, Writer, fatal, lock};
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
    /// Puts events right, counts again what limits have used, and tells what that changes. Only then the answers are
    /// given: who asks next sees it. Should the counting fail, it is done before anything else is stored.
    ///
    /// Counting reads all that open windows hold. So corrections that wait together are counted once, and those of
    /// events that no open window holds not at all.
    pub(super) async fn correct(&mut self, first: CorrectionJob) -> Result<(), StoreError> {
        let jobs = self.with_those_waiting(first);
        if let Err(error) = self.be_current().await {
            for job in jobs {
                let _ = job.reply.send(Err(RecordError::Unavailable));
            }
            return fatal(Err(error));
        }
        let now_ms = self.clock.now_ms();
        let counting = lock(&self.watch).counting(now_ms);
        let counted = AtomicBool::new(false);
        let (mut is_changed, mut failed, mut answers) = (false, None, Vec::new());
        for CorrectionJob { corrections, author, reply, _room } in jobs {
            if failed.as_ref().is_some_and(StoreError::is_device_failure) {
                answers.push((reply, Err(RecordError::Unavailable), _room));
                continue;
            }
            let noter = |before: &StoredEvent, after: Option<&StoredEvent>| {
                let counts =
                    [Some(before), after].into_iter().flatten().any(|stored| counting.holds(&stored.event));
                counted.fetch_or(counts, Ordering::Relaxed);
                note(&author, now_ms, before, after)
            };
            let made = self.store.correct(&corrections, &noter).await;
            is_changed |= made.as_ref().is_ok_and(|fates| fates.contains(&Corrected::Changed));
            let made = made.map_err(|error| {
                tracing::error!(error = %error, "Could not put {} events right", corrections.len());
                self.read_only.note(&error);
                let answer = RecordError::from(&error);
                failed = Some(error);
                answer
            });
            answers.push((reply, made, _room));
        }
        let mut followed = Ok(());
        if failed.is_some() || counted.into_inner() {
            // After an error it is not known what is stored.
            self.put_right = true;
            followed = self.count_anew().await;
        }
        if is_changed {
            self.announce(true);
        }
        for (reply, answer, _room) in answers {
            let _ = reply.send(answer);
        }
        fatal(followed)?;
        fatal(failed.map_or(Ok(()), Err))
    }

    /// The corrections that wait right behind the first, too.
    fn with_those_waiting(&mut self, first: CorrectionJob) -> Vec<CorrectionJob> {
        let mut size = first.corrections.len();
        let mut jobs = vec![first];
        while size < GROUP {
            match self.jobs.try_recv() {
                Ok(Job::Correct(job)) => {
                    size += job.corrections.len();
                    jobs.push(job);
                }
                Ok(other) => {
                    self.next = Some(other);
                    break;
                }
                Err(_) => break,
            }
        }
        jobs
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
