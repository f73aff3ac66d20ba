//! Brings the events of calls into the store, without any call waiting for it.
//!
//! Events gather in the [`Journal`] for a moment, as a commit of many costs little more than one of a few. Where the
//! store takes too long, or fails, they are written to the [`Spill`] and brought in from there later. An event may so
//! be offered to the store twice, and is counted once: it has the same id.
//!
//! Of an id that the store knows there are two kinds. An event that came in after a call was sent is that call, offered
//! before or reported by the application that made it: only the answer names the id. One that came in earlier is
//! another exchange, and this one is stored under an id of its own: the same each time it is offered. Where nothing is
//! stored under an id that is known, the event was deleted, and what it said tells one kind from the other.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::limits::learned::{Reporter, headers};
use domain::pricing::PriceBook;
use domain::read::bounds::Bounds;
use domain::read::context::Context;
use domain::read::digest::digest;
use domain::read::event::read;
use domain::read::item::item;
use domain::read::plausible::Implausible;
use domain::usage::{Dimensions, EventKey, Fingerprints};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::journal::{Journal, Recorded};
use super::request_ids::{RequestIds, own};
use super::spill::Spill;
use crate::clock::Clock;
use crate::record::intake::entry;
use crate::record::recorder::{RecordError, Recorder};
use crate::store::{Entry, Fate, Store};

/// How long events gather for one commit: no call waits for it, and a page shows them within a second all the same.
const GATHER: Duration = Duration::from_millis(20);
/// Events offered to the store at a time.
const BATCH: usize = 5_000;
/// Lines of the file offered to the store at a time; new events wait that long.
const REPLAY_BATCH: usize = 500;
/// A commit that takes longer is not waited for: what waits is written to the file. This is what a crash can lose.
const PATIENCE: Duration = Duration::from_secs(1);
/// At the end: how long calls that are being given up may take to say so.
const LAST_CALLS: Duration = Duration::from_secs(2);

/// Empties the journal.
pub struct Keeper {
    pub journal: Journal,
    /// The way into the store.
    pub recorder: Recorder,
    /// Knows what has come in under an id.
    pub store: Arc<dyn Store>,
    /// Learns the ids that wait in the file.
    pub request_ids: RequestIds,
    pub prices: Arc<PriceBook>,
    /// Tells the time.
    pub clock: Clock,
    /// Keeps what the store cannot take.
    pub spill: Arc<Mutex<Spill>>,
    /// Reads back what was kept.
    pub fingerprints: Fingerprints,
    /// Cancelled when no call begins any more.
    pub end: CancellationToken,
}

impl Keeper {
    /// Works until `end`, and leaves nothing in memory. What waits in the file since before the start is stored little by
    /// little; its ids are known when this returns, so that no call that begins after that takes one of them.
    pub fn run(self) -> impl Future<Output = ()> + Send {
        self.learn_spilled_ids();
        self.work()
    }

    fn learn_spilled_ids(&self) {
        let spill = self.spill.lock().unwrap_or_else(PoisonError::into_inner);
        self.journal.note_spilled(spill.waiting_bytes());
        let learned = spill.each(|line| {
            if let Ok(Named { project, id }) = serde_json::from_slice(line) {
                self.request_ids.note(&project, &id);
            }
        });
        if let Err(error) = learned {
            tracing::error!(error = %error, "Cannot read which events of the proxy wait in the spill file");
        }
    }

    async fn work(mut self) {
        let mut is_blocked = false;
        while !self.end.is_cancelled() {
            let end = self.end.clone();
            let pause = async {
                if is_blocked {
                    sleep(PATIENCE).await;
                } else if self.journal.spilled_bytes() == 0 {
                    self.journal.more().await;
                    // Until it is stored, a call that has ended counts nowhere: enforced limits must not wait for it.
                    if !self.recorder.enforces() {
                        sleep(GATHER).await;
                    }
                }
            };
            tokio::select! {
                () = pause => {}
                () = end.cancelled() => {}
            }
            if is_blocked {
                self.keep_waiting().await;
            }
            is_blocked = !self.bring().await || !self.bring_back().await;
        }
        self.hear_last_calls().await;
        if !self.bring().await {
            self.keep_waiting().await;
            let lost = self.journal.take(usize::MAX).len();
            self.journal.lose(lost as u64);
        }
    }

    /// Waits for the events of calls that are still open, though not for long.
    async fn hear_last_calls(&self) {
        let latest = Instant::now() + LAST_CALLS;
        while self.journal.has_open_calls() && Instant::now() < latest {
            let _ = timeout(GATHER, self.journal.more()).await;
        }
    }

    /// Offers the store all that waits in memory. False when it did not take it; then it is in the file.
    async fn bring(&mut self) -> bool {
        loop {
            let mut batch = self.journal.take(BATCH);
            if batch.is_empty() {
                return true;
            }
            if let Err(error) = self.store_all(&mut batch).await {
                tracing::warn!(error = %error, "The store does not take events of the proxy; they wait in a file");
                return false;
            }
        }
    }

    /// Stores a batch. Whatever is not stored is in the file.
    async fn store_all(&mut self, batch: &mut Vec<Recorded>) -> Result<(), RecordError> {
        let entries = batch.iter().map(|recorded| self.entry(recorded)).collect();
        let fates = self.offer(entries, batch).await?;
        // Nothing is left of the batch where it went to the file meanwhile: it will be offered again from there.
        let (mut known, fates): (Vec<Recorded>, Vec<Fate>) =
            batch.drain(..).zip(fates).filter(|(_, fate)| is_known(*fate)).unzip();
        let entries = known.iter().map(|recorded| self.entry(recorded)).zip(fates).collect();
        match self.others(entries).await {
            Ok(others) => self.offer(others, &mut known).await.map(drop),
            Err(error) => {
                self.keep(known).await;
                Err(error)
            }
        }
    }

    /// Offers the store the next part of what waits in the file. False when it did not take it.
    async fn bring_back(&mut self) -> bool {
        if self.journal.spilled_bytes() == 0 {
            return true;
        }
        let (lines, bytes) = match self.in_file(|spill| spill.next(REPLAY_BATCH)).await {
            Ok(read) => read,
            Err(error) => {
                tracing::error!(error = %error, "Cannot read back events of the proxy");
                return false;
            }
        };
        let entries: Vec<Entry> = lines.iter().filter_map(|line| self.read_back(line)).collect();
        let unreadable = lines.len() - entries.len();
        let Ok(fates) = self.offer(entries.clone(), &mut Vec::new()).await else { return false };
        let known = entries.into_iter().zip(fates).filter(|(_, fate)| is_known(*fate));
        let Ok(others) = self.others(known.collect()).await else { return false };
        if self.offer(others, &mut Vec::new()).await.is_err() {
            return false;
        }
        if unreadable > 0 {
            tracing::error!(
                unreadable,
                "Events of the proxy in the spill file cannot be read; they are lost"
            );
            self.journal.lose(unreadable as u64);
        }
        if let Err(error) = self.in_file(move |spill| spill.took(bytes)).await {
            tracing::error!(error = %error, "Cannot remove the spill file; its events are stored, and will be offered again");
            return false;
        }
        self.note_spilled().await;
        true
    }

    /// Offers entries to the store. While it does not answer, nothing stays in memory alone for longer than
    /// [`PATIENCE`]: what waits goes to the file, and so do those that are `unsafe_yet`, which have been in no file.
    async fn offer(
        &mut self,
        entries: Vec<Entry>,
        unsafe_yet: &mut Vec<Recorded>,
    ) -> Result<Vec<Fate>, RecordError> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let recorder = self.recorder.clone();
        let mut storing = pin!(recorder.store(entries));
        loop {
            match timeout(PATIENCE, storing.as_mut()).await {
                Ok(Ok(fates)) => return Ok(fates),
                Ok(Err(error)) => {
                    self.keep(std::mem::take(unsafe_yet)).await;
                    return Err(error);
                }
                // Nobody knows yet whether these are stored: they are kept, and told apart by their ids later.
                Err(_) => {
                    self.keep(std::mem::take(unsafe_yet)).await;
                    self.keep_waiting().await;
                    if self.end.is_cancelled() {
                        return Err(RecordError::Unavailable);
                    }
                }
            }
        }
    }

    /// Those whose ids the store knows from other exchanges, under ids of their own.
    async fn others(&self, known: Vec<(Entry, Fate)>) -> Result<Vec<Entry>, RecordError> {
        let mut others = Vec::new();
        for (mut entry, fate) in known {
            // Results of a batch, which took no time, are meant to be stored once, whoever fetches them.
            if entry.event.duration_ms.is_none() {
                continue;
            }
            let received_at_ms = self.store.received_at_ms(entry.key).await.map_err(|error| {
                tracing::warn!(error = %error, "The store does not say what it knows of an event of the proxy");
                RecordError::Unavailable
            })?;
            let is_another = match received_at_ms {
                Some(received_at_ms) => received_at_ms < entry.event.at_ms,
                // Somebody has deleted what was stored, or moved it to another project; where that was this very
                // exchange, offered before, it does not come back.
                None => fate != Fate::Duplicate,
            };
            if is_another {
                entry.event.id = own(&entry.event.id, digits_of(&entry));
                entry.key = EventKey::new(&entry.event.dimensions.project, &entry.event.id);
                others.push(entry);
            }
        }
        Ok(others)
    }

    async fn keep_waiting(&self) {
        let waiting = self.journal.take(usize::MAX);
        self.keep(waiting).await;
    }

    /// Writes events to the file. What does not fit waits in memory, if there is room.
    async fn keep(&self, batch: Vec<Recorded>) {
        if batch.is_empty() {
            return;
        }
        let journal = self.journal.clone();
        let kept = self.in_file(move |spill| {
            let kept = spill.add(batch.iter().map(write));
            journal.put_back(batch.into_iter().skip(kept));
            Ok(())
        });
        if let Err(error) = kept.await {
            tracing::error!(error = %error, "Events of the proxy are lost");
        }
        self.note_spilled().await;
    }

    /// Tells the journal what waits in the file.
    async fn note_spilled(&self) {
        let bytes = self.in_file(|spill| Ok(spill.waiting_bytes())).await;
        self.journal.note_spilled(bytes.unwrap_or(0));
    }

    /// Works with the file on a thread that may be held up: a disk that hangs holds up no call.
    async fn in_file<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Spill) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let spill = self.spill.clone();
        let done = spawn_blocking(move || work(&mut spill.lock().unwrap_or_else(PoisonError::into_inner)));
        done.await.unwrap_or_else(|error| Err(io::Error::other(error)))
    }

    /// What the store is given, as it would be had the event been posted with these headers.
    fn entry(&self, recorded: &Recorded) -> Entry {
        let observation = headers::read(recorded.headers.pairs());
        let digest = digest(&recorded.event);
        let mut event = recorded.event.clone();
        observation.fill(&mut event.dimensions);
        let said = observation.boxed().map(|said| said.reported_by(&Reporter::Proxy));
        Entry { hold: recorded.hold.clone(), ..entry(event, digest, said, &self.prices) }
    }

    fn read_back(&self, line: &str) -> Option<Entry> {
        // It was written by this clock, which may have been set back since.
        // What was taken in then is not refused now, whatever the settings say.
        let bounds = Bounds { future_s: u64::MAX, ..Bounds::default().of_any_usage() };
        let context = Context {
            now_ms: self.clock.now_ms(),
            accepts_old: true,
            just_sent: false,
            shift_ms: 0,
            implausible: Implausible::Refused,
            bounds: &bounds,
            key_defaults: &Dimensions::default(),
            fingerprints: &self.fingerprints,
        };
        let reading = read(line, &context).ok()?;
        let said = reading.observation.map(|said| said.reported_by(&Reporter::Proxy));
        Some(entry(reading.event, reading.digest, said, &self.prices))
    }
}

/// What names an event in a line of the file.
#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    project: String,
    id: String,
}

/// An event as a line of the file: an item as it could be posted.
fn write(recorded: &Recorded) -> String {
    let mut fields = item(&recorded.event);
    let headers: serde_json::Map<String, Value> =
        recorded.headers.pairs().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    fields.insert("headers".to_owned(), Value::Object(headers));
    Value::Object(fields).to_string()
}

/// The store has an event with this id.
fn is_known(fate: Fate) -> bool {
    fate != Fate::Accepted
}

/// What an exchange is told from others by: the same each time it is offered.
fn digits_of(entry: &Entry) -> u64 {
    let said = Sha256::new().chain_update(entry.event.at_ms.to_le_bytes()).chain_update(entry.digest);
    said.finalize().iter().take(8).fold(0, |digits, byte| digits << 8 | u64::from(*byte))
}
