//! Who is kept and who makes room, whoever reports what.

use std::collections::HashSet;

use proptest::prelude::*;

use super::super::super::room::{FRESH_MS, MOST_LIMITS, MOST_PER_KEY, UNHEARD_MS};
use super::*;

const HEADERS: [(&str, &str); 1] = [("anthropic-ratelimit-requests-limit", "10")];

fn key(public: &str) -> Reporter {
    Reporter::Key(public.into())
}

impl Learner {
    /// Many limits, one after the other.
    fn flood(&mut self, reporter: &Reporter, names: &str, numbers: std::ops::Range<usize>, at_ms: i64) {
        for number in numbers {
            self.told(reporter, &event(&format!("{names}{number}"), at_ms), &HEADERS);
        }
    }

    fn knows(&self, name: &str) -> bool {
        self.limits.values().any(|limit| limit.name == format!("{name}: requests per minute"))
    }

    fn again(&self) -> Learner {
        let seen = self.book.by_place.values().map(|known| known.seen.clone()).collect();
        Learner { book: Book::new(seen), limits: self.limits.clone() }
    }
}

#[test]
fn a_key_holds_so_many_limits_and_its_oldest_make_room() {
    let mut learner = Learner::default();
    learner.flood(&key("other"), "other", 0..5, NOON_MS - 60_000);
    learner.flood(&key("a"), "m", 0..MOST_PER_KEY, NOON_MS - 5_000);
    assert_eq!((learner.limits.len(), learner.book.not_kept()), (MOST_PER_KEY + 5, 0));
    // What is named again is not the oldest any more.
    learner.flood(&key("a"), "m", 0..1, NOON_MS - 4_000);
    learner.flood(&key("a"), "late", 0..MOST_PER_KEY - 1, NOON_MS);
    assert!(learner.knows("m0") && !learner.knows("m1") && learner.knows("late0"));
    assert_eq!(learner.limits.len(), MOST_PER_KEY + 5);
    assert_eq!(learner.book.not_kept() as usize, MOST_PER_KEY - 1);
    assert!((0..5).all(|number| learner.knows(&format!("other{number}"))));
}

#[test]
fn what_several_name_is_kept_for_each_of_them() {
    let mut learner = Learner::default();
    learner.flood(&key("a"), "m", 0..1, NOON_MS - 5_000);
    learner.flood(&key("b"), "m", 0..1, NOON_MS - 5_000);
    learner.flood(&key("a"), "made up", 0..2 * MOST_PER_KEY, NOON_MS);
    assert!(learner.knows("m0"));
    learner.flood(&key("b"), "made up too", 0..MOST_PER_KEY, NOON_MS);
    assert!(!learner.knows("m0"), "nobody names it any more");
}

#[test]
fn what_was_learned_before_anybody_knew_from_whom_makes_room_first() {
    let mut learner = Learner::default();
    learner.flood(&Reporter::Unknown, "m", 0..MOST_LIMITS, NOON_MS - 5_000);
    assert_eq!((learner.limits.len(), learner.book.not_kept()), (MOST_LIMITS, 0));
    let lessons = learner.told(&key("a"), &event("real", NOON_MS), &HEADERS);
    assert_eq!((lessons.len(), lessons[0].gives_up.len()), (1, 1));
    assert!(learner.knows("real"));
    assert_eq!((learner.limits.len(), learner.book.not_kept()), (MOST_LIMITS, 1));
}

#[test]
fn what_the_proxy_has_met_makes_room_for_keys_after_a_month_alone() {
    for (age_ms, makes_room) in [(UNHEARD_MS - 1, false), (UNHEARD_MS, true)] {
        let mut learner = Learner::default();
        learner.flood(&Reporter::Proxy, "m", 0..MOST_LIMITS, NOON_MS);
        let place = learner.book.by_id.values().find(|place| place.pool == "m7").cloned().expect("a place");
        let mut seen = learner.book.by_place[&place].seen.clone();
        seen.last_seen_ms = NOON_MS - age_ms;
        seen.named_by.insert(Reporter::Proxy, seen.last_seen_ms);
        learner.book.note(seen, 0);
        learner.flood(&key("a"), "new", 0..1, NOON_MS);
        assert_eq!((learner.knows("new0"), learner.knows("m7")), (makes_room, !makes_room));
        // The proxy itself needs no such patience.
        learner.flood(&Reporter::Proxy, "real", 0..1, NOON_MS);
        assert!(learner.knows("real0") && learner.limits.len() == MOST_LIMITS);
    }
}

#[derive(Debug, Clone)]
struct Burst {
    reporter: usize,
    from: usize,
    count: usize,
    before_ms: i64,
}

fn burst() -> impl Strategy<Value = Burst> {
    let before_ms = prop_oneof![0..5_000i64, 0..FRESH_MS];
    (0..6usize, 0..1_500usize, 1..350usize, before_ms).prop_map(|(reporter, from, count, before_ms)| Burst {
        reporter,
        from,
        count,
        before_ms,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_one_key_posts_what_others_have_named_within_a_day_stays(
        bursts in prop::collection::vec(burst(), 1..14),
        posted in prop::collection::vec((0..1_500usize, 0..FRESH_MS), 1..1_200),
    ) {
        let keys = ["b", "c", "d", "e", "a"].into_iter().map(key);
        let reporters: Vec<Reporter> = keys.chain([Reporter::Proxy]).collect();
        let mut learner = Learner::default();
        for Burst { reporter, from, count, before_ms } in bursts {
            learner.flood(&reporters[reporter], "m", from..from + count, NOON_MS - before_ms);
        }
        let attacker = key("a");
        let others = |known: &&Known| {
            known.seen.named_by.iter().any(|(by, at_ms)| *by != attacker && *at_ms > NOON_MS - FRESH_MS)
        };
        let known = learner.book.by_place.values();
        let before: HashSet<String> = known.filter(others).map(|known| known.limit_id.clone()).collect();
        let mut again = learner.again();
        for (number, before_ms) in posted {
            let event = event(&format!("m{number}"), NOON_MS - before_ms);
            let lessons = learner.told(&attacker, &event, &HEADERS);
            prop_assert_eq!(lessons, again.told(&attacker, &event, &HEADERS), "not the same after a restart");
        }
        prop_assert!(before.iter().all(|id| learner.limits.contains_key(id)), "somebody else's limit is gone");
        prop_assert!(learner.limits.len() <= MOST_LIMITS);
        for reporter in &reporters[..5] {
            let known = learner.book.by_place.values();
            let held = known.filter(|known| known.seen.named_by.contains_key(reporter)).count();
            prop_assert!(held <= MOST_PER_KEY);
        }
    }
}
