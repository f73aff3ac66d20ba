//! Brings the events of calls into the store, without any call waiting for it.
//!
//! Events wait in memory for the next commit. Where that takes too long, or fails, they are written to the
//! [`Spill`] and brought in from there later. An event may so be offered to the store twice, and is counted once: it
//! has the same id. What neither fits into memory nor into the file is lost, counted, and shown.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::spill::Spill;
use crate::clock::Clock;
use crate::ingest::bounds::Bounds;
use crate::ingest::digest::digest;
use crate::ingest::intake::entry;
use crate::ingest::item::item;
use crate::ingest::read::{Context, read};
use crate::ingest::recorder::Recorder;
use crate::limits::learned::headers;
use crate::pricing::PriceBook;
use crate::store::{Entry, Fate};
use crate::usage::{Dimensions, Event};

/// Events that wait in memory; some hundred bytes each.
const MOST_WAITING: usize = 100_000;
/// Events offered to the store at a time.
const BATCH: usize = 500;
/// A commit that takes longer is not waited for: what waits is written to the file. This is what a crash can lose.
const PATIENCE: Duration = Duration::from_secs(1);

/// An event of the proxy, with what the API said about limits.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The event.
    pub event: Event,
    /// Headers about limits.
    pub headers: Vec<(String, String)>,
}

/// What calls write to; cheap to clone.
#[derive(Clone)]
pub struct Journal(Arc<Shared>);

struct Shared {
    waiting: Mutex<VecDeque<Recorded>>,
    more: Notify,
    lost: AtomicU64,
    spilled_bytes: AtomicU64,
}

/// What is not in the store yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kept {
    /// Events that wait in memory.
    pub waiting: u64,
    /// Bytes that wait in the file.
    pub spilled_bytes: u64,
    /// Events that are lost, since the start.
    pub lost: u64,
}

impl Journal {
    /// An empty journal.
    pub fn new() -> Self {
        Journal(Arc::new(Shared {
            waiting: Mutex::default(),
            more: Notify::new(),
            lost: AtomicU64::new(0),
            spilled_bytes: AtomicU64::new(0),
        }))
    }

    /// Takes an event. Never waits.
    pub fn note(&self, recorded: Recorded) {
        let mut waiting = self.waiting();
        if waiting.len() < MOST_WAITING {
            waiting.push_back(recorded);
        } else {
            self.lose(1);
        }
        drop(waiting);
        self.0.more.notify_one();
    }

    /// What is not in the store yet.
    pub fn kept(&self) -> Kept {
        Kept {
            waiting: self.waiting().len() as u64,
            spilled_bytes: self.0.spilled_bytes.load(Ordering::Relaxed),
            lost: self.0.lost.load(Ordering::Relaxed),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Recorded>> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, most: usize) -> Vec<Recorded> {
        let mut waiting = self.waiting();
        let count = waiting.len().min(most);
        waiting.drain(..count).collect()
    }

    fn lose(&self, events: u64) {
        let before = self.0.lost.fetch_add(events, Ordering::Relaxed);
        if before == 0 {
            tracing::error!(
                "Events of the proxy are lost: the store does not take them, and the spill file is full"
            );
        }
    }
}

impl Default for Journal {
    fn default() -> Self {
        Self::new()
    }
}

/// Empties the journal.
pub struct Keeper {
    /// The journal.
    pub journal: Journal,
    /// The way into the store.
    pub recorder: Recorder,
    /// Prices the events.
    pub prices: Arc<PriceBook>,
    /// Tells the time of a replay.
    pub clock: Clock,
    /// Keeps what the store cannot take.
    pub spill: Spill,
}

impl Keeper {
    /// Works until `end`, when no call is open any more, and leaves nothing in memory.
    pub async fn run(mut self, end: CancellationToken) {
        self.note_spilled();
        let mut is_blocked = false;
        while !end.is_cancelled() {
            if is_blocked {
                // Events gather, and are safe in the file once a second.
                tokio::select! {
                    () = tokio::time::sleep(PATIENCE) => {}
                    () = end.cancelled() => {}
                }
                let waiting = self.journal.take(usize::MAX);
                self.keep(waiting);
            } else if self.spill.waiting_bytes() == 0 {
                tokio::select! {
                    () = self.journal.0.more.notified() => {}
                    () = end.cancelled() => {}
                }
            }
            is_blocked = !self.bring().await || !self.bring_back().await;
        }
        if self.bring().await {
            return;
        }
        let waiting = self.journal.take(usize::MAX);
        self.keep(waiting);
        let lost = self.journal.waiting().len() as u64;
        if lost > 0 {
            self.journal.lose(lost);
        }
    }

    /// Offers the store all that waits in memory. False when it did not take it; then it is in the file.
    async fn bring(&mut self) -> bool {
        loop {
            let batch = self.journal.take(BATCH);
            if batch.is_empty() {
                return true;
            }
            if !self.offer(batch).await {
                return false;
            }
        }
    }

    /// Offers events to the store; those it does not take go to the file. False when it took none.
    async fn offer(&mut self, batch: Vec<Recorded>) -> bool {
        let entries = batch.iter().map(|recorded| self.entry(recorded)).collect();
        let recorder = self.recorder.clone();
        let mut storing = pin!(recorder.store(entries));
        let mut unsure = Some(batch);
        loop {
            match tokio::time::timeout(PATIENCE, storing.as_mut()).await {
                Ok(Ok(fates)) => {
                    note_conflicts(&fates);
                    return true;
                }
                Ok(Err(error)) => {
                    tracing::warn!(error = %error, "The store does not take events of the proxy; they wait in a file");
                    unsure.take().into_iter().for_each(|batch| self.keep(batch));
                    return false;
                }
                // Nobody knows yet whether these are stored: they are kept, and told apart by their ids later.
                Err(_) => {
                    unsure.take().into_iter().for_each(|batch| self.keep(batch));
                    let waiting = self.journal.take(usize::MAX);
                    self.keep(waiting);
                }
            }
        }
    }

    /// Offers the store the next part of what waits in the file. False when it did not take it.
    async fn bring_back(&mut self) -> bool {
        if self.spill.waiting_bytes() == 0 {
            return true;
        }
        let (lines, bytes) = match self.spill.next(BATCH) {
            Ok(read) => read,
            Err(error) => {
                tracing::error!(error = %error, "Cannot read back events of the proxy");
                return false;
            }
        };
        let entries: Vec<Entry> = lines.iter().filter_map(|line| self.read_back(line)).collect();
        let unreadable = lines.len() - entries.len();
        if unreadable > 0 {
            tracing::error!(
                unreadable,
                "Events of the proxy in the spill file cannot be read; they are lost"
            );
            self.journal.lose(unreadable as u64);
        }
        let stored = self.recorder.store(entries).await;
        match &stored {
            Ok(fates) => note_conflicts(fates),
            Err(_) => return false,
        }
        if let Err(error) = self.spill.took(bytes) {
            tracing::error!(error = %error, "Cannot remove the spill file; its events are stored, and will be offered again");
            return false;
        }
        self.note_spilled();
        true
    }

    /// Writes events to the file. What does not fit waits in memory, if there is room.
    fn keep(&mut self, batch: Vec<Recorded>) {
        if batch.is_empty() {
            return;
        }
        let lines: Vec<String> = batch.iter().map(write).collect();
        let kept = self.spill.add(&lines).unwrap_or_else(|error| {
            tracing::error!(error = %error, "Cannot write events of the proxy to the spill file");
            0
        });
        self.note_spilled();
        let mut waiting = self.journal.waiting();
        let mut lost = 0;
        for recorded in batch.into_iter().skip(kept).rev() {
            if waiting.len() < MOST_WAITING {
                waiting.push_front(recorded);
            } else {
                lost += 1;
            }
        }
        drop(waiting);
        if lost > 0 {
            self.journal.lose(lost);
        }
    }

    fn note_spilled(&self) {
        self.journal.0.spilled_bytes.store(self.spill.waiting_bytes(), Ordering::Relaxed);
    }

    /// What the store is given, as it would be had the event been posted with these headers.
    fn entry(&self, recorded: &Recorded) -> Entry {
        let pairs = recorded.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let observation = headers::read(pairs);
        let digest = digest(&recorded.event);
        let mut event = recorded.event.clone();
        observation.fill(&mut event.dimensions);
        entry(event, digest, observation.boxed(), &self.prices)
    }

    fn read_back(&self, line: &str) -> Option<Entry> {
        let bounds = Bounds::default();
        let context = Context {
            now_ms: self.clock.now_ms(),
            accepts_old: true,
            just_sent: false,
            shift_ms: 0,
            bounds: &bounds,
            key_defaults: &Dimensions::default(),
        };
        let reading = read(line, &context).ok()?;
        Some(entry(reading.event, reading.digest, reading.observation, &self.prices))
    }
}

/// An event as a line of the file: an item as it could be posted.
fn write(recorded: &Recorded) -> String {
    let mut fields = item(&recorded.event);
    let headers: serde_json::Map<String, Value> =
        recorded.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    fields.insert("headers".to_owned(), Value::Object(headers));
    Value::Object(fields).to_string()
}

fn note_conflicts(fates: &[Fate]) {
    let conflicts = fates.iter().filter(|fate| **fate == Fate::Conflict).count();
    if conflicts > 0 {
        // The same calls reported by an application, most likely, which counts what it saw.
        tracing::debug!(conflicts, "Events of the proxy have ids of others, which stay as they are");
    }
}
