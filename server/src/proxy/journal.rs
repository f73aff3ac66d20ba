//! Where calls leave their events, without waiting for anything. The [`Keeper`](super::keeper::Keeper) brings them
//! into the store; what it cannot bring anywhere, and what does not fit into memory, is lost, counted, and shown.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::limits::Hold;
use domain::read::bounds::Bounds;
use domain::read::plausible;
use domain::usage::Event;
use tokio::sync::Notify;

use super::headers::AboutLimits;

/// What waits in memory at most, in bytes.
const MOST_BYTES: usize = 64 << 20;

/// An event of the proxy, with what the API said about limits.
#[derive(Debug)]
pub struct Recorded {
    pub event: Event,
    /// Headers about limits.
    pub headers: AboutLimits,
    /// Counts its call until it is stored, or waits where nobody knows for how long.
    pub hold: Option<Arc<Hold>>,
}

impl Recorded {
    fn memory_bytes(&self) -> usize {
        self.event.memory_bytes() + self.headers.memory_bytes()
    }
}

/// What calls write to; cheap to clone.
#[derive(Clone, Default)]
pub struct Journal(Arc<Shared>);

#[derive(Default)]
struct Shared {
    bounds: Bounds,
    waiting: Mutex<Waiting>,
    /// Woken when something waits, and when a call is over.
    more: Notify,
    open_calls: AtomicU64,
    lost: AtomicU64,
    spilled_bytes: AtomicU64,
}

#[derive(Default)]
struct Waiting {
    events: VecDeque<Recorded>,
    bytes: usize,
}

impl Waiting {
    fn has_room_for(&self, recorded: &Recorded) -> bool {
        self.bytes + recorded.memory_bytes() <= MOST_BYTES
    }
}

/// What is not in the store yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NotStored {
    /// Events that wait in memory.
    pub waiting: u64,
    /// Bytes that wait in the file.
    pub spilled_bytes: u64,
    /// Events that are lost, since the start.
    pub lost: u64,
}

impl Journal {
    /// An empty journal for events within bounds.
    pub fn new(bounds: Bounds) -> Self {
        Journal(Arc::new(Shared { bounds, ..Shared::default() }))
    }

    /// What an event can have used.
    pub fn bounds(&self) -> &Bounds {
        &self.0.bounds
    }

    /// A call has begun; [`Journal::call_ends`] follows.
    pub fn call_begins(&self) {
        self.0.open_calls.fetch_add(1, Ordering::Relaxed);
    }

    /// A call is over: takes its event. Never waits.
    pub fn call_ends(&self, recorded: Recorded) {
        self.note(recorded);
        // After its event is there, for who waits until no call is open any more.
        self.0.open_calls.fetch_sub(1, Ordering::Release);
    }

    /// Takes an event. Never waits. What no call can have used is unknown from here on.
    pub fn note(&self, mut recorded: Recorded) {
        plausible::or_unknown(&mut recorded.event, &self.0.bounds);
        let mut waiting = self.waiting();
        if waiting.has_room_for(&recorded) {
            waiting.bytes += recorded.memory_bytes();
            waiting.events.push_back(recorded);
        } else {
            self.lose(1);
        }
        drop(waiting);
        self.0.more.notify_one();
    }

    /// What is not in the store yet.
    pub fn kept(&self) -> NotStored {
        NotStored {
            waiting: self.waiting().events.len() as u64,
            spilled_bytes: self.spilled_bytes(),
            lost: self.0.lost.load(Ordering::Relaxed),
        }
    }

    /// Whether a call is open.
    pub(super) fn has_open_calls(&self) -> bool {
        self.0.open_calls.load(Ordering::Acquire) > 0
    }

    /// Waits until an event has come since the last time.
    pub(super) async fn more(&self) {
        self.0.more.notified().await;
    }

    /// Takes the oldest events out, `most` of them at most.
    pub(super) fn take(&self, most: usize) -> Vec<Recorded> {
        let mut waiting = self.waiting();
        if waiting.events.len() <= most {
            return std::mem::take(&mut *waiting).events.into();
        }
        let taken: Vec<Recorded> = waiting.events.drain(..most).collect();
        waiting.bytes -= taken.iter().map(Recorded::memory_bytes).sum::<usize>();
        taken
    }

    /// Puts events back before all others. Those without room are lost.
    pub(super) fn put_back(&self, events: impl DoubleEndedIterator<Item = Recorded>) {
        let mut waiting = self.waiting();
        let mut lost = 0;
        for recorded in events.rev() {
            if waiting.has_room_for(&recorded) {
                waiting.bytes += recorded.memory_bytes();
                waiting.events.push_front(recorded);
            } else {
                lost += 1;
            }
        }
        drop(waiting);
        self.lose(lost);
    }

    /// Events are lost.
    pub(super) fn lose(&self, events: u64) {
        if events > 0 && self.0.lost.fetch_add(events, Ordering::Relaxed) == 0 {
            tracing::error!(
                "Events of the proxy are lost: the store does not take them, and the spill file is full"
            );
        }
    }

    /// Bytes that wait in the file.
    pub(super) fn spilled_bytes(&self) -> u64 {
        self.0.spilled_bytes.load(Ordering::Relaxed)
    }

    /// So much waits in the file.
    pub(super) fn note_spilled(&self, bytes: u64) {
        self.0.spilled_bytes.store(bytes, Ordering::Relaxed);
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(id: &str, text_bytes: usize) -> Recorded {
        let mut event = Event { id: id.to_owned(), ..Event::default() };
        event.dimensions.user = "x".repeat(text_bytes);
        Recorded { event, headers: AboutLimits::default(), hold: None }
    }

    fn ids(events: &[Recorded]) -> Vec<&str> {
        events.iter().map(|recorded| recorded.event.id.as_str()).collect()
    }

    #[test]
    fn events_come_out_in_the_order_they_went_in() {
        let journal = Journal::new(Bounds::default());
        for id in ["a", "b", "c"] {
            journal.note(named(id, 1));
        }
        let taken = journal.take(2);
        assert_eq!(ids(&taken), ["a", "b"]);
        journal.put_back(taken.into_iter());
        assert_eq!(ids(&journal.take(9)), ["a", "b", "c"]);
        assert_eq!(journal.kept(), NotStored::default());
    }

    #[test]
    fn what_does_not_fit_into_memory_is_counted_as_lost() {
        let journal = Journal::new(Bounds::default());
        let half = MOST_BYTES / 2;
        for id in ["a", "b", "c"] {
            journal.note(named(id, half - 10_000));
        }
        assert_eq!((journal.kept().waiting, journal.kept().lost), (2, 1));
        let taken = journal.take(1);
        journal.note(named("d", half - 10_000));
        journal.put_back(taken.into_iter());
        assert_eq!((journal.kept().waiting, journal.kept().lost), (2, 2));
        journal.take(9);
        journal.note(named("e", half));
        assert_eq!((journal.kept().waiting, journal.kept().lost), (1, 2));
    }
}
