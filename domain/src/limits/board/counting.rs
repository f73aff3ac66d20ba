//! Events on their way into the meters of all limits, and out again.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use vocabulary::wording;

use super::places::Places;
use super::{Board, MOST_VALUES, Tracked, own_zone};
use crate::limits::kind::WindowShape;
use crate::limits::limit::Limit;
use crate::limits::meter::{CountEffect, Meter};
use crate::limits::pools::Pools;
use crate::rollup::{OVERFLOW, Sums};
use crate::usage::{Event, NanoUsd, ServiceTier};

/// What becomes of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    /// It is new.
    Record,
    /// It was counted before a restart.
    Replay,
    /// It is no more.
    TakeBack,
    /// It has become this.
    PutBack,
}

impl Board {
    /// The standings that an event counts in: the limit and the scope value of each, and that of the shared meter where
    /// the value is counted together with others.
    pub fn keys_of(&self, event: &Event) -> Vec<(String, String)> {
        let pools = Pools::of(event);
        let mut keys = Vec::new();
        for tracked in &self.limits {
            let Some(value) = tracked.limit.value_of(event, &pools) else { continue };
            let place = tracked.places.place_of(value);
            let shared = (place != value).then_some(place);
            let values = std::iter::once(value).chain(shared);
            keys.extend(values.map(|value| (tracked.limit.id.clone(), value.to_owned())));
        }
        keys
    }

    /// Counts a new event.
    pub fn record(&mut self, event: &Event, cost: Option<NanoUsd>, now_ms: i64) {
        self.take(event, cost, now_ms, Act::Record);
    }

    /// Counts an event that is not new: after a restart, for rolling windows only.
    pub fn replay(&mut self, event: &Event, cost: Option<NanoUsd>, now_ms: i64) {
        self.take(event, cost, now_ms, Act::Replay);
    }

    /// Takes back an event that was counted. False where what is left cannot be told: then all that is stored must be
    /// counted again.
    pub fn take_back(&mut self, event: &Event, cost: Option<NanoUsd>, now_ms: i64) -> bool {
        self.take(event, cost, now_ms, Act::TakeBack)
    }

    /// Counts what an event has become that was taken back. It has not just happened: where it once stood is no news.
    pub fn put_back(&mut self, event: &Event, cost: Option<NanoUsd>, now_ms: i64) {
        self.take(event, cost, now_ms, Act::PutBack);
    }

    /// False where what is left is in doubt.
    fn take(&mut self, event: &Event, cost: Option<NanoUsd>, now_ms: i64, act: Act) -> bool {
        // What Tacho has answered itself is kept, and counts nowhere, however often it is read again.
        if event.handling.answered_here {
            return true;
        }
        let sums = Sums::of(event, cost);
        let pools = Pools::of(event);
        let of_batch = event.service_tier == ServiceTier::Batch;
        let mut is_certain = true;
        for Tracked { limit, places, burn, reported, touched } in &mut self.limits {
            let kind = limit.kind;
            let is_rolling = matches!(kind.window, WindowShape::Rolling { .. });
            let is_left_out = of_batch && !kind.counts_batches() || act == Act::Replay && !is_rolling;
            if is_left_out || kind.is_reported() {
                continue;
            }
            let Some(value) = limit.value_of(event, &pools) else { continue };
            let sums = burn.weigh(&sums);
            match reported {
                Some(reported) if act == Act::TakeBack => reported.take_back(event, &sums),
                Some(reported) => reported.spend(event, &sums, now_ms),
                None => {}
            }
            let since_ms = if act == Act::Record { event.at_ms } else { now_ms };
            places.begin_anew(now_ms);
            let mut taken = CountEffect::TooLate;
            if act == Act::TakeBack {
                if let Some(meter) = places.get_mut(value) {
                    taken = meter.take_back(event, &sums, now_ms);
                    places.lessened(value);
                }
            } else {
                let shares = add(places, limit, &self.zone, value, |meter| {
                    taken = meter.add(event, &sums, now_ms);
                    (taken == CountEffect::Counted).then(|| meter.matters_until(event))
                });
                // What is counted together from now on is where it was not before.
                if let Some(shares) = shares {
                    let touched_ms = touched.remove(&shares).unwrap_or(since_ms);
                    touch(touched, OVERFLOW, touched_ms.min(since_ms));
                }
            }
            is_certain &= taken != CountEffect::Doubtful;
            if taken != CountEffect::TooLate && act != Act::Replay {
                touch(touched, places.place_of(value), since_ms);
            }
        }
        is_certain
    }
}

/// Adds to what counts a value of a limit. A value that has made room for it, and is counted together with others from now
/// on, is answered.
pub(super) fn add(
    places: &mut Places,
    limit: &Limit,
    zone: &TimeZone,
    value: &str,
    add: impl FnOnce(&mut Meter) -> Option<i64>,
) -> Option<String> {
    let overflowed = places.overflows();
    let begin = || Meter::new(limit.kind, own_zone(limit, zone));
    let shares = places.add(value, near(limit), begin, add)?;
    if !overflowed {
        let name = wording::name(&limit.name);
        tracing::warn!(
            limit.name = %name,
            "Limit `{name}` covers more than {MOST_VALUES} values: those beyond are counted together as `{OVERFLOW}`"
        );
    }
    Some(shares)
}

/// The least use that raises a warning.
pub(super) fn near(limit: &Limit) -> i128 {
    (i128::from(limit.amount) * i128::from(limit.warn_percent) + 99).div_euclid(100)
}

/// Notes since when something has another standing than before.
fn touch(touched: &mut BTreeMap<String, i64>, value: &str, since_ms: i64) {
    match touched.get_mut(value) {
        Some(known_ms) => *known_ms = since_ms.min(*known_ms),
        None => {
            touched.insert(value.to_owned(), since_ms);
        }
    }
}
