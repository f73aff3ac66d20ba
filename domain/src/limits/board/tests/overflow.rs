//! More values than are counted one by one, held against a board with room for all of them.

use std::collections::BTreeSet;

use vocabulary::Dimension;

use super::*;
use crate::limits::kind::Unit;
use crate::limits::open_calls::{Held, OpenCalls};
use crate::rollup::{OVERFLOW, Sums};
use crate::usage::EndpointClass;

const ROOM: usize = 3;
const KINDS: [&str; 5] = [
    "requests_per_hour",
    "tokens_per_day",
    "requests_per_minute",
    "output_tokens_per_minute",
    "concurrent_requests",
];
/// Some are names of one model.
const VALUES: [&str; 9] = [
    "claude-opus-4-1",
    "claude-opus-4-1-20250805",
    "claude-sonnet-4-5",
    "claude-sonnet-4-5-20250929",
    "anthropic/claude-sonnet-4.5",
    "a",
    "b",
    "c",
    OVERFLOW,
];

#[derive(Debug, Clone)]
enum Act {
    /// An event of a value comes: how long before now it was sent and how long it took, in milliseconds, and its tokens.
    Count(usize, i64, u64, u64),
    /// A call of a value wants to begin.
    Begin(usize),
    /// A call that is open ends, and its event counts.
    End(usize),
    Delete(usize),
    /// Time passes, in milliseconds.
    Pass(i64),
    Restart,
}

fn act() -> impl Strategy<Value = Act> {
    let value = 0..VALUES.len();
    let tokens = prop_oneof![Just(1..2u64), Just(1..60), Just(0..500)].prop_flat_map(|range| range);
    prop_oneof![
        12 => (value.clone(), -200_000..1_200_000i64, 0..90_000u64, tokens)
            .prop_map(|(value, before, took, tokens)| Act::Count(value, before, took, tokens)),
        6 => (value.clone(), 0..2_000i64).prop_map(|(value, before)| Act::Count(value, before, 0, 1)),
        10 => value.prop_map(Act::Begin),
        5 => (0..20usize).prop_map(Act::End),
        2 => (0..60usize).prop_map(Act::Delete),
        3 => prop_oneof![0..90_000i64, 0..1_500_000i64].prop_map(Act::Pass),
        1 => Just(Act::Restart),
    ]
}

/// A board with little room and one with room for all, with all that has come.
struct Side {
    limit: Limit,
    capped: Board,
    exact: Board,
    /// A call that is open: its value, when it began, and what it is held against on both boards.
    calls: Vec<(usize, i64, Vec<Held>, Vec<Held>)>,
    open: OpenCalls,
    open_exact: OpenCalls,
    events: Vec<Event>,
    now_ms: i64,
}

impl Side {
    fn new(word: &str, dimension: Dimension, amount: i64) -> Self {
        let limit = Limit {
            scope: Scope::Each(dimension),
            source: Source::Typed,
            enforce: true,
            ..limit(word, "", amount)
        };
        let board = |room| Board::with_room(vec![limit.clone()], TimeZone::UTC, room);
        Side {
            capped: board(ROOM),
            exact: board(1_000),
            limit,
            calls: Vec::new(),
            open: OpenCalls::default(),
            open_exact: OpenCalls::default(),
            events: Vec::new(),
            now_ms: NOW_MS,
        }
    }

    fn event(&self, value: usize, at_ms: i64, took_ms: u64, tokens: u64) -> Event {
        let mut event = Event {
            id: self.events.len().to_string(),
            at_ms,
            received_at_ms: self.now_ms,
            duration_ms: Some(took_ms),
            usage: Usage { input_tokens: Some(0), output_tokens: Some(tokens), ..Usage::default() },
            endpoint_class: EndpointClass::Messages,
            ..Event::default()
        };
        if let Scope::Each(dimension) = self.limit.scope {
            *event.dimensions.get_mut(dimension) = VALUES[value].to_owned();
        }
        event
    }

    fn record(&mut self, event: Event) {
        self.capped.record(&event, None, self.now_ms);
        self.exact.record(&event, None, self.now_ms);
        self.events.push(event);
    }

    /// Values with a meter of their own.
    fn apart(&self) -> BTreeSet<String> {
        let places = &self.capped.limits[0].places;
        places.values().filter(|value| *value != OVERFLOW).map(str::to_owned).collect()
    }

    /// Those that are near the limit.
    fn near(&self) -> BTreeSet<String> {
        let places = &self.capped.limits[0].places;
        let near = counting::near(&self.limit);
        self.apart()
            .into_iter()
            .filter(|value| places.get(value).is_some_and(|of| of.total() >= near))
            .collect()
    }

    fn restarted(&self, room: usize) -> Board {
        let mut board = Board::with_room(vec![self.limit.clone()], TimeZone::UTC, room);
        for need in board.seed_needs(self.now_ms) {
            let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
            for event in &self.events {
                if (need.window.0..need.window.1).contains(&event.at_ms)
                    && let Some(value) = self.limit.value_of(event, &crate::limits::pools::Pools::of(event))
                {
                    tallies.entry(value).or_default().add(&self.limit.kind.of_sums(&Sums::of(event, None)));
                }
            }
            let mut tallies: Vec<_> = tallies.into_iter().collect();
            tallies.sort_by_key(|(_, used)| std::cmp::Reverse(used.used));
            for (value, used) in tallies {
                board.seed("a", value, need.window.0, used);
            }
        }
        let mut events: Vec<_> = self.events.iter().collect();
        events.sort_by_key(|event| std::cmp::Reverse((event.at_ms, &event.id)));
        events.iter().for_each(|event| board.replay(event, None, self.now_ms));
        board
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Count(value, before_ms, took_ms, tokens) => {
                self.record(self.event(*value, self.now_ms - before_ms, *took_ms, *tokens));
            }
            Act::Begin(value) => {
                let call = call(self.event(*value, self.now_ms, 0, 0));
                let exact = self.exact.admit(&call, &self.open_exact, self.now_ms);
                let Ok(held) = self.capped.admit(&call, &self.open, self.now_ms) else { return };
                let exact = exact.unwrap_or_else(|_| {
                    panic!("{}: {} may begin only here", self.limit.kind.word, VALUES[*value])
                });
                let of = |held: Vec<(Held, _)>| held.into_iter().map(|(held, _)| held).collect::<Vec<_>>();
                let (held, exact) = (of(held), of(exact));
                held.iter().for_each(|held| self.open.begin(held, self.now_ms));
                exact.iter().for_each(|held| self.open_exact.begin(held, self.now_ms));
                self.calls.push((*value, self.now_ms, held, exact));
            }
            Act::End(number) if !self.calls.is_empty() => {
                let (value, at_ms, held, exact) = self.calls.remove(number % self.calls.len());
                held.iter().for_each(|held| self.open.end(held, at_ms));
                exact.iter().for_each(|held| self.open_exact.end(held, at_ms));
                self.record(self.event(value, at_ms, (self.now_ms - at_ms).unsigned_abs(), 1));
            }
            Act::Delete(number) if !self.events.is_empty() => {
                let event = self.events.remove(number % self.events.len());
                self.capped.take_back(&event, None, self.now_ms);
                self.exact.take_back(&event, None, self.now_ms);
            }
            Act::End(_) | Act::Delete(_) => {}
            Act::Pass(ms) => {
                self.now_ms += ms;
                self.capped.prune(self.now_ms);
                self.exact.prune(self.now_ms);
            }
            Act::Restart => {
                self.capped = self.restarted(ROOM);
                self.exact = self.restarted(1_000);
            }
        }
    }

    fn used(&self, board: &Board, value: &str) -> i64 {
        board.reading("a", value, self.now_ms).map_or(0, |reading| reading.used)
    }

    fn check(&self) {
        let apart = self.apart();
        let values = self.exact.limits[0].places.values();
        for value in values.filter(|value| *value != OVERFLOW) {
            let (here, exact) = (self.used(&self.capped, value), self.used(&self.exact, value));
            if apart.contains(value) {
                assert_eq!(here, exact, "{value} has a meter of its own");
            } else {
                assert!(here >= exact, "{value} has used {exact}, and all that share {here}");
            }
        }
        assert!(apart.len() <= ROOM);
        if self.limit.kind.unit != Unit::InFlight {
            let sum = |board: &Board| -> i64 {
                board.limits[0].places.values().map(|value| self.used(board, value)).sum()
            };
            assert_eq!(sum(&self.capped), sum(&self.exact), "what was counted has vanished");
        }
    }
}

proptest! {
    #[test]
    fn whoever_has_no_meter_of_its_own_gets_no_more_than_with_one(
        acts in prop::collection::vec(act(), 1..120),
        kind in 0..KINDS.len(),
        of_models in prop::bool::ANY,
        amount in prop_oneof![0..4i64, 0..100i64],
    ) {
        let dimension = if of_models { Dimension::Model } else { Dimension::Project };
        let mut side = Side::new(KINDS[kind], dimension, amount);
        for act in &acts {
            let near = side.near();
            side.act(act);
            side.check();
            if matches!(act, Act::Count(..) | Act::End(_) | Act::Begin(_)) {
                let apart = side.apart();
                prop_assert!(near.is_subset(&apart), "of {near:?}, near the limit, only {apart:?} have a meter");
            }
        }
    }

    #[test]
    fn who_has_a_meter_follows_from_what_has_come_alone(
        acts in prop::collection::vec(act(), 1..80),
        kind in 0..KINDS.len(),
    ) {
        let mut sides = [0, 1].map(|_| Side::new(KINDS[kind], Dimension::Project, 3));
        for side in &mut sides {
            acts.iter().for_each(|act| side.act(act));
        }
        let [one, other] = sides;
        prop_assert_eq!(one.apart(), other.apart());
        prop_assert_eq!(
            one.capped.limits[0].touched.keys().collect::<Vec<_>>(),
            other.capped.limits[0].touched.keys().collect::<Vec<_>>()
        );
        let [one, other] = [Side { capped: one.restarted(ROOM), ..one }, Side { capped: other.restarted(ROOM), ..other }];
        prop_assert_eq!(one.apart(), other.apart());
        one.check_after_restart();
    }
}

impl Side {
    fn check_after_restart(mut self) {
        self.exact = self.restarted(1_000);
        self.check();
    }
}

#[test]
fn a_flood_takes_no_meter_from_who_uses_much_and_a_newcomer_takes_that_of_who_uses_least() {
    let mut side = Side::new("requests_per_hour", Dimension::Project, 10);
    let mut count = |name: &str, at_ms: i64| {
        let mut event = side.event(0, at_ms, 0, 1);
        event.dimensions.project = name.to_owned();
        side.record(event);
        (side.apart(), side.used(&side.capped, OVERFLOW))
    };
    for number in 0..8 {
        count("busy", NOW_MS + number);
    }
    for number in 0..1_000 {
        let (apart, shared) = count(&format!("made up {number}"), NOW_MS + 100 + number);
        assert!(apart.contains("busy") && apart.contains(&format!("made up {number}")), "{apart:?}");
        assert_eq!(shared, (number - 1).max(0));
    }
    // Who has shared goes on sharing: its meter would not be exact.
    let (apart, shared) = count("made up 0", NOW_MS + 2_000);
    assert!(!apart.contains("made up 0"));
    assert_eq!(shared, 999);
}

/// A call that will lead to this event.
fn call(event: Event) -> WantedCall {
    WantedCall { models: Models::These(vec![event.dimensions.model.clone()]), event, may_spend: true }
}

#[test]
fn of_a_burst_of_made_up_values_no_more_begins_than_one_value_may() {
    for word in ["requests_per_hour", "requests_per_minute", "concurrent_requests"] {
        let mut side = Side::new(word, Dimension::Project, 2);
        let begins = |side: &mut Side, name: &str| {
            let mut event = side.event(0, NOW_MS, 0, 0);
            event.dimensions.project = name.to_owned();
            let call = call(event);
            let held = side.capped.admit(&call, &side.open, NOW_MS);
            held.map(|held| held.iter().for_each(|(held, _)| side.open.begin(held, NOW_MS))).is_ok()
        };
        for number in 0..ROOM {
            let mut event = side.event(0, NOW_MS, 1_000, 1);
            event.dimensions.project = format!("known {number}");
            side.record(event);
        }
        let began = (0..40).filter(|number| begins(&mut side, &format!("made up {number}"))).count();
        assert_eq!(began, 2, "{word}");
        assert!(begins(&mut side, "known 0"), "{word}: who has a meter is held against that");
    }
}

#[test]
fn the_next_window_begins_anew_before_anything_is_swept() {
    let mut side = Side::new("requests_per_hour", Dimension::Project, 2);
    let of = |side: &Side, name: &str, at_ms: i64| {
        let mut event = side.event(0, at_ms, 0, 1);
        event.dimensions.project = name.to_owned();
        event
    };
    for number in 0..100 {
        let event = of(&side, &format!("made up {number}"), NOW_MS + number);
        side.record(event);
    }
    side.now_ms += 3_600_000;
    for number in 0..ROOM {
        let event = of(&side, &format!("made up {number}"), side.now_ms);
        let call = call(event.clone());
        let held = side.capped.admit(&call, &side.open, side.now_ms).expect("its own two calls");
        held.iter().for_each(|(held, _)| side.open.begin(held, side.now_ms));
        assert!(
            side.capped.admit(&call, &side.open, side.now_ms).is_ok(),
            "one call is open, of this value alone"
        );
    }
    for number in 0..ROOM {
        let event = of(&side, &format!("made up {number}"), side.now_ms);
        side.record(event);
    }
    assert_eq!(side.apart().len(), ROOM);
    assert_eq!(side.used(&side.capped, OVERFLOW), 0);
}
