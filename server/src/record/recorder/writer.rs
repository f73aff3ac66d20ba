//! The writer at work: jobs one after the other, and what time does in between.

use std::sync::atomic::Ordering;

use domain::limits::Hold;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::{Group, Job, RecordError, Work, Writer};
use crate::store::{Entry, StoreError};

/// Events in one commit.
const GROUP: usize = 5_000;
/// How often limits are evaluated without any event.
const SWEEP_MS: i64 = 1_000;
/// How often everything is counted anew between two sweeps because a limit was learned: who makes up organizations must
/// not keep the writer at it. Further ones count from the next sweep on.
pub(super) const RECOUNTS: u32 = 8;

impl Writer {
    /// Writes until `shutdown`, then stores what is queued and returns. An error means that the storage
    /// failed in a way that must not be retried.
    pub async fn run(self, shutdown: CancellationToken) -> Result<(), StoreError> {
        let Writer { work, mut showing } = self;
        let (watched, clock) = (work.watched.clone(), work.clock.clone());
        // One task: readers are shown where limits stand while a commit waits for the disk, and neither waits for a lock.
        tokio::select! {
            done = work.run(shutdown) => done,
            never = showing.go_on(&watched, &clock) => match never {},
        }
    }
}

impl Work {
    async fn run(mut self, shutdown: CancellationToken) -> Result<(), StoreError> {
        let mut next_sweep_ms = self.clock.now_ms();
        loop {
            tokio::select! {
                // In this order: jobs may come without a pause, the others do not.
                biased;
                () = shutdown.cancelled() => {
                    self.jobs.close();
                    while let Some(job) = next(&mut self.next, &mut self.jobs).await {
                        self.work(job).await?;
                    }
                    return Ok(());
                }
                () = self.clock.sleep_until(next_sweep_ms) => {
                    fatal(self.sweep().await)?;
                    next_sweep_ms = self.clock.now_ms() + SWEEP_MS;
                }
                job = next(&mut self.next, &mut self.jobs) => match job {
                    Some(job) => self.work(job).await?,
                    None => return Ok(()),
                },
            }
        }
    }

    async fn work(&mut self, job: Job) -> Result<(), StoreError> {
        let first = match job {
            Job::Store(group) => group,
            Job::Correct(job) => return self.correct(job).await,
            Job::LimitsChanged(reply) => return self.take_up_limits(reply).await,
        };
        let mut size = first.entries.len();
        let mut groups = vec![first];
        while size < GROUP {
            match self.jobs.try_recv() {
                Ok(Job::Store(group)) => {
                    size += group.entries.len();
                    groups.push(group);
                }
                Ok(other) => {
                    self.next = Some(other);
                    break;
                }
                Err(_) => break,
            }
        }
        self.commit(groups).await
    }

    async fn commit(&mut self, groups: Vec<Group>) -> Result<(), StoreError> {
        let mut batch = Vec::new();
        let mut waiting = Vec::new();
        for Group { entries, reply, _room } in groups {
            waiting.push((reply, entries.len(), _room));
            batch.extend(entries);
        }
        let now_ms = self.clock.now_ms();
        if let Err(error) = self.be_current().await {
            for (reply, _, _room) in waiting {
                let _ = reply.send(Err(RecordError::Unavailable));
            }
            return fatal(Err(error));
        }
        let watched = self.watched.clone();
        let mut alerted = false;
        let mut met_limits = false;
        let mut judge = |fresh: &[&Entry]| {
            let changes = watched.change(|watch| {
                let changes = watch.observe(fresh, now_ms);
                // Calls are admitted while nothing changes: at every moment each counts once.
                fresh.iter().filter_map(|entry| entry.hold.as_ref()).for_each(Hold::counts);
                changes
            });
            alerted |= !changes.messages.is_empty();
            met_limits |= changes.learned.any_new;
            changes
        };
        match self.store.ingest(&batch, &mut judge).await {
            Ok(fates) => {
                // Counted from what is stored, before anybody hears that it is: who asks then sees the limit.
                self.met_limits |= met_limits;
                let taken_up = if met_limits { self.take_up_learned().await } else { Ok(()) };
                self.announce(alerted);
                let mut fates = fates.into_iter();
                for (reply, count, _room) in waiting {
                    // Nobody may be waiting any more; the events are stored all the same.
                    let _ = reply.send(Ok(fates.by_ref().take(count).collect()));
                }
                fatal(taken_up)
            }
            Err(error) => {
                tracing::error!(error = %error, events = batch.len(), "Could not store {} events", batch.len());
                self.read_only.note(&error);
                for (reply, _, _room) in waiting {
                    let _ = reply.send(Err(RecordError::from(&error)));
                }
                fatal(Err(self.take_back(error).await))
            }
        }
    }

    /// Counts what limits that were learned have used before.
    async fn take_up_learned(&mut self) -> Result<(), StoreError> {
        let Some(left) = self.recounts_left.checked_sub(1) else { return Ok(()) };
        self.recounts_left = left;
        self.count_anew().await
    }

    async fn sweep(&mut self) -> Result<(), StoreError> {
        self.recounts_left = RECOUNTS;
        self.stale |= self.met_limits;
        self.notice_foreign_writes().await?;
        if self.read_only.may_end() {
            match self.store.probe().await {
                Ok(()) => self.read_only.end(),
                Err(error) => tracing::debug!(error = %error, "Still nothing can be stored"),
            }
        }
        self.read_only.take_ballast_again();
        if self.read_only.is_on() {
            return Ok(());
        }
        self.be_current().await?;
        self.evaluate().await
    }

    pub(super) async fn notice_foreign_writes(&mut self) -> Result<(), StoreError> {
        let seen = self.store.foreign_writes().await.inspect_err(
            |error| tracing::warn!(error = %error, "Could not ask whether others have written"),
        )?;
        if seen != self.foreign_writes {
            self.foreign_writes = seen;
            (self.stale, self.put_right) = (true, true);
            self.announce(true);
        }
        Ok(())
    }

    async fn evaluate(&mut self) -> Result<(), StoreError> {
        let changes = self.watched.change(|watch| watch.sweep(self.clock.now_ms()));
        if changes.is_empty() {
            return Ok(());
        }
        // The board still counts for limits that go: the next look at it reads those that are left.
        self.stale |= !changes.removed.is_empty();
        if let Err(error) = self.store.change_alerts(changes).await {
            tracing::error!(error = %error, "Could not store a change of alerts; it will be tried again");
            self.read_only.note(&error);
            return Err(self.take_back(error).await);
        }
        self.announce(true);
        Ok(())
    }

    /// Reads limits anew, with what they have used before, and tells what that changes.
    async fn take_up_limits(
        &mut self,
        reply: oneshot::Sender<Result<(), RecordError>>,
    ) -> Result<(), StoreError> {
        let taken = self.count_anew().await;
        let _ = reply.send(taken.as_ref().copied().map_err(RecordError::from));
        fatal(taken)
    }

    /// Counts again what every limit has used, and tells what that changes.
    pub(super) async fn count_anew(&mut self) -> Result<(), StoreError> {
        self.stale = true;
        self.be_current().await?;
        self.evaluate().await
    }

    /// Has the watch forget what could not be stored; answers the graver error, should reading fail too.
    pub(super) async fn take_back(&mut self, error: StoreError) -> StoreError {
        self.stale = true;
        match self.be_current().await {
            Err(worse) if worse.is_device_failure() => worse,
            _ => error,
        }
    }

    /// Makes the watch hold what is stored.
    pub(super) async fn be_current(&mut self) -> Result<(), StoreError> {
        if self.stale {
            let now_ms = self.clock.now_ms().max(self.watched.read().now_ms());
            let mut restored = self.restorer.restore(&*self.store, now_ms).await.inspect_err(|error| {
                tracing::error!(error = %error, "Could not read back where limits stand; nothing is stored until that succeeds");
            })?;
            self.watched.change(|watch| {
                restored.go_on_from(watch);
                if self.put_right {
                    restored.find_mistaken(watch);
                }
                self.enforces.store(restored.enforces(), Ordering::Relaxed);
                *watch = restored;
            });
            (self.stale, self.put_right, self.met_limits) = (false, false, false);
            // Only now: what was shown until here was of before.
            self.announce(true);
        }
        Ok(())
    }

    pub(super) fn announce(&self, alerted: bool) {
        self.revision.send_modify(|revision| *revision += 1);
        if alerted {
            self.outbox.notify_one();
        }
    }
}

/// The next job; nothing when there will be none any more.
async fn next(taken: &mut Option<Job>, jobs: &mut mpsc::UnboundedReceiver<Job>) -> Option<Job> {
    match taken.take() {
        Some(job) => Some(job),
        None => jobs.recv().await,
    }
}

/// Errors that must not be retried; others are logged where they occur, and what failed is tried again.
pub(super) fn fatal(done: Result<(), StoreError>) -> Result<(), StoreError> {
    match done {
        Err(error) if error.is_device_failure() => Err(error),
        _ => Ok(()),
    }
}
