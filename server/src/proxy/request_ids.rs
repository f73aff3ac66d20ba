//! Which event an exchange is.
//!
//! It has the `request-id` of its answer, so that an application that reports the same call does not count it a second
//! time. But what stands in that header is another's word: something between Tacho and the API may send one id again
//! and again. An exchange that Tacho carried is kept whatever it was called: an id that an earlier one had is followed
//! by `~` and sixteen digits of its own.
//!
//! The ids of the last exchanges are remembered here, also across a restart, and the id is settled before the head of
//! the answer goes on. An exchange whose id is older than what is remembered is told apart when it is stored: an event
//! that came in before the call was even sent is no report of it ([`Keeper`](super::keeper::Keeper)).

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use domain::usage::{EventKey, redacted};

/// Ids as long as those of posted events.
pub const LONGEST_ID: usize = 128;
/// Exchanges remembered: some megabytes.
const MOST: usize = 50_000;
/// Between the id that an exchange was given and its own digits.
const MARK: char = '~';
/// What makes an id one of its own, in bytes.
const OWN_BYTES: usize = MARK.len_utf8() + 16;

/// Remembers ids; cheap to clone.
#[derive(Clone, Default)]
pub struct RequestIds(Arc<Mutex<Recent>>);

#[derive(Default)]
struct Recent {
    known: HashSet<EventKey>,
    /// The same, oldest first.
    order: VecDeque<EventKey>,
    has_repeated: bool,
}

impl RequestIds {
    /// The id of an exchange for `project` whose answer says `given`; nothing when that is no id. `random` makes an id
    /// that was given before one of its own.
    pub fn claim(&self, project: &str, given: &str, random: u64) -> Option<String> {
        let is_id = (1..=LONGEST_ID).contains(&given.len()) && !given.contains(char::is_control);
        if !is_id || redacted(given.to_owned()) != given {
            return None;
        }
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.remember(EventKey::new(project, given)) {
            return Some(given.to_owned());
        }
        if !std::mem::replace(&mut recent.has_repeated, true) {
            tracing::warn!(
                request_id = given,
                "Answers come with the same request-id: each call is kept, under an id that ends in ~ and digits of its \
                 own. Something between Tacho and the API seems to make these ids up"
            );
        }
        Some(own(given, random))
    }

    /// Exchanges for `project` have had this id before, as they were stored.
    pub fn note(&self, project: &str, id: &str) {
        let given = id.rsplit_once(MARK).map_or(id, |(given, _)| given);
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        recent.remember(EventKey::new(project, given));
        recent.remember(EventKey::new(project, id));
    }
}

impl Recent {
    /// Whether it is new.
    fn remember(&mut self, key: EventKey) -> bool {
        if !self.known.insert(key) {
            return false;
        }
        self.order.push_back(key);
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}

/// `given`, made an id of its own.
pub fn own(given: &str, digits: u64) -> String {
    let end = given.floor_char_boundary(LONGEST_ID - OWN_BYTES);
    format!("{}{MARK}{digits:016x}", &given[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_kept_the_first_time_and_made_ones_own_after_that() {
        let ids = RequestIds::default();
        assert_eq!(ids.claim("", "chatcmpl-213", 1).as_deref(), Some("chatcmpl-213"));
        assert_eq!(ids.claim("", "chatcmpl-213", 1).as_deref(), Some("chatcmpl-213~0000000000000001"));
        assert_eq!(ids.claim("", "chatcmpl-213", u64::MAX).as_deref(), Some("chatcmpl-213~ffffffffffffffff"));
        assert_eq!(ids.claim("other", "chatcmpl-213", 1).as_deref(), Some("chatcmpl-213"), "another project");
        let long = "x".repeat(LONGEST_ID);
        assert_eq!(ids.claim("", &long, 1), Some(long.clone()));
        assert_eq!(ids.claim("", &long, 1).map(|id| id.len()), Some(LONGEST_ID));
    }

    #[test]
    fn what_is_no_id_is_none() {
        let ids = RequestIds::default();
        for given in ["", "a\tb", &"x".repeat(LONGEST_ID + 1), "sk-ant-api03-secret"] {
            assert_eq!(ids.claim("", given, 1), None, "{given}");
        }
    }

    #[test]
    fn what_was_stored_before_a_restart_is_known_after_it() {
        let ids = RequestIds::default();
        ids.note("", "chatcmpl-213~00000000000000ff");
        ids.note("", "req_1");
        for given in ["chatcmpl-213", "req_1"] {
            assert_eq!(ids.claim("", given, 1), Some(own(given, 1)));
        }
    }

    #[test]
    fn no_more_is_remembered_than_may_be() {
        let ids = RequestIds::default();
        for number in 0..=MOST {
            ids.claim("", &number.to_string(), 1);
        }
        let remembered = |ids: &RequestIds| ids.0.lock().expect("ids").known.len();
        assert_eq!(remembered(&ids), MOST);
        assert_eq!(ids.claim("", "0", 1).as_deref(), Some("0"), "forgotten: the store will tell");
        assert_eq!(ids.claim("", &MOST.to_string(), 1), Some(own(&MOST.to_string(), 1)));
        assert_eq!(remembered(&ids), MOST);
    }
}
