//! Calls that have begun and are counted nowhere yet: events come when they end.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

/// A limit, by its id, and the value of its scope under which a call is held against it.
pub type Held = (String, String);

/// When the calls that are open began, by what they are held against.
#[derive(Debug, Default)]
pub struct OpenCalls {
    /// How many at each time, Unix milliseconds.
    begun: HashMap<Held, BTreeMap<i64, u32>>,
}

impl OpenCalls {
    /// A call has begun.
    pub fn begin(&mut self, held: &Held, at_ms: i64) {
        *self.begun.entry(held.clone()).or_default().entry(at_ms).or_default() += 1;
    }

    /// A call that began then has ended.
    pub fn end(&mut self, held: &Held, at_ms: i64) {
        let Some(begun) = self.begun.get_mut(held) else { return };
        if let Some(count) = begun.get_mut(&at_ms) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                begun.remove(&at_ms);
            }
        }
        if begun.is_empty() {
            self.begun.remove(held);
        }
    }

    /// The values under which calls are held against a limit.
    pub fn values<'a>(&'a self, limit: &'a str) -> impl Iterator<Item = &'a str> {
        let held = self.begun.keys().filter(move |(id, _)| id == limit);
        held.map(|(_, value)| value.as_str())
    }

    /// How many are open that began at `from_ms` or later.
    pub fn since(&self, held: &Held, from_ms: i64) -> i64 {
        let begun = self.begun.get(held).into_iter().flat_map(|begun| begun.range(from_ms..));
        begun.map(|(_, count)| i64::from(*count)).sum()
    }
}

/// Keeps a call among those that are open, until its event counts or the last of its owners is gone.
#[derive(Debug)]
pub struct Hold {
    open: Arc<Mutex<OpenCalls>>,
    held: Vec<Held>,
    at_ms: i64,
    is_released: AtomicBool,
}

impl Hold {
    /// Who owns the hold of a call that has ended: its event on the way into the store, and a copy of it in case that
    /// does not take it.
    const OWNERS_AT_THE_END: usize = 2;

    /// Of a call that has begun then.
    pub fn new(open: Arc<Mutex<OpenCalls>>, held: Vec<Held>, at_ms: i64) -> Self {
        Hold { open, held, at_ms, is_released: AtomicBool::new(false) }
    }

    /// The event of the call counts from now on. A call that is tried again goes on, and counts here as before.
    pub fn counts(self: &Arc<Self>) {
        if Arc::strong_count(self) <= Self::OWNERS_AT_THE_END {
            self.release();
        }
    }

    fn release(&self) {
        if !self.is_released.swap(true, Relaxed) {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            self.held.iter().for_each(|held| open.end(held, self.at_ms));
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_open_from_their_beginning_to_their_end() {
        let mut open = OpenCalls::default();
        let (a, b) = (("limit".to_owned(), "a".to_owned()), ("limit".to_owned(), "b".to_owned()));
        for (held, at_ms) in [(&a, 5), (&a, 5), (&a, 9), (&b, 7)] {
            open.begin(held, at_ms);
        }
        assert_eq!(
            (open.since(&a, 0), open.since(&a, 6), open.since(&b, 0), open.since(&b, 8)),
            (3, 1, 1, 0)
        );
        open.end(&a, 5);
        open.end(&a, 4);
        assert_eq!(open.since(&a, 0), 2);
        open.end(&a, 5);
        open.end(&a, 9);
        open.end(&b, 7);
        assert!(open.begun.is_empty());
    }
}
