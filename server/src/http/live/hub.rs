//! One task makes what all streams are told, each beat once: a stream only passes it on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use app::api::live::{Hello, Tick};
use axum::body::Bytes;
use serde::Serialize;
use tokio::sync::{Mutex, broadcast};
use tokio_util::sync::CancellationToken;

use super::sse;
use super::told::Told;
use crate::clock::Clock;
use crate::dashboard::Dashboard;
use crate::record::recorder::Recorder;

/// How long a change may wait for others before a page hears of it.
const GATHER: Duration = Duration::from_millis(200);
/// The longest pause between two ticks.
const BEAT: Duration = Duration::from_secs(1);
/// Beats that a stream may be behind before it is told the state as it is.
const MOST_BEHIND: usize = 16;

/// What the live streams are made of.
pub struct LiveHub {
    sources: LiveSources,
    beats: broadcast::Sender<Beat>,
    /// How many streams are told more than ticks.
    listeners: AtomicUsize,
    /// What they have been told; nothing while there are none.
    told: Mutex<Option<Told>>,
    /// The revision with which they were told it.
    told_revision: AtomicU64,
}

/// What the live streams are read from.
pub struct LiveSources {
    /// Names the built files of the interface.
    pub build: String,
    /// Where standings, transitions and minutes come from.
    pub dashboard: Arc<Dashboard>,
    /// Tells when something changed.
    pub recorder: Recorder,
    /// Tells the time.
    pub clock: Clock,
    /// When this server started, Unix milliseconds: part of every id, since revisions begin anew with it.
    pub started_at_ms: i64,
    /// Ends the streams, so that stopping does not wait for open pages.
    pub shutdown: CancellationToken,
}

/// What streams are told, as it is sent.
#[derive(Clone)]
pub enum Beat {
    /// That time has passed, and whether anything has changed.
    Tick {
        /// For those who hear nothing else.
        only: Bytes,
        /// For those who are told what has changed: it names the state that they have been told. Who comes back with it
        /// has missed the rest.
        with_changes: Bytes,
    },
    /// What has changed, for those who listen to it.
    Changes(Bytes),
}

/// A stream among those who listen to all; dropped when it ends.
pub struct Listener(Arc<LiveHub>);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.listeners.fetch_sub(1, Ordering::Relaxed);
    }
}

impl LiveHub {
    /// Streams over these sources; [`LiveHub::run`] feeds them.
    pub fn new(sources: LiveSources) -> Self {
        let (beats, _) = broadcast::channel(MOST_BEHIND);
        LiveHub {
            sources,
            beats,
            listeners: AtomicUsize::new(0),
            told: Mutex::new(None),
            told_revision: AtomicU64::new(0),
        }
    }

    /// Tells the time.
    pub fn clock(&self) -> &Clock {
        &self.sources.clock
    }

    /// Ends when streams are to end.
    pub fn shutdown(&self) -> CancellationToken {
        self.sources.shutdown.clone()
    }

    /// What every stream begins with: who speaks.
    pub fn greeting(&self) -> Bytes {
        let revision = self.revision();
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let (build, now_ms) = (self.sources.build.clone(), self.sources.clock.now_ms());
        let hello = sse("hello", &self.id(revision), &json(&Hello { version, build, now_ms, revision }));
        // How long a browser waits before it comes back.
        Bytes::from(format!("retry: 2000\n{hello}"))
    }

    /// A tick now: from here on a stream tells of everything.
    pub fn first_tick(&self, is_listener: bool) -> Bytes {
        let (revision, told) = (self.revision(), self.told_revision.load(Ordering::Relaxed));
        Bytes::from(self.tick(revision, if is_listener { told } else { revision }))
    }

    /// Beats from now on.
    pub fn beats(&self) -> broadcast::Receiver<Beat> {
        self.beats.subscribe()
    }

    /// Beats from now on for a stream that is told all, and all it has missed: the state as it is, if it was told of
    /// another one last.
    pub async fn join(
        self: Arc<Self>,
        last_id: Option<&str>,
    ) -> (Listener, broadcast::Receiver<Beat>, Bytes) {
        self.listeners.fetch_add(1, Ordering::Relaxed);
        let listener = Listener(self.clone());
        let mut told = self.told.lock().await;
        if told.is_none() {
            let revision = self.revision();
            *told = Some(Told::now(&self.sources.dashboard).await);
            self.told_revision.store(revision, Ordering::Relaxed);
        }
        let id = self.told_id();
        let missed = match (&*told, last_id) {
            (Some(told), Some(last_id)) if last_id != id => told.since(&Told::default(), &id),
            _ => String::new(),
        };
        // While nobody can tell of another state.
        (listener, self.beats(), Bytes::from(missed))
    }

    /// Beats from now on and the state before them, for a stream that was too far behind.
    pub async fn state(&self) -> (broadcast::Receiver<Beat>, Bytes) {
        let told = self.told.lock().await;
        let id = self.told_id();
        let state = told.as_ref().map(|told| told.since(&Told::default(), &id)).unwrap_or_default();
        (self.beats(), Bytes::from(state))
    }

    /// Tells all streams, until the end.
    pub async fn run(self: Arc<Self>) {
        let shutdown = self.shutdown();
        // A task of its own: a mistake in what is told must not silence all streams for good.
        while let Err(error) = tokio::spawn(self.clone().tell()).await {
            if shutdown.is_cancelled() {
                return;
            }
            tracing::error!(error = %error, "What feeds the live streams has failed, and begins anew");
        }
    }

    /// However long it takes to find out what has changed, ticks go on.
    async fn tell(self: Arc<Self>) {
        let shutdown = self.shutdown();
        tokio::select! {
            () = self.tick_on() => {}
            () = self.tell_changes() => {}
            () = shutdown.cancelled() => {}
        }
    }

    /// A tick each second, and soon after every change.
    async fn tick_on(&self) {
        let mut revisions = self.sources.recorder.revision();
        loop {
            match tokio::time::timeout(BEAT, revisions.changed()).await {
                Ok(Ok(())) => tokio::time::sleep(GATHER).await,
                Ok(Err(_)) => return,
                Err(_) => {}
            }
            let revision = *revisions.borrow_and_update();
            let told = self.told_revision.load(Ordering::Relaxed);
            let [only, with_changes] = [revision, told].map(|named| Bytes::from(self.tick(revision, named)));
            self.send(Beat::Tick { only, with_changes });
        }
    }

    /// What has changed, soon after it has, while anybody listens to it.
    async fn tell_changes(&self) {
        let mut revisions = self.sources.recorder.revision();
        while revisions.changed().await.is_ok() {
            tokio::time::sleep(GATHER).await;
            let revision = *revisions.borrow_and_update();
            let mut told = self.told.lock().await;
            if self.listeners.load(Ordering::Relaxed) == 0 {
                *told = None;
            }
            let Some(before) = &mut *told else { continue };
            let now = Told::now(&self.sources.dashboard).await;
            let changes = now.since(before, &self.id(revision));
            *before = now;
            self.send(Beat::Changes(Bytes::from(changes)));
            self.told_revision.store(revision, Ordering::Relaxed);
        }
    }

    fn send(&self, beat: Beat) {
        // An error says that nobody is listening.
        let _ = self.beats.send(beat);
    }

    fn revision(&self) -> u64 {
        *self.sources.recorder.revision().borrow()
    }

    /// Names a revision of this server.
    fn id(&self, revision: u64) -> String {
        format!("{}-{revision}", self.sources.started_at_ms)
    }

    /// Names what those who listen to all have been told.
    fn told_id(&self) -> String {
        self.id(self.told_revision.load(Ordering::Relaxed))
    }

    /// A tick at a revision, under the name of one.
    fn tick(&self, revision: u64, named: u64) -> String {
        let tick = Tick { now_ms: self.sources.clock.now_ms(), revision };
        sse("tick", &self.id(named), &json(&tick))
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
