//! Who is next: users take turns, and each user's calls go in the order they came.

use std::collections::{HashMap, VecDeque};

/// Those who wait.
#[derive(Debug)]
pub struct Turns<T> {
    /// Users in the order of their turns.
    order: VecDeque<String>,
    by_user: HashMap<String, VecDeque<T>>,
    waiting: usize,
}

impl<T> Default for Turns<T> {
    fn default() -> Self {
        Turns { order: VecDeque::new(), by_user: HashMap::new(), waiting: 0 }
    }
}

impl<T> Turns<T> {
    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiting
    }

    /// A user's call joins.
    pub fn push(&mut self, user: &str, call: T) {
        let calls = self.by_user.entry(user.to_owned()).or_default();
        if calls.is_empty() {
            self.order.push_back(user.to_owned());
        }
        calls.push_back(call);
        self.waiting += 1;
    }

    /// The next call, without those that `gave_up`; it stays.
    pub fn front(&mut self, gave_up: impl Fn(&T) -> bool) -> Option<&T> {
        loop {
            let user = self.order.front()?;
            let calls = self.by_user.get_mut(user)?;
            while calls.front().is_some_and(&gave_up) {
                calls.pop_front();
                self.waiting -= 1;
            }
            if !calls.is_empty() {
                break;
            }
            if let Some(user) = self.order.pop_front() {
                self.by_user.remove(&user);
            }
        }
        self.by_user.get(self.order.front()?)?.front()
    }

    /// Keeps only these calls.
    pub fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        self.by_user.retain(|_, calls| {
            calls.retain(&keep);
            !calls.is_empty()
        });
        self.order.retain(|user| self.by_user.contains_key(user));
        self.waiting = self.by_user.values().map(VecDeque::len).sum();
    }

    /// Takes the next call out; its user goes to the end of the order.
    pub fn pop(&mut self) -> Option<T> {
        let user = self.order.pop_front()?;
        let calls = self.by_user.get_mut(&user)?;
        let call = calls.pop_front();
        self.waiting -= usize::from(call.is_some());
        if calls.is_empty() {
            self.by_user.remove(&user);
        } else {
            self.order.push_back(user);
        }
        call
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_waits_behind_anothers_pile() {
        let mut turns = Turns::default();
        for call in 0..5 {
            turns.push("busy", call);
        }
        turns.push("quiet", 10);
        turns.push("other", 20);
        let taken: Vec<i32> = std::iter::from_fn(|| turns.pop()).collect();
        assert_eq!(taken, [0, 10, 20, 1, 2, 3, 4]);
        assert_eq!(turns.len(), 0);
    }

    #[test]
    fn who_gave_up_is_passed_over() {
        let mut turns = Turns::default();
        for call in [1, 2, 3] {
            turns.push("a", call);
        }
        turns.push("b", 4);
        assert_eq!(turns.front(|call| *call < 3), Some(&3));
        assert_eq!(turns.len(), 2);
        assert_eq!(turns.front(|call| *call < 4), Some(&4));
        assert_eq!(turns.front(|_| true), None);
        assert_eq!((turns.len(), turns.pop()), (0, None));
        turns.push("a", 5);
        assert_eq!(turns.pop(), Some(5));
        for (user, call) in [("a", 1), ("b", 2), ("a", 3), ("c", 4)] {
            turns.push(user, call);
        }
        turns.retain(|call| *call > 2);
        assert_eq!((turns.len(), turns.pop(), turns.pop(), turns.pop()), (2, Some(3), Some(4), None));
    }
}
