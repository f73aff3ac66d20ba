//! Whether a request may begin, by the limits that are enforced.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use vocabulary::Dimension;

use super::{Board, Tracked};
use crate::limits::kind::Unit;
use crate::limits::limit::{Limit, Scope};
use crate::limits::meter::Reading;
use crate::limits::open_calls::{Held, OpenCalls};
use crate::limits::pools::Pools;
use crate::pricing::canonical;
use crate::rollup::OVERFLOW;
use crate::usage::{Dimensions, EndpointClass, Event, NO_MODEL};

/// A rolling window is over after a minute.
const LONGEST_WAIT_MS: i64 = 60_000;

/// When a call that is open ends, nobody knows.
const SHORTEST_WAIT_MS: i64 = 1_000;

/// A call that wants to begin.
#[derive(Debug, Clone, Default)]
pub struct WantedCall {
    /// As far as it is known, but for its models.
    pub event: Event,
    /// Whether it may lead to tokens that are used and paid for: a message, or a batch of them.
    pub may_spend: bool,
    pub models: Models,
}

/// The models that a call may lead to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Models {
    /// It is about none.
    None,
    /// These: a batch may have many, and a message others that take over or give advice.
    These(Vec<String>),
    /// It may be any, so that the call is held against the limits on all of them.
    #[default]
    Unknown,
}

impl Board {
    /// What a request that begins now is held against, while it is `open`, and what that counts; or the first enforced limit that is exhausted,
    /// and in how many milliseconds it may no longer be.
    pub fn admit(
        &self,
        call: &WantedCall,
        open: &OpenCalls,
        now_ms: i64,
    ) -> Result<Vec<(Held, Unit)>, (&Limit, i64)> {
        let events = call.events();
        let mut all_held = Vec::new();
        for tracked in self.limits.iter().filter(|tracked| tracked.limit.enforce) {
            let limit = &tracked.limit;
            if !call.may_spend && !limit.kind.counts_requests() {
                continue;
            }
            let values = match call.models {
                Models::Unknown if limit.is_on_models() => tracked.values_of_any(call, open),
                _ => tracked.values_of(&events),
            };
            let is_any = call.models == Models::Unknown && limit.scope == Scope::Each(Dimension::Model);
            for (value, spellings) in tracked.spellings(&values, now_ms) {
                // Open calls go by the plain name, and together where they are counted together.
                let shared =
                    spellings.contains(&OVERFLOW).then_some(OVERFLOW).filter(|shared| *shared != value);
                let held_by = std::iter::once(value).chain(shared);
                let held: Vec<Held> = held_by.map(|value| (limit.id.clone(), value.to_owned())).collect();
                if let Err(wait_ms) = self.has_room(tracked, &spellings, &held, open, now_ms) {
                    return Err((limit, wait_ms));
                }
                if matches!(limit.kind.unit, Unit::Requests | Unit::InFlight) {
                    // One that may be for any model is open as that, once, and not under the name of each.
                    let held = held.into_iter().filter(|(_, value)| !is_any || value == NO_MODEL);
                    all_held.extend(held.map(|held| (held, limit.kind.unit)));
                }
            }
        }
        Ok(all_held)
    }

    /// Whether a limit has room under a value, or in how many milliseconds it may have some.
    fn has_room(
        &self,
        tracked: &Tracked,
        spellings: &[&str],
        held: &[Held],
        open: &OpenCalls,
        now_ms: i64,
    ) -> Result<(), i64> {
        let limit = &tracked.limit;
        let of_any = (limit.id.clone(), NO_MODEL.to_owned());
        // What is open and may be of any model may be of this one.
        let is_each_model = limit.scope == Scope::Each(Dimension::Model) && !held.contains(&of_any);
        let open_since = |from_ms| {
            let own = held.iter().map(|held| open.since(held, from_ms)).max().unwrap_or_default();
            own + if is_each_model { open.since(&of_any, from_ms) } else { 0 }
        };
        let used_at = |at_ms| {
            let reading = tracked.most_used(spellings, &self.zone, at_ms);
            let used = match limit.kind.unit {
                Unit::Requests => reading.used + open_since(reading.window.0),
                // Its count is the peak of a minute that is over; what counts is this moment.
                Unit::InFlight => open_since(i64::MIN),
                Unit::Tokens | Unit::NanoUsd | Unit::Percent => reading.used,
            };
            (used, reading.resets_at_ms)
        };
        let (used, resets_at_ms) = used_at(now_ms);
        if used < limit.amount {
            return Ok(());
        }
        let free_at_ms = resets_at_ms.unwrap_or_else(|| match limit.kind.unit {
            Unit::InFlight => now_ms + SHORTEST_WAIT_MS,
            _ => {
                let mut ends = (now_ms + 1_000..=now_ms + LONGEST_WAIT_MS).step_by(1_000);
                let free = ends.find(|at_ms| used_at(*at_ms).0 < limit.amount);
                free.unwrap_or(now_ms + LONGEST_WAIT_MS)
            }
        });
        Err(free_at_ms - now_ms)
    }
}

impl WantedCall {
    /// The call as an event of each of its models. A batch leads to messages: it uses up no limit on their number, as the
    /// provider counts it apart, but it is no way on where such a limit is used up.
    fn events(&self) -> Vec<Cow<'_, Event>> {
        let mut events: Vec<Cow<'_, Event>> = match &self.models {
            Models::None | Models::Unknown => vec![Cow::Borrowed(&self.event)],
            Models::These(models) => models.iter().map(|model| Cow::Owned(self.of_model(model))).collect(),
        };
        if self.may_spend && self.event.endpoint_class == EndpointClass::Batches {
            let as_message = |event: &Cow<'_, Event>| {
                Cow::Owned(Event { endpoint_class: EndpointClass::Messages, ..event.as_ref().clone() })
            };
            let messages: Vec<_> = events.iter().map(as_message).collect();
            events.extend(messages);
        }
        events
    }

    fn of_model(&self, model: &str) -> Event {
        let dimensions = Dimensions { model: model.to_owned(), ..self.event.dimensions.clone() };
        Event { dimensions, ..self.event.clone() }
    }
}

impl Limit {
    /// Whether it covers only what is for some model.
    fn is_on_models(&self) -> bool {
        matches!(self.scope, Scope::Pool { .. }) || self.scope.dimension() == Some(Dimension::Model)
    }
}

impl Tracked {
    /// The values under which these may count, each once.
    fn values_of(&self, events: &[Cow<'_, Event>]) -> BTreeSet<String> {
        let is_each_model = self.limit.scope == Scope::Each(Dimension::Model);
        let plain = |value: &str| if is_each_model { canonical(value).to_owned() } else { value.to_owned() };
        events.iter().filter_map(|event| self.limit.value_of(event, &Pools::of(event)).map(plain)).collect()
    }

    /// The values under which a call may count that may be for any model.
    fn values_of_any(&self, call: &WantedCall, open: &OpenCalls) -> BTreeSet<String> {
        let Limit { id, scope, .. } = &self.limit;
        if !call.events().iter().any(|event| self.limit.counts(event.endpoint_class)) {
            return BTreeSet::new();
        }
        match scope {
            Scope::One(_, value) => BTreeSet::from([value.clone()]),
            Scope::Each(_) => {
                let counted = self.places.values().map(canonical);
                let all = counted.chain(open.values(id)).chain([NO_MODEL]);
                all.map(str::to_owned).collect()
            }
            Scope::Pool { organization, workspace, .. } => {
                let of_call = &call.event.dimensions;
                let is_there = of_call.organization == *organization && of_call.workspace == *workspace;
                is_there.then(String::new).into_iter().collect()
            }
            Scope::Everything => BTreeSet::from([String::new()]),
        }
    }

    /// Each of these values with those under which a request for it may be counted: of a limit on each model every name of
    /// it, since which of them will answer is not known before. That of the shared meter is among them where it is counted
    /// there, or would be.
    fn spellings<'a>(&'a self, values: &'a BTreeSet<String>, now_ms: i64) -> BTreeMap<&'a str, Vec<&'a str>> {
        let mut spellings: BTreeMap<_, _> =
            values.iter().map(|value| (value.as_str(), vec![value.as_str()])).collect();
        if self.limit.scope == Scope::Each(Dimension::Model) {
            for name in self.places.values() {
                let plain = canonical(name);
                if let Some(names) = spellings.get_mut(plain).filter(|_| plain != name) {
                    names.push(name);
                }
            }
        }
        for (value, names) in &mut spellings {
            if *value != OVERFLOW && self.places.are_held_together(names, now_ms) {
                names.push(OVERFLOW);
            }
        }
        spellings
    }

    /// Where it stands under the value of which most is used.
    fn most_used(&self, values: &[&str], zone: &TimeZone, now_ms: i64) -> Reading {
        let readings = values.iter().map(|value| self.read(value, zone, now_ms, now_ms).0);
        let most = readings.max_by_key(|reading| reading.used);
        most.unwrap_or_else(|| self.count("", zone, now_ms, now_ms))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::limits::{Source, kind};
    use crate::usage::{Endpoints, Usage};

    const NOW_MS: i64 = 1_795_521_600_000;
    const MODELS: [&str; 4] =
        ["claude-opus-5", "claude-opus-5-20260101", "anthropic/claude-haiku-4-5", "somebody-elses"];

    fn enforced(word: &str, amount: i64, scope: Scope) -> Limit {
        Limit {
            id: "a".to_owned(),
            name: "a".to_owned(),
            kind: kind(word).expect("a kind"),
            amount,
            scope,
            time_zone: None,
            warn_percent: 80,
            critical_percent: 100,
            source: Source::Typed,
            enabled: true,
            enforce: true,
            endpoints: Endpoints::default(),
            revision: 1,
        }
    }

    fn of_model(model: &str) -> Event {
        let dimensions = Dimensions { model: model.to_owned(), ..Dimensions::default() };
        let usage = Usage { input_tokens: Some(10), output_tokens: Some(1), ..Usage::default() };
        Event { at_ms: NOW_MS, received_at_ms: NOW_MS, dimensions, usage, ..Event::default() }
    }

    proptest! {
        #[test]
        fn not_to_say_which_model_never_opens_a_way(
            word in prop::sample::select(vec!["tokens_per_day", "requests_per_minute", "concurrent_requests"]),
            one in prop::option::of(prop::sample::select(&MODELS[..])),
            amount in 0..40_i64,
            counted in prop::collection::vec(prop::sample::select(&MODELS[..]), 0..8),
            begun in prop::collection::vec(prop::option::of(prop::sample::select(&MODELS[..])), 0..8),
        ) {
            let scope = match one {
                Some(model) => Scope::One(Dimension::Model, model.to_owned()),
                None => Scope::Each(Dimension::Model),
            };
            let mut board = Board::new(vec![enforced(word, amount, scope)], TimeZone::UTC);
            for model in counted {
                board.record(&of_model(model), None, NOW_MS);
            }
            let call = |models| WantedCall { event: of_model(""), may_spend: true, models };
            let these = |model: &str| call(Models::These(vec![model.to_owned()]));
            let mut open = OpenCalls::default();
            for model in begun {
                let begins = model.map_or_else(|| call(Models::Unknown), these);
                for (held, _) in board.admit(&begins, &open, NOW_MS).unwrap_or_default() {
                    open.begin(&held, NOW_MS);
                }
            }
            let refused = |call: &WantedCall| board.admit(call, &open, NOW_MS).is_err();
            let all = call(Models::These(MODELS.map(str::to_owned).to_vec()));
            prop_assert_eq!(MODELS.iter().any(|model| refused(&these(model))), refused(&all));
            prop_assert!(refused(&call(Models::Unknown)) || !refused(&all));
            prop_assert!(!refused(&call(Models::None)), "it is about no model");
        }
    }
}
