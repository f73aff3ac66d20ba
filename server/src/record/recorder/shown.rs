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

#[cfg(test)]
mod tests {
    use super::*;

    fn of(revision: u64, as_of_ms: i64) -> Snapshot {
        Snapshot { revision, as_of_ms, ..Snapshot::default() }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_of_this_moment_is_shown_at_once_and_anything_older_is_waited_for() {
        let (shown, mut showing) = shown(of(3, 5_000));
        // Of a second on which the clock has moved on since, or of the same.
        for now_ms in [4_100, 5_000, 5_999] {
            assert_eq!(shown.at(3, now_ms).await.revision, 3, "{now_ms}");
        }
        for (revision, now_ms) in [(4, 5_000), (3, 6_000), (3, 3_999)] {
            let asked = tokio::spawn({
                let shown = shown.clone();
                async move { shown.at(revision, now_ms).await }
            });
            showing.due().await;
            showing.show(|| of(revision, now_ms));
            let seen = asked.await.expect("a snapshot");
            assert_eq!((seen.revision, seen.as_of_ms), (revision, now_ms));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn while_the_writer_is_held_up_readers_see_what_was_shown_last() {
        let (shown, showing) = shown(of(3, 5_000));
        let begun = Instant::now();
        assert_eq!(shown.at(4, 5_000).await.revision, 3);
        assert_eq!(begun.elapsed(), PATIENCE);
        drop(showing);
        assert_eq!(shown.at(4, 5_000).await.revision, 3, "the writer has gone");
    }

    #[tokio::test(start_paused = true)]
    async fn who_keeps_asking_is_shown_every_commit_and_nobody_is_shown_what_nobody_asks_for() {
        let (shown, mut showing) = shown(of(0, 0));
        tokio::time::advance(WATCHED).await;
        assert!(!showing.is_watched());
        let _ = shown.at(0, 0).await;
        assert!(showing.is_watched());
        tokio::time::advance(WATCHED).await;
        assert!(!showing.is_watched());
    }

    #[tokio::test(start_paused = true)]
    async fn making_it_takes_a_small_part_of_the_time() {
        let (shown, mut showing) = shown(of(0, 0));
        let _ = shown.at(0, 0).await;
        showing.not_before = Instant::now() + Duration::from_secs(1);
        assert!(!showing.is_watched(), "not yet, but it is due");
        let begun = Instant::now();
        showing.due().await;
        assert_eq!(begun.elapsed(), Duration::from_secs(1));
    }
}
