//! The one writer: everything that is stored passes here, in groups that share a commit.
//!
//! Whoever has events enqueues them and waits; while one commit is running the next group gathers by itself,
//! so a group is as large as the traffic makes it and a lone event waits for nobody. Events enqueued are
//! stored even if who sent them has gone: their second try is then answered as a duplicate.

mod corrections;
mod error;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::{Notify, Semaphore, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

pub use corrections::Unwatched;
pub use error::RecordError;

use domain::limits::Hold;

use self::corrections::CorrectionJob;
use super::read_only::ReadOnly;
use crate::clock::Clock;
use crate::record::ballast::Ballast;
use crate::store::{Entry, Fate, Store, StoreError};
use crate::watch::Watch;
use crate::watch::restore::Restorer;

/// Events in one commit.
const GROUP: usize = 5_000;
/// How often limits are evaluated without any event.
const SWEEP_MS: i64 = 1_000;
/// How often everything is counted anew between two sweeps because a limit was learned: who makes up organizations must
/// not keep the writer at it. Further ones count from the next sweep on.
const RECOUNTS: u32 = 8;
/// The smallest queue: less would not hold a body of ordinary events.
const SMALLEST_QUEUE: usize = 4 << 20;

/// The way into the writer's queue; cheap to clone.
#[derive(Clone)]
pub struct Recorder {
    queue: mpsc::UnboundedSender<Job>,
    room: Arc<Semaphore>,
    /// Bytes the queue holds.
    capacity: usize,
    watch: Arc<Mutex<Watch>>,
    enforces: Arc<AtomicBool>,
    revision: watch::Receiver<u64>,
    read_only: Arc<ReadOnly>,
}

enum Job {
    Store(Group),
    Correct(CorrectionJob),
    LimitsChanged(oneshot::Sender<Result<(), RecordError>>),
}

struct Group {
    entries: Vec<Entry>,
    reply: oneshot::Sender<Result<Vec<Fate>, RecordError>>,
    // Held until the group is stored, so that the queue is bounded.
    _room: tokio::sync::OwnedSemaphorePermit,
}

/// What the writer needs.
pub struct Writer {
    store: Arc<dyn Store>,
    clock: Clock,
    restorer: Restorer,
    jobs: mpsc::UnboundedReceiver<Job>,
    /// A job that was taken from the queue, and comes next.
    next: Option<Job>,
    watch: Arc<Mutex<Watch>>,
    enforces: Arc<AtomicBool>,
    revision: watch::Sender<u64>,
    /// Woken when there may be something to deliver.
    outbox: Arc<Notify>,
    foreign_writes: u64,
    /// What the watch holds is not what is stored, and could not be read back yet.
    stale: bool,
    /// Events that are counted may have been deleted or put right since.
    put_right: bool,
    /// How often learned limits may still have everything counted anew before the next sweep.
    recounts_left: u32,
    /// A limit was learned that counts from the next sweep on.
    met_limits: bool,
    read_only: Arc<ReadOnly>,
}

impl Recorder {
    /// A recorder and the writer it feeds; the queue holds about `queue_bytes`.
    pub async fn new(
        store: Arc<dyn Store>,
        clock: Clock,
        restorer: Restorer,
        outbox: Arc<Notify>,
        queue_bytes: usize,
        ballast: Ballast,
    ) -> Result<(Recorder, Writer), StoreError> {
        let foreign_writes = store.foreign_writes().await?;
        let watch = Arc::new(Mutex::new(restorer.restore(&*store, clock.now_ms()).await?));
        let enforces = Arc::new(AtomicBool::new(lock(&watch).enforces()));
        let (queue, jobs) = mpsc::unbounded_channel();
        let (revision, seen) = watch::channel(0);
        let capacity = queue_bytes.clamp(SMALLEST_QUEUE, Semaphore::MAX_PERMITS);
        let room = Arc::new(Semaphore::new(capacity));
        let read_only = Arc::new(ReadOnly::new(ballast));
        let writer = Writer {
            store,
            clock,
            restorer,
            jobs,
            next: None,
            watch: watch.clone(),
            enforces: enforces.clone(),
            revision,
            outbox,
            foreign_writes,
            stale: false,
            put_right: false,
            recounts_left: RECOUNTS,
            met_limits: false,
            read_only: read_only.clone(),
        };
        Ok((Recorder { queue, room, capacity, watch, enforces, revision: seen, read_only }, writer))
    }

    /// Stores entries durably; the answer has one fate per entry, in order.
    pub async fn store(&self, entries: Vec<Entry>) -> Result<Vec<Fate>, RecordError> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        if self.is_read_only() {
            return Err(RecordError::ReadOnly);
        }
        // The last fifth is for single events: who sends in bulk can send again.
        if entries.len() > 1 && self.room.available_permits() < self.capacity / 5 {
            return Err(RecordError::Busy);
        }
        let room = self.room_for(entries.iter().map(weight).sum())?;
        let (reply, answer) = oneshot::channel();
        let group = Group { entries, reply, _room: room };
        self.queue.send(Job::Store(group)).map_err(|_| RecordError::Unavailable)?;
        answer.await.unwrap_or(Err(RecordError::Unavailable))
    }

    /// Room in the queue. What is larger than the queue is taken when the queue is empty.
    fn room_for(&self, bytes: usize) -> Result<tokio::sync::OwnedSemaphorePermit, RecordError> {
        let bytes = u32::try_from(bytes.min(self.capacity)).unwrap_or(u32::MAX);
        self.room.clone().try_acquire_many_owned(bytes).map_err(|_| RecordError::Busy)
    }

    /// Takes up limits that were changed in the store.
    pub async fn limits_changed(&self) -> Result<(), RecordError> {
        let (reply, answer) = oneshot::channel();
        self.queue.send(Job::LimitsChanged(reply)).map_err(|_| RecordError::Unavailable)?;
        answer.await.unwrap_or(Err(RecordError::Unavailable))
    }

    /// Nothing can be stored: the last write failed for want of room or permission.
    pub fn is_read_only(&self) -> bool {
        self.read_only.is_on()
    }

    /// Where every limit stands.
    pub fn watch(&self) -> MutexGuard<'_, Watch> {
        lock(&self.watch)
    }

    /// Whether any limit is enforced; does not wait for anybody, as [`Recorder::watch`] may.
    pub fn enforces(&self) -> bool {
        self.enforces.load(Ordering::Relaxed)
    }

    /// Grows with every commit that changed what a page shows.
    pub fn revision(&self) -> watch::Receiver<u64> {
        self.revision.clone()
    }
}

impl Writer {
    /// Writes until `shutdown`, then stores what is queued and returns. An error means that the storage
    /// failed in a way that must not be retried.
    pub async fn run(mut self, shutdown: CancellationToken) -> Result<(), StoreError> {
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
        let watch = self.watch.clone();
        let mut alerted = false;
        let mut met_limits = false;
        let mut judge = |fresh: &[&Entry]| {
            let mut watch = lock(&watch);
            let changes = watch.observe(fresh, now_ms);
            // Calls are admitted under the same lock: at every moment each counts once.
            fresh.iter().filter_map(|entry| entry.hold.as_ref()).for_each(Hold::counts);
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

    async fn notice_foreign_writes(&mut self) -> Result<(), StoreError> {
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
        let changes = lock(&self.watch).sweep(self.clock.now_ms());
        if changes.is_empty() {
            return Ok(());
        }
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
        if taken.is_ok() {
            self.announce(true);
        }
        let _ = reply.send(taken.as_ref().copied().map_err(RecordError::from));
        fatal(taken)
    }

    /// Counts again what every limit has used, and tells what that changes.
    async fn count_anew(&mut self) -> Result<(), StoreError> {
        self.stale = true;
        self.be_current().await?;
        self.evaluate().await
    }

    /// Has the watch forget what could not be stored; answers the graver error, should reading fail too.
    async fn take_back(&mut self, error: StoreError) -> StoreError {
        self.stale = true;
        match self.be_current().await {
            Err(worse) if worse.is_device_failure() => worse,
            _ => error,
        }
    }

    /// Makes the watch hold what is stored.
    async fn be_current(&mut self) -> Result<(), StoreError> {
        if self.stale {
            let now_ms = self.clock.now_ms().max(lock(&self.watch).now_ms());
            let mut restored = self.restorer.restore(&*self.store, now_ms).await.inspect_err(|error| {
                tracing::error!(error = %error, "Could not read back where limits stand; nothing is stored until that succeeds");
            })?;
            let mut watch = lock(&self.watch);
            restored.go_on_from(&watch);
            if self.put_right {
                restored.find_mistaken(&watch);
            }
            self.enforces.store(restored.enforces(), Ordering::Relaxed);
            *watch = restored;
            (self.stale, self.put_right, self.met_limits) = (false, false, false);
        }
        Ok(())
    }

    fn announce(&self, alerted: bool) {
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
fn fatal(done: Result<(), StoreError>) -> Result<(), StoreError> {
    match done {
        Err(error) if error.is_device_failure() => Err(error),
        _ => Ok(()),
    }
}

/// A panic while counting leaves counts, not broken memory: what they say is read back at the next restore.
fn lock(watch: &Mutex<Watch>) -> MutexGuard<'_, Watch> {
    watch.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// What an entry takes in memory, in bytes.
fn weight(entry: &Entry) -> usize {
    let headers = entry.observation.as_ref().map_or(0, |observation| 256 + observation.observed.len() * 128);
    entry.event.memory_bytes() + headers
}
