//! Whether anything can be stored: on a full disk, or with files it may not write to, Tacho goes on reading.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::record::ballast::Ballast;
use crate::store::StoreError;

/// Known to the writer, who finds it out, and to everybody who asks.
#[derive(Debug)]
pub struct ReadOnly {
    on: AtomicBool,
    ballast: Ballast,
}

impl ReadOnly {
    /// Writable until the contrary is found; the ballast is taken if there is room for it.
    pub fn new(ballast: Ballast) -> Self {
        ballast.take();
        ReadOnly { on: AtomicBool::new(false), ballast }
    }

    /// Nothing can be stored.
    pub fn is_on(&self) -> bool {
        self.on.load(Ordering::Relaxed)
    }

    /// Takes note of a write that failed. If it was for want of room, the ballast is released, so that whoever
    /// makes room has some to work with.
    pub fn note(&self, error: &StoreError) {
        if error.is_read_only() && !self.on.swap(true, Ordering::Relaxed) {
            tracing::error!(error = %error, "Nothing is stored until there is room; what is stored can be read");
            self.ballast.release();
        }
    }

    /// Whether it is worth finding out if something can be stored again.
    pub fn may_end(&self) -> bool {
        self.is_on() && self.ballast.is_spare()
    }

    /// Something could be stored again.
    pub fn end(&self) {
        self.on.store(false, Ordering::Relaxed);
        tracing::info!("There is room again: events are stored");
    }

    /// Takes the ballast again once there is room for that, too.
    pub fn take_ballast_again(&self) {
        if !self.is_on() {
            self.ballast.take_again();
        }
    }
}
