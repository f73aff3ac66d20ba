//! Where the upstream's "now" comes from.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

/// A source of time; every clone tells the same time.
#[derive(Debug, Clone, Default)]
pub struct Clock(Option<Arc<Mutex<Timestamp>>>);

impl Clock {
    /// The machine's clock.
    pub fn machine() -> Self {
        Clock(None)
    }

    /// A clock that stands at `now` until it is moved.
    pub fn manual(now: Timestamp) -> Self {
        Clock(Some(Arc::new(Mutex::new(now))))
    }

    /// The time.
    #[expect(
        clippy::disallowed_methods,
        reason = "the upstream is a program of its own, with a clock of its own"
    )]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            None => Timestamp::now(),
            Some(now) => *now.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Moves a manual clock on.
    ///
    /// # Panics
    /// On the machine's clock, which cannot be moved.
    pub fn advance(&self, by: Duration) {
        let now = self.0.as_ref().expect("a manual clock");
        let mut now = now.lock().unwrap_or_else(PoisonError::into_inner);
        *now += by;
    }
}
