//! Where "now" comes from. Everything that needs the time is handed a [`Clock`], so that a test can set it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tokio::sync::watch;

/// A source of time; cheap to clone, and every clone tells the same time.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    /// Unix milliseconds, moved only by [`Clock::advance`].
    Manual(Arc<AtomicI64>, watch::Sender<()>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Clock(Source::System)
    }

    /// A clock that stands at `now_ms` until it is moved.
    pub fn manual(now_ms: i64) -> Self {
        Clock(Source::Manual(Arc::new(AtomicI64::new(now_ms)), watch::Sender::new(())))
    }

    /// Now, in Unix milliseconds.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
    pub fn now_ms(&self) -> i64 {
        match &self.0 {
            Source::System => jiff::Timestamp::now().as_millisecond(),
            Source::Manual(now_ms, _) => now_ms.load(Ordering::SeqCst),
        }
    }

    /// Moves a manual clock on and wakes who sleeps on it; the machine's clock cannot be moved.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual(now_ms, moved) = &self.0 {
            now_ms.fetch_add(by.as_millis() as i64, Ordering::SeqCst);
            moved.send_replace(());
        }
    }

    /// Waits until the clock shows `at_ms`.
    pub async fn sleep_until(&self, at_ms: i64) {
        match &self.0 {
            Source::System => {
                let wait_ms = at_ms.saturating_sub(self.now_ms()).max(0);
                tokio::time::sleep(Duration::from_millis(wait_ms.unsigned_abs())).await;
            }
            Source::Manual(_, moved) => {
                let mut moved = moved.subscribe();
                while self.now_ms() < at_ms {
                    if moved.changed().await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}
