//! The watch, with what says whether it has changed since somebody looked.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use crate::watch::Watch;
use crate::watch::snapshot::Snapshot;

/// The watch, as the writer and enforced calls share it.
pub(super) struct Watched {
    watch: RwLock<Watch>,
    /// Grows with every change, before what was changed can be seen in the store.
    version: AtomicU64,
}

impl Watched {
    pub fn new(watch: Watch) -> Self {
        Watched { watch: RwLock::new(watch), version: AtomicU64::new(0) }
    }

    /// The watch, to be looked at. A panic while counting leaves counts, not broken memory: what they say is read back at
    /// the next restore.
    pub fn read(&self) -> RwLockReadGuard<'_, Watch> {
        self.watch.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes it.
    pub fn change<T>(&self, change: impl FnOnce(&mut Watch) -> T) -> T {
        let mut watch = self.watch.write().unwrap_or_else(PoisonError::into_inner);
        let done = change(&mut watch);
        self.version.fetch_add(1, Ordering::Release);
        done
    }

    /// How often it has changed; waits for nobody.
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Where every limit stands.
    pub fn snapshot(&self, now_ms: i64) -> Snapshot {
        let watch = self.read();
        watch.snapshot(self.version(), now_ms)
    }
}
