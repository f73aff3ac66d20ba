//! Events on their way into the meters of all limits, and out again.

use super::{Board, MOST_VALUES, Tracked, own_zone};
use crate::limits::kind::WindowShape;
use crate::limits::learned::pools::Pools;
use crate::limits::meter::{Meter, Taken};
use crate::rollup::Sums;
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
    /// The standings that an event counts in: the limit and the scope value of each.
    pub fn keys_of(&self, event: &Event) -> Vec<(String, String)> {
        let pools = Pools::of(event);
        let key = |tracked: &Tracked| {
            Some((tracked.limit.id.clone(), tracked.limit.value_of(event, &pools)?.to_owned()))
        };
        self.limits.iter().filter_map(key).collect()
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
        for tracked in &mut self.limits {
            let kind = tracked.limit.kind;
            let is_rolling = matches!(kind.window, WindowShape::Rolling { .. });
            let is_left_out = of_batch && !kind.counts_batches() || act == Act::Replay && !is_rolling;
            if is_left_out || kind.is_reported() {
                continue;
            }
            let Some(value) = tracked.limit.value_of(event, &pools) else { continue };
            let sums = tracked.burn.weigh(&sums);
            match &mut tracked.reported {
                Some(reported) if act == Act::TakeBack => reported.take_back(event, &sums),
                Some(reported) => reported.spend(event, &sums, now_ms),
                None => {}
            }
            let is_known = tracked.meters.contains_key(value);
            if !is_known && act == Act::TakeBack {
                continue;
            }
            if !is_known && tracked.meters.len() >= MOST_VALUES {
                tracked.uncounted += 1;
                continue;
            }
            let zone = &self.zone;
            let limit = &tracked.limit;
            let meter = match tracked.meters.get_mut(value) {
                Some(meter) => meter,
                None => tracked
                    .meters
                    .entry(value.to_owned())
                    .or_insert_with(|| Meter::new(limit.kind, own_zone(limit, zone))),
            };
            let taken = match act {
                Act::TakeBack => meter.take_back(event, &sums, now_ms),
                Act::Record | Act::Replay | Act::PutBack => meter.add(event, &sums, now_ms),
            };
            let since_ms = if act == Act::Record { event.at_ms } else { now_ms };
            is_certain &= taken != Taken::Doubtful;
            if act == Act::TakeBack && meter.is_idle() {
                tracked.meters.remove(value);
            }
            if taken != Taken::TooLate && act != Act::Replay {
                match tracked.touched.get_mut(value) {
                    Some(known_ms) => *known_ms = since_ms.min(*known_ms),
                    None => {
                        tracked.touched.insert(value.to_owned(), since_ms);
                    }
                }
            }
        }
        is_certain
    }
}
