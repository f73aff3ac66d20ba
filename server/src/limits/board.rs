//! Every limit with its meters: events go in, readings come out.

use std::collections::HashMap;

use jiff::tz::TimeZone;

use super::kind::WindowShape;
use super::limit::{Limit, Scope};
use super::meter::{LATENESS_S, Meter, Reading};
use crate::rollup::Sums;
use crate::usage::{Event, NanoUsd};

/// Scope values a limit keeps meters for; a flood of values must not eat the memory.
const MOST_VALUES: usize = 10_000;

/// All limits and what they have counted.
pub struct Board {
    zone: TimeZone,
    limits: Vec<Tracked>,
}

struct Tracked {
    limit: Limit,
    meters: HashMap<String, Meter>,
    /// Scope values that new events have touched, with the earliest time they did.
    touched: HashMap<String, i64>,
    /// Events not counted because there were too many values.
    uncounted: u64,
}

/// Where one standing is.
#[derive(Debug, Clone)]
pub struct StandingReading {
    /// The limit.
    pub limit_id: String,
    /// The scope value; empty for everything.
    pub scope_value: String,
    /// What it reads.
    pub reading: Reading,
}

/// Where a standing that new events have touched was at its highest since their time.
#[derive(Debug, Clone)]
pub struct TouchedReading {
    /// The limit.
    pub limit_id: String,
    /// The scope value; empty for everything.
    pub scope_value: String,
    /// The highest since.
    pub peak: Reading,
    /// Where it stands now.
    pub now: Reading,
}

/// A window that a calendar limit must be told of after a restart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedNeed {
    /// The limit.
    pub limit_id: String,
    /// Start and end, Unix milliseconds.
    pub window: (i64, i64),
}

impl Board {
    /// A board that has counted nothing. `zone` is for limits without their own.
    pub fn new(limits: Vec<Limit>, zone: TimeZone) -> Self {
        let enabled = limits.into_iter().filter(|limit| limit.enabled);
        let tracked = enabled.map(|limit| Tracked {
            limit,
            meters: HashMap::new(),
            touched: HashMap::new(),
            uncounted: 0,
        });
        Board { zone, limits: tracked.collect() }
    }

    /// Counts a new event.
    pub fn record(&mut self, event: &Event, cost: Option<NanoUsd>, now_ms: i64) {
        self.count(event, cost, now_ms, true);
    }

    /// Counts an event that is not new: after a restart, for rolling windows only.
    pub fn replay(&mut self, event: &Event, cost: Option<NanoUsd>, now_ms: i64) {
        self.count(event, cost, now_ms, false);
    }

    fn count(&mut self, event: &Event, cost: Option<NanoUsd>, now_ms: i64, new: bool) {
        let sums = Sums::of(event, cost);
        for tracked in &mut self.limits {
            let rolling = matches!(tracked.limit.kind.window, WindowShape::Rolling { .. });
            if !new && !rolling {
                continue;
            }
            let Some(value) = tracked.limit.scope.value_of(&event.dimensions) else { continue };
            if !tracked.meters.contains_key(&*value) && tracked.meters.len() >= MOST_VALUES {
                tracked.uncounted += 1;
                continue;
            }
            let zone = &self.zone;
            let limit = &tracked.limit;
            let meter = match tracked.meters.get_mut(&*value) {
                Some(meter) => meter,
                None => tracked
                    .meters
                    .entry(value.clone().into_owned())
                    .or_insert_with(|| Meter::new(limit.kind, own_zone(limit, zone))),
            };
            if meter.add(event, &sums, now_ms) && new {
                match tracked.touched.get_mut(&*value) {
                    Some(since_ms) => *since_ms = event.at_ms.min(*since_ms),
                    None => {
                        tracked.touched.insert(value.into_owned(), event.at_ms);
                    }
                }
            }
        }
    }

    /// What new events have touched since the last call, at its highest since their time.
    pub fn take_touched(&mut self, now_ms: i64) -> Vec<TouchedReading> {
        let mut readings = Vec::new();
        for tracked in &mut self.limits {
            for (scope_value, since_ms) in tracked.touched.drain() {
                let Some(meter) = tracked.meters.get(&scope_value) else { continue };
                let (peak, now) = (meter.read_since(since_ms, now_ms), meter.read(now_ms));
                let limit_id = tracked.limit.id.clone();
                readings.push(TouchedReading { limit_id, scope_value, peak, now });
            }
        }
        readings
    }

    /// Where everything stands now. A limit on everything or on one value always has a standing.
    pub fn readings(&self, now_ms: i64) -> Vec<StandingReading> {
        let mut readings = Vec::new();
        for Tracked { limit, meters, .. } in &self.limits {
            let fixed = match &limit.scope {
                Scope::Everything => Some(""),
                Scope::One(_, value) => Some(value.as_str()),
                Scope::Each(_) => None,
            };
            let missing = fixed.filter(|value| !meters.contains_key(*value)).map(|value| {
                let reading = Meter::new(limit.kind, own_zone(limit, &self.zone)).read(now_ms);
                (value.to_owned(), reading)
            });
            let counted = meters.iter().map(|(value, meter)| (value.clone(), meter.read(now_ms)));
            readings.extend(missing.into_iter().chain(counted).map(|(scope_value, reading)| {
                StandingReading { limit_id: limit.id.clone(), scope_value, reading }
            }));
        }
        readings
    }

    /// What must be read from the store after a restart: open windows, and the next ones where they are so near
    /// that events may lie in them already.
    pub fn seed_needs(&self, now_ms: i64) -> Vec<SeedNeed> {
        let mut needs = Vec::new();
        for Tracked { limit, .. } in &self.limits {
            let WindowShape::Calendar(period) = limit.kind.window else { continue };
            let zone = own_zone(limit, &self.zone);
            let mut windows =
                [now_ms, now_ms + LATENESS_S * 1_000].map(|at_ms| period.window(&zone, at_ms)).to_vec();
            windows.dedup();
            needs.extend(windows.into_iter().map(|window| SeedNeed { limit_id: limit.id.clone(), window }));
        }
        needs
    }

    /// Tells a calendar limit what its window has used.
    pub fn seed(
        &mut self,
        limit_id: &str,
        scope_value: &str,
        window_start_ms: i64,
        used: i64,
        incomplete: bool,
    ) {
        for tracked in self.limits.iter_mut().filter(|tracked| tracked.limit.id == limit_id) {
            let zone = own_zone(&tracked.limit, &self.zone);
            let kind = tracked.limit.kind;
            if tracked.meters.len() < MOST_VALUES {
                let meter = tracked.meters.entry(scope_value.to_owned());
                meter.or_insert_with(|| Meter::new(kind, zone)).seed(window_start_ms, used, incomplete);
            }
        }
    }

    /// Forgets what no reading will need.
    pub fn prune(&mut self, now_ms: i64) {
        for tracked in &mut self.limits {
            tracked.meters.retain(|_, meter| {
                meter.prune(now_ms);
                !meter.is_idle()
            });
            if tracked.uncounted > 0 {
                tracing::warn!(
                    limit.name = %tracked.limit.name,
                    uncounted = tracked.uncounted,
                    "Limit `{}` covers more than {MOST_VALUES} values; some events were not counted against it",
                    tracked.limit.name
                );
                tracked.uncounted = 0;
            }
        }
    }
}

fn own_zone(limit: &Limit, default: &TimeZone) -> TimeZone {
    limit.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok()).unwrap_or_else(|| default.clone())
}
