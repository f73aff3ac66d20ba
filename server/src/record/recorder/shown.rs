//! What readers are shown: where limits stand, made beside the writer's work, and shared.
//!
//! It is made when somebody asks for what has not been made yet, and takes at most a fifth of the writer's time: beyond
//! that readers wait a little, and events do not.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::watched::Watched;
use crate::clock::Clock;
use crate::watch::snapshot::Snapshot;

/// How long a reader waits where the machine is overloaded, before it is shown what is not of this moment.
const PATIENCE: Duration = Duration::from_secs(5);
/// Time changes what limits have left, without any event: nobody is shown what is older than this.
const FRESH_MS: i64 = 200;
/// The pause after making one, in times of what that took, and at most.
const PAUSE: u32 = 4;
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// Where readers ask; cheap to clone.
#[derive(Clone)]
pub(super) struct Shown {
    latest: watch::Receiver<Arc<Snapshot>>,
    asked: Arc<Notify>,
}

/// Where it is shown.
pub(super) struct Showing {
    latest: watch::Sender<Arc<Snapshot>>,
    asked: Arc<Notify>,
    not_before: Instant,
}

/// Both sides, with what is shown first.
pub(super) fn shown(first: Snapshot) -> (Shown, Showing) {
    let asked = Arc::new(Notify::new());
    let (sender, latest) = watch::channel(Arc::new(first));
    let showing = Showing { latest: sender, asked: asked.clone(), not_before: Instant::now() };
    (Shown { latest, asked }, showing)
}

impl Shown {
    /// One of at least this version of the watch, and of this moment.
    pub async fn at(&self, version: u64, now_ms: i64) -> Arc<Snapshot> {
        let before = self.latest.borrow().clone();
        if is_of(&before, version, now_ms) {
            return before;
        }
        self.asked.notify_one();
        // Any other was made since.
        let is_new = |shown: &Arc<Snapshot>| !Arc::ptr_eq(shown, &before) && shown.version >= version;
        let mut shown = self.latest.clone();
        match tokio::time::timeout(PATIENCE, shown.wait_for(is_new)).await {
            Ok(Ok(shown)) => shown.clone(),
            Ok(Err(_)) | Err(_) => self.latest.borrow().clone(),
        }
    }
}

impl Showing {
    /// Shows where limits stand whenever it is asked for, and may be made.
    pub async fn go_on(&mut self, watched: &Watched, clock: &Clock) -> Infallible {
        loop {
            self.asked.notified().await;
            tokio::time::sleep_until(self.not_before).await;
            self.show(watched.version(), clock.now_ms(), |now_ms| watched.snapshot(now_ms));
        }
    }

    /// Makes one and shows it, unless what is shown is as new.
    fn show(&mut self, version: u64, now_ms: i64, make: impl FnOnce(i64) -> Snapshot) {
        if is_of(&self.latest.borrow(), version, now_ms) {
            return;
        }
        let begun = Instant::now();
        let _ = self.latest.send_replace(Arc::new(make(now_ms)));
        self.not_before = Instant::now() + (begun.elapsed() * PAUSE).min(LONGEST_PAUSE);
    }
}

/// Whether a snapshot is of at least this version, and of this moment: rolling windows move by the second, others end.
fn is_of(shown: &Snapshot, version: u64, now_ms: i64) -> bool {
    let as_of_ms = shown.as_of_ms;
    shown.version >= version
        && (now_ms - as_of_ms).abs() < FRESH_MS
        && now_ms.div_euclid(1_000) == as_of_ms.div_euclid(1_000)
        && shown.ends_at_ms.is_none_or(|ends_at_ms| now_ms < ends_at_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(version: u64, as_of_ms: i64) -> Snapshot {
        Snapshot { version, as_of_ms, ..Snapshot::default() }
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_of_this_moment_is_shown_at_once_and_anything_older_is_waited_for() {
        let (shown, mut showing) = shown(of(3, 5_000));
        for now_ms in [5_000, 5_199] {
            assert_eq!(shown.at(3, now_ms).await.version, 3, "{now_ms}");
        }
        // Something has changed; time has passed; the clock was set back.
        for (version, now_ms) in [(4, 5_000), (3, 5_200), (3, 4_999), (3, 5_000), (3, 4_000)] {
            let asked = tokio::spawn({
                let shown = shown.clone();
                async move { shown.at(version, now_ms).await }
            });
            tokio::task::yield_now().await;
            assert!(!asked.is_finished());
            showing.show(version, now_ms, |now_ms| of(version, now_ms));
            let seen = asked.await.expect("a snapshot");
            assert_eq!((seen.version, seen.as_of_ms), (version, now_ms));
        }
        showing.show(3, 4_000, |_| panic!("it is shown already"));
    }

    #[tokio::test(start_paused = true)]
    async fn while_the_writer_is_held_up_readers_see_what_was_shown_last() {
        let (shown, showing) = shown(of(3, 5_000));
        let begun = Instant::now();
        assert_eq!(shown.at(4, 5_000).await.version, 3);
        assert_eq!(begun.elapsed(), PATIENCE);
        drop(showing);
        assert_eq!(shown.at(4, 5_000).await.version, 3, "the writer has gone");
    }
}
