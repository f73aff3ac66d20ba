//! The one writer: everything that is stored passes here, in groups that share a commit.
//!
//! Whoever has events enqueues them and waits; while one commit is running the next group gathers by itself,
//! so a group is as large as the traffic makes it and a lone event waits for nobody. Events enqueued are
//! stored even if who sent them has gone: their second try is then answered as a duplicate.

mod corrections;
mod error;
mod shown;
mod watched;
mod writer;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLockReadGuard};

use tokio::sync::{Notify, Semaphore, mpsc, oneshot, watch};

pub use corrections::Unwatched;
pub use error::RecordError;

use self::corrections::CorrectionJob;
use self::shown::{Showing, Shown, shown};
use self::watched::Watched;
use self::writer::RECOUNTS;
use super::read_only::ReadOnly;
use crate::clock::Clock;
use crate::record::ballast::Ballast;
use crate::store::{Entry, Fate, Store, StoreError};
use crate::watch::Watch;
use crate::watch::restore::Restorer;
use crate::watch::snapshot::Snapshot;

/// The smallest queue: less would not hold a body of ordinary events.
const SMALLEST_QUEUE: usize = 4 << 20;

/// The way into the writer's queue; cheap to clone.
#[derive(Clone)]
pub struct Recorder {
    queue: mpsc::UnboundedSender<Job>,
    room: Arc<Semaphore>,
    /// Bytes the queue holds.
    capacity: usize,
    watched: Arc<Watched>,
    enforces: Arc<AtomicBool>,
    revision: watch::Receiver<u64>,
    shown: Shown,
    clock: Clock,
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

/// The one writer, and what it shows meanwhile ([`Writer::run`]).
pub struct Writer {
    work: Work,
    showing: Showing,
}

/// The writer's work.
struct Work {
    store: Arc<dyn Store>,
    clock: Clock,
    restorer: Restorer,
    /// Woken when there may be something to deliver.
    outbox: Arc<Notify>,
    jobs: mpsc::UnboundedReceiver<Job>,
    /// A job that was taken from the queue, and comes next.
    next: Option<Job>,
    watched: Arc<Watched>,
    enforces: Arc<AtomicBool>,
    revision: watch::Sender<u64>,
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
        let now_ms = clock.now_ms();
        let restored = restorer.restore(&*store, now_ms).await?;
        let enforces = Arc::new(AtomicBool::new(restored.enforces()));
        let watched = Arc::new(Watched::new(restored));
        let (shown, showing) = shown(watched.snapshot(now_ms));
        let (queue, jobs) = mpsc::unbounded_channel();
        let (revision, seen) = watch::channel(0);
        let capacity = queue_bytes.clamp(SMALLEST_QUEUE, Semaphore::MAX_PERMITS);
        let room = Arc::new(Semaphore::new(capacity));
        let read_only = Arc::new(ReadOnly::new(ballast));
        let recorder = Recorder {
            queue,
            room,
            capacity,
            watched: watched.clone(),
            enforces: enforces.clone(),
            revision: seen,
            shown,
            clock: clock.clone(),
            read_only: read_only.clone(),
        };
        let work = Work {
            store,
            clock,
            restorer,
            outbox,
            jobs,
            next: None,
            watched,
            enforces,
            revision,
            foreign_writes,
            stale: false,
            put_right: false,
            recounts_left: RECOUNTS,
            met_limits: false,
            read_only,
        };
        Ok((recorder, Writer { work, showing }))
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

    /// Bytes of events that wait to be stored.
    pub fn queued_bytes(&self) -> u64 {
        self.capacity.saturating_sub(self.room.available_permits()) as u64
    }

    /// Nothing can be stored: the last write failed for want of room or permission.
    pub fn is_read_only(&self) -> bool {
        self.read_only.is_on()
    }

    /// What calls are held against before they begin. Who only wants to know where limits stand is shown a
    /// [`Recorder::snapshot`]: the writer waits for whoever holds this.
    pub fn watch(&self) -> RwLockReadGuard<'_, Watch> {
        self.watched.read()
    }

    /// Where every limit stands, with all that can be seen in the store: made once for all who ask, by the writer, which
    /// waits for nobody. Should it be held up, this is where they stood before.
    pub async fn snapshot(&self) -> Arc<Snapshot> {
        self.shown.at(self.watched.version(), self.clock.now_ms()).await
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

/// What an entry takes in memory, in bytes.
fn weight(entry: &Entry) -> usize {
    let headers = entry.observation.as_ref().map_or(0, |observation| 256 + observation.observed.len() * 128);
    entry.event.memory_bytes() + headers
}
