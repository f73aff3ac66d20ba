//! What readers are shown: where limits stand, made by the writer between two commits, and shared.
//!
//! The writer makes it when somebody asks, and while somebody keeps asking after every commit. However many limits and
//! values there are, that takes it a twentieth of its time at most: then readers wait a little, and the writer does not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::watch::snapshot::Snapshot;

/// How long a reader waits for a writer that is held up.
const PATIENCE: Duration = Duration::from_millis(500);
/// For so long after somebody has asked, others are expected to.
const WATCHED: Duration = Duration::from_secs(2);
/// The pause after making one, in times of what that took.
const PAUSE: u32 = 19;

/// Where readers ask; cheap to clone.
#[derive(Clone)]
pub(super) struct Shown {
    latest: watch::Receiver<Arc<Snapshot>>,
    asked: Arc<Asked>,
}

/// Where the writer shows.
pub(super) struct Showing {
    latest: watch::Sender<Arc<Snapshot>>,
    asked: Arc<Asked>,
    /// Somebody waits for one.
    is_due: bool,
    not_before: Instant,
}

struct Asked {
    now: Notify,
    since: Instant,
    /// When somebody asked last, in milliseconds after `since`.
    last_ms: AtomicU64,
}

/// Both sides, with what is shown first.
pub(super) fn shown(first: Snapshot) -> (Shown, Showing) {
    let since = Instant::now();
    let asked = Arc::new(Asked { now: Notify::new(), since, last_ms: AtomicU64::new(0) });
    let (sender, latest) = watch::channel(Arc::new(first));
    let showing = Showing { latest: sender, asked: asked.clone(), is_due: false, not_before: since };
    (Shown { latest, asked }, showing)
}

impl Shown {
    /// One of at least this revision, and of the second in which `now_ms` lies.
    pub async fn at(&self, revision: u64, now_ms: i64) -> Arc<Snapshot> {
        let now_s = now_ms.div_euclid(1_000);
        let is_new = |shown: &Arc<Snapshot>| {
            let shown_s = shown.as_of_ms.div_euclid(1_000);
            shown.revision >= revision && (now_s..=now_s + 1).contains(&shown_s)
        };
        self.asked.note();
        let latest = self.latest.borrow().clone();
        if is_new(&latest) {
            return latest;
        }
        self.asked.now.notify_one();
        let mut shown = self.latest.clone();
        match tokio::time::timeout(PATIENCE, shown.wait_for(is_new)).await {
            Ok(Ok(shown)) => shown.clone(),
            Ok(Err(_)) | Err(_) => self.latest.borrow().clone(),
        }
    }
}

impl Asked {
    fn note(&self) {
        let after_ms = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_ms.store(after_ms, Ordering::Relaxed);
    }
}

impl Showing {
    /// Waits until one is asked for, and may be made.
    pub async fn due(&mut self) {
        if !self.is_due {
            self.asked.now.notified().await;
            // Kept here, so that it is not forgotten should this wait be given up.
            self.is_due = true;
        }
        tokio::time::sleep_until(self.not_before).await;
    }

    /// Whether somebody has asked lately, and one may be made now. If it may only be made later, it will be.
    pub fn is_watched(&mut self) -> bool {
        let asked = self.asked.since + Duration::from_millis(self.asked.last_ms.load(Ordering::Relaxed));
        let is_watched = asked.elapsed() < WATCHED;
        self.is_due |= is_watched;
        is_watched && Instant::now() >= self.not_before
    }

    /// Makes one, and shows it.
    pub fn show(&mut self, make: impl FnOnce() -> Snapshot) {
        let begun = Instant::now();
        let _ = self.latest.send_replace(Arc::new(make()));
        self.is_due = false;
        self.not_before = Instant::now() + begun.elapsed() * PAUSE;
    }
}
