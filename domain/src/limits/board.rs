//! Every limit with its meters: events go in, readings come out.

mod admission;
mod counting;
mod places;
mod sharers;

use std::collections::{BTreeMap, HashMap};

use jiff::tz::TimeZone;

use self::places::Places;
use super::kind::WindowShape;
use super::learned::Burn;
use super::limit::{Limit, Scope, Source};
use super::meter::{LATENESS_S, Meter, Reading};
use super::replica::ReplicaReading;
use super::report::Report;
use super::reported::{Reported, Spoke};
use super::tally::Tally;
use super::unseen::Unseen;

pub use admission::{Models, WantedCall};

/// Values that a limit on each value counts one by one; those beyond share a meter.
pub const MOST_VALUES: usize = 10_000;

/// All limits and what they have counted.
pub struct Board {
    zone: TimeZone,
    limits: Vec<Tracked>,
    by_id: HashMap<String, usize>,
}

struct Tracked {
    limit: Limit,
    places: Places,
    burn: Burn,
    /// What response headers say, of a limit that is learned from them.
    reported: Option<Reported>,
    /// Scope values that new events have touched, with the earliest time they did.
    touched: BTreeMap<String, i64>,
}

/// Where one standing is, at a glance.
#[derive(Debug, Clone)]
pub struct Glance<'a> {
    pub limit: &'a Limit,
    /// The scope value; empty for everything.
    pub scope_value: &'a str,
    /// What it reads: the worst of what is measured.
    pub reading: Reading,
    /// Which measurement that is.
    pub spoke: Spoke,
}

/// What each measurement says by itself of one standing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Measured {
    /// What Tacho has counted itself; nothing where no event is counted.
    pub counted: Option<i64>,
    /// What the replica of the provider's bucket says.
    pub replica: Option<ReplicaReading>,
    /// What others than we have spent of it.
    pub unseen: Option<Unseen>,
}

/// Where a standing that new events have touched was at its highest since their time.
#[derive(Debug, Clone)]
pub struct TouchedReading {
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
    pub limit_id: String,
    /// Start and end, Unix milliseconds.
    pub window: (i64, i64),
}

impl Board {
    /// A board that has counted nothing. `zone` is for limits without their own.
    pub fn new(limits: Vec<Limit>, zone: TimeZone) -> Self {
        Board::with_room(limits, zone, MOST_VALUES)
    }

    /// A board whose limits count so many values one by one.
    fn with_room(limits: Vec<Limit>, zone: TimeZone, most_values: usize) -> Self {
        let enabled = limits.into_iter().filter(|limit| limit.enabled);
        let tracked = enabled.map(|limit| Tracked {
            reported: (limit.source == Source::Learned).then(|| Reported::new(&limit)),
            burn: Burn::of(&limit),
            places: Places::new(&limit, most_values),
            limit,
            touched: BTreeMap::new(),
        });
        let limits: Vec<Tracked> = tracked.collect();
        let ids = limits.iter().map(|tracked| tracked.limit.id.clone());
        let by_id = ids.enumerate().map(|(index, id)| (id, index)).collect();
        Board { zone, limits, by_id }
    }

    /// Takes in what a response's headers say is left. One that is not evaluated is passed over.
    pub fn correct(&mut self, limit_id: &str, report: Report, now_ms: i64) {
        self.recall(limit_id, report, now_ms);
        if let Some(tracked) = self.tracked(limit_id) {
            let since_ms = tracked.touched.entry(String::new()).or_insert(report.from_ms);
            *since_ms = report.from_ms.min(*since_ms);
        }
    }

    /// Takes in what was said before a restart.
    pub fn recall(&mut self, limit_id: &str, report: Report, now_ms: i64) {
        if let Some(reported) = self.tracked(limit_id).and_then(|tracked| tracked.reported.as_mut()) {
            reported.correct(report, now_ms);
        }
    }

    /// A window of a subscription is so long.
    pub fn set_length(&mut self, limit_id: &str, length_ms: i64) {
        if let Some(reported) = self.tracked(limit_id).and_then(|tracked| tracked.reported.as_mut()) {
            reported.set_length(length_ms);
        }
    }

    /// A learned limit has another amount.
    pub fn set_amount(&mut self, limit_id: &str, amount: i64) {
        let Some(tracked) = self.tracked(limit_id) else { return };
        tracked.limit.amount = amount;
        if let Some(reported) = &mut tracked.reported {
            reported.set_amount(amount);
        }
    }

    fn tracked(&mut self, limit_id: &str) -> Option<&mut Tracked> {
        self.limits.get_mut(*self.by_id.get(limit_id)?)
    }

    /// What new events have touched since the last call, at its highest since their time.
    pub fn take_touched(&mut self, now_ms: i64) -> Vec<TouchedReading> {
        let mut readings = Vec::new();
        for tracked in &mut self.limits {
            for (scope_value, since_ms) in std::mem::take(&mut tracked.touched) {
                let peak = tracked.read(&scope_value, &self.zone, since_ms, now_ms).0;
                let now = tracked.read(&scope_value, &self.zone, now_ms, now_ms).0;
                let limit_id = tracked.limit.id.clone();
                readings.push(TouchedReading { limit_id, scope_value, peak, now });
            }
        }
        readings
    }

    /// Where everything stands now, limit by limit. A limit on everything or on one value always has a standing, but for
    /// one that only headers tell of: where they say nothing any more, nothing is known.
    pub fn glances(&self, now_ms: i64) -> impl Iterator<Item = Glance<'_>> {
        self.limits.iter().filter(move |tracked| tracked.is_known(now_ms)).flat_map(move |tracked| {
            let fixed = match &tracked.limit.scope {
                Scope::Everything | Scope::Pool { .. } => Some(""),
                Scope::One(_, value) => Some(value.as_str()),
                Scope::Each(_) => None,
            };
            let missing =
                fixed.filter(|value| tracked.places.get(value).is_none()).map(|value| (value, None));
            let counted = tracked.places.meters().map(|(value, meter)| (value, Some(meter)));
            missing.into_iter().chain(counted).map(move |(scope_value, meter)| {
                let counted = tracked.count_of(meter, &self.zone, now_ms, now_ms);
                let (reading, spoke) = tracked.worst(counted, now_ms, now_ms);
                Glance { limit: &tracked.limit, scope_value, reading, spoke }
            })
        })
    }

    /// What each measurement says of one standing.
    pub fn measured(&self, limit_id: &str, scope_value: &str, now_ms: i64) -> Measured {
        let tracked = self.by_id.get(limit_id).and_then(|index| self.limits.get(*index));
        let Some(tracked) = tracked else { return Measured::default() };
        let counts = !tracked.limit.kind.is_reported();
        let reported = tracked.reported.as_ref();
        Measured {
            counted: counts.then(|| tracked.count(scope_value, &self.zone, now_ms, now_ms).used),
            replica: reported.and_then(|reported| reported.replica(now_ms)),
            unseen: reported.and_then(|reported| reported.unseen(now_ms)),
        }
    }

    /// Where one standing is; nothing for a limit that is not evaluated.
    pub fn reading(&self, limit_id: &str, scope_value: &str, now_ms: i64) -> Option<Reading> {
        let tracked = self.limits.get(*self.by_id.get(limit_id)?)?;
        Some(tracked.read(scope_value, &self.zone, now_ms, now_ms).0)
    }

    /// Whether nothing has been counted for a scope value.
    pub fn counts_nothing(&self, limit_id: &str, scope_value: &str) -> bool {
        let tracked = self.by_id.get(limit_id).and_then(|index| self.limits.get(*index));
        tracked.is_some_and(|tracked| tracked.places.get(scope_value).is_none())
    }

    /// Whether a scope value is counted together with others, so that only an upper bound of its use is known.
    pub fn is_shared(&self, limit_id: &str, scope_value: &str) -> bool {
        let tracked = self.by_id.get(limit_id).and_then(|index| self.limits.get(*index));
        tracked.is_some_and(|tracked| tracked.places.place_of(scope_value) != scope_value)
    }

    /// The limits on each value of which some values are counted together, since there are too many.
    pub fn overflowing(&self) -> impl Iterator<Item = &Limit> {
        self.limits.iter().filter(|tracked| tracked.places.overflows()).map(|tracked| &tracked.limit)
    }

    /// The most that has been counted for one standing since events may still arrive; nothing for a limit that is not
    /// evaluated.
    pub fn highest_count(&self, limit_id: &str, scope_value: &str, now_ms: i64) -> Option<i64> {
        let tracked = self.limits.get(*self.by_id.get(limit_id)?)?;
        Some(tracked.count(scope_value, &self.zone, now_ms - LATENESS_S * 1_000, now_ms).used)
    }

    /// Whether any limit is enforced.
    pub fn enforces(&self) -> bool {
        self.limits.iter().any(|tracked| tracked.limit.enforce)
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

    /// Tells a calendar limit what its window has used, by value. Those that come first keep a meter of their own, if
    /// there is room for no more.
    pub fn seed(&mut self, limit_id: &str, scope_value: &str, window_start_ms: i64, used: Tally) {
        let Some(index) = self.by_id.get(limit_id) else { return };
        let Some(tracked) = self.limits.get_mut(*index) else { return };
        let Tracked { limit, places, .. } = tracked;
        counting::add(places, limit, &self.zone, scope_value, |meter| meter.seed(window_start_ms, used));
    }

    /// Forgets what no reading will need.
    pub fn prune(&mut self, now_ms: i64) {
        for tracked in &mut self.limits {
            if let Some(reported) = &mut tracked.reported {
                reported.prune(now_ms);
            }
            tracked.places.prune(now_ms);
        }
    }
}

impl Tracked {
    /// Whether anything says where it stands.
    fn is_known(&self, now_ms: i64) -> bool {
        let is_told =
            || self.reported.as_ref().is_some_and(|reported| reported.read(now_ms, now_ms).is_some());
        !self.limit.kind.is_reported() || is_told()
    }

    /// What has been counted, at its highest from `from_ms` to now.
    fn count(&self, scope_value: &str, zone: &TimeZone, from_ms: i64, now_ms: i64) -> Reading {
        self.count_of(self.places.get(scope_value), zone, from_ms, now_ms)
    }

    /// The same of what counts a value, if anything does.
    fn count_of(&self, meter: Option<&Meter>, zone: &TimeZone, from_ms: i64, now_ms: i64) -> Reading {
        match meter {
            Some(meter) => meter.read_since(from_ms, now_ms),
            None => Meter::new(self.limit.kind, own_zone(&self.limit, zone)).read(now_ms),
        }
    }

    /// The worst of what is counted and what is reported, at its highest from `from_ms` to now, and which it is.
    fn read(&self, scope_value: &str, zone: &TimeZone, from_ms: i64, now_ms: i64) -> (Reading, Spoke) {
        self.worst(self.count(scope_value, zone, from_ms, now_ms), from_ms, now_ms)
    }

    fn worst(&self, counted: Reading, from_ms: i64, now_ms: i64) -> (Reading, Spoke) {
        let reported = self.reported.as_ref().and_then(|reported| reported.read(from_ms, now_ms));
        match reported {
            Some((reported, spoke)) if reported.used > counted.used || self.limit.kind.is_reported() => {
                (reported, spoke)
            }
            _ if self.limit.kind.is_reported() => (counted, Spoke::Headers),
            _ => (counted, Spoke::Count),
        }
    }
}

fn own_zone(limit: &Limit, default: &TimeZone) -> TimeZone {
    limit.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok()).unwrap_or_else(|| default.clone())
}

#[cfg(test)]
mod tests;
