//! Where every limit stood at one moment, made once and shared by all who read.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use domain::alert::machine::raised;
use domain::limits::learned::Place;
use domain::limits::{Glance, Limit, Measured, Reading, Spoke, WindowShape};
use vocabulary::Severity;

use super::Watch;

/// Standings that are kept of all together, the worst.
pub const MOST: usize = 1_000;
/// Standings that are kept of each limit, the worst.
pub const MOST_OF_EACH: usize = 12;

/// Where limits stood at one moment. It is as large as the limits are many, and no larger for the values that come under
/// them.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// Which state of the watch it shows: it grows with every change.
    pub version: u64,
    /// When it was true, Unix milliseconds.
    pub as_of_ms: i64,
    /// When the next window ends, and what it has used with it, Unix milliseconds; nothing where none does.
    pub ends_at_ms: Option<i64>,
    /// How many limits are evaluated.
    pub limits: u64,
    /// How often response headers named a limit that was not learned, since there were too many already.
    pub not_learned: u64,
    /// Names of the limits on each value of which some values are counted together, since there are too many.
    pub overflowing: Vec<String>,
    /// How many standings there are in all.
    pub total: u64,
    /// How many of all have reached a threshold.
    pub open: OpenAlerts,
    /// The worst of all and the worst of each limit, worst first.
    pub standings: Vec<LimitStanding>,
    /// Where each limit was learned from, by its id: also of those that were removed.
    pub learned: HashMap<String, Learned>,
}

/// How many standings have reached a threshold, also of those that are not kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OpenAlerts {
    /// At or above the warning threshold, and below the critical one.
    pub warning: u64,
    pub critical: u64,
}

impl OpenAlerts {
    fn of(states: impl Iterator<Item = Severity>) -> Self {
        let mut open = OpenAlerts::default();
        for state in states {
            match state {
                Severity::Ok => {}
                Severity::Warning => open.warning += 1,
                Severity::Critical => open.critical += 1,
            }
        }
        open
    }

    /// How many there are.
    pub fn number(self) -> u64 {
        self.warning + self.critical
    }

    /// How bad the worst of them is.
    pub fn worst(self) -> Severity {
        match self {
            OpenAlerts { critical: 1.., .. } => Severity::Critical,
            OpenAlerts { warning: 1.., .. } => Severity::Warning,
            _ => Severity::Ok,
        }
    }
}

/// Where one limit stands for one scope value.
#[derive(Debug, Clone)]
pub struct LimitStanding {
    pub limit: Arc<Limit>,
    /// The scope value; empty for everything.
    pub scope_value: String,
    /// The worst threshold reached.
    pub state: Severity,
    /// How much of the amount is used; may exceed 1.
    pub fraction: f64,
    /// What it reads.
    pub reading: Reading,
    /// Start and end of its window, Unix milliseconds.
    pub window: (i64, i64),
    /// Which measurement it goes by.
    pub spoke: Spoke,
    /// What each measurement says.
    pub measured: Measured,
    /// How many standings its limit has.
    pub values: u64,
    /// Its alert, if that is still open though usage has fallen below what raised it.
    pub held: Option<StillOpen>,
    /// Which it is among those of its limit, from 1 for the worst; beyond [`MOST_OF_EACH`] it is not told.
    place: usize,
}

/// An alert that is still open though usage has fallen below what raised it.
#[derive(Debug, Clone, Copy)]
pub struct StillOpen {
    /// When usage got as bad as the alert is, Unix milliseconds.
    pub since_ms: i64,
    /// It ends once usage is below so many percent of the amount.
    pub below_percent: u32,
    /// And has been there for so long, in milliseconds.
    pub for_ms: i64,
}

/// Where a limit was learned from.
#[derive(Debug, Clone)]
pub struct Learned {
    /// The bucket or window of the provider.
    pub place: Place,
    /// When the first request was sent whose response named it, Unix milliseconds.
    pub first_seen_ms: i64,
    pub last_seen_ms: i64,
}

/// Which standings are asked for, and how many at most.
#[derive(Debug, Clone, Copy)]
pub enum Pick {
    /// The worst, up to [`MOST`].
    Worst(usize),
    /// The worst of each limit, up to so many of each; the worst of every limit comes before the second worst of any.
    OfEach {
        /// Of one limit, up to [`MOST_OF_EACH`].
        each: usize,
        /// Of all.
        most: usize,
    },
}

impl Pick {
    /// Each limit where it stands at its worst.
    pub const EACH: Pick = Pick::OfEach { each: 1, most: usize::MAX };
}

impl Snapshot {
    /// The standings that are picked, worst first.
    pub fn pick(&self, pick: Pick) -> Vec<&LimitStanding> {
        match pick {
            Pick::Worst(most) => self.standings.iter().take(most.min(MOST)).collect(),
            Pick::OfEach { each, most } => {
                let each = each.min(MOST_OF_EACH);
                let mut picked: Vec<_> = self
                    .standings
                    .iter()
                    .enumerate()
                    .filter(|(_, standing)| standing.place <= each)
                    .collect();
                if picked.len() > most {
                    picked.sort_by_key(|(index, standing)| (standing.place, *index));
                    picked.truncate(most);
                    picked.sort_by_key(|(index, _)| *index);
                }
                picked.into_iter().map(|(_, standing)| standing).collect()
            }
        }
    }
}

/// A standing among others.
struct Ranked<'a> {
    state: Severity,
    fraction: f64,
    glance: Glance<'a>,
    /// Which it is among those of its limit.
    place: usize,
    is_kept: bool,
}

impl Ranked<'_> {
    /// Worst first; of equals by name.
    fn order(&self, other: &Self) -> std::cmp::Ordering {
        let (own, others) = (&self.glance, &other.glance);
        (other.state.cmp(&self.state))
            .then(other.fraction.total_cmp(&self.fraction))
            .then_with(|| own.limit.name.cmp(&others.limit.name))
            .then_with(|| own.scope_value.cmp(others.scope_value))
    }
}

impl Watch {
    /// Where everything stands. A limit that nothing has touched stands at 0.
    pub fn snapshot(&self, version: u64, now_ms: i64) -> Snapshot {
        let mut all = self.ranked(now_ms);
        let total = all.len() as u64;
        let open = OpenAlerts::of(all.iter().map(|ranked| ranked.state));
        let ends = all.iter().filter_map(|ranked| ranked.glance.reading.resets_at_ms);
        let ends_at_ms = ends.filter(|at_ms| *at_ms > now_ms).min();
        let mut values: HashMap<&str, u64> = HashMap::new();
        for of_one in runs(&all) {
            values.insert(&all[of_one.start].glance.limit.id, of_one.len() as u64);
            let mut of_one: Vec<&mut Ranked> = all[of_one].iter_mut().collect();
            for (index, standing) in worst(&mut of_one, MOST_OF_EACH, |ranked| ranked).iter_mut().enumerate()
            {
                (standing.place, standing.is_kept) = (index + 1, true);
            }
        }
        worst(&mut all, MOST, |ranked| ranked).iter_mut().for_each(|standing| standing.is_kept = true);
        all.retain(|standing| standing.is_kept);
        all.sort_unstable_by(Ranked::order);
        let mut limits: HashMap<&str, Arc<Limit>> = HashMap::new();
        let standings = all.into_iter().map(|ranked| {
            let Ranked { state, fraction, place, glance, .. } = ranked;
            let Glance { limit, scope_value, reading, spoke } = glance;
            LimitStanding {
                limit: limits.entry(&limit.id).or_insert_with(|| Arc::new(limit.clone())).clone(),
                scope_value: scope_value.to_owned(),
                state,
                fraction,
                window: self.window(limit, &reading, now_ms),
                held: self.held(limit, scope_value, reading.used, now_ms),
                reading,
                spoke,
                measured: self.board.measured(&limit.id, scope_value, now_ms),
                values: values.get(limit.id.as_str()).copied().unwrap_or(1),
                place,
            }
        });
        Snapshot {
            version,
            as_of_ms: now_ms,
            ends_at_ms,
            limits: self.limits.values().filter(|limit| limit.enabled).count() as u64,
            not_learned: self.book.not_kept(),
            overflowing: self.board.overflowing().map(|limit| limit.name.clone()).collect(),
            total,
            open,
            standings: standings.collect(),
            learned: self.learned(),
        }
    }

    /// Every standing, limit by limit.
    fn ranked(&self, now_ms: i64) -> Vec<Ranked<'_>> {
        // An alert that is still firing is shown as firing, while its usage falls.
        let firing = self.instances.iter().map(|((limit_id, value), instance)| {
            ((limit_id.as_str(), value.as_str()), instance.severity_at(now_ms))
        });
        let firing: HashMap<(&str, &str), Severity> =
            firing.filter(|(_, severity)| *severity > Severity::Ok).collect();
        let ranked = self.board.glances(now_ms).filter_map(|glance| {
            // As it is now: the board may hold it as it was.
            let limit = self.limits.get(&glance.limit.id)?;
            let firing =
                firing.get(&(limit.id.as_str(), glance.scope_value)).copied().unwrap_or(Severity::Ok);
            let used = glance.reading.used;
            let (state, fraction) = match limit.is_not_provisioned() {
                true => (firing, 0.0),
                false => (raised(used, &self.rule(limit)).max(firing), fraction(used, limit.amount)),
            };
            let glance = Glance { limit, ..glance };
            Some(Ranked { state, fraction, glance, place: usize::MAX, is_kept: false })
        });
        ranked.collect()
    }

    /// The alert that is still open though usage has fallen below what raised it, and when it ends.
    fn held(&self, limit: &Limit, scope_value: &str, used: i64, now_ms: i64) -> Option<StillOpen> {
        let rule = self.rule(limit);
        let instance = self.instances.get(&(limit.id.clone(), scope_value.to_owned()))?;
        (instance.severity_at(now_ms) > raised(used, &rule)).then_some(StillOpen {
            since_ms: instance.fired_at_ms?,
            below_percent: rule.warn_percent.saturating_sub(rule.hysteresis_points),
            for_ms: rule.keep_firing_ms,
        })
    }

    /// Start and end of the window of a reading. One that only headers tell of is as long as its name says; once it is
    /// over, the next has begun, of which nothing has been said yet.
    fn window(&self, limit: &Limit, reading: &Reading, now_ms: i64) -> (i64, i64) {
        let (start_ms, end_ms) = reading.window;
        if limit.kind.window != WindowShape::Reported {
            return (start_ms, end_ms);
        }
        let seen = self.book.seen(&limit.id);
        let length_ms = seen.and_then(|seen| seen.place.limiter.length_ms());
        match (reading.resets_at_ms, length_ms) {
            (Some(_), Some(length_ms)) => (end_ms - length_ms, end_ms),
            (Some(_), None) => (start_ms, end_ms),
            (None, _) if end_ms <= now_ms => (end_ms, now_ms),
            (None, _) => (start_ms, now_ms),
        }
    }

    fn learned(&self) -> HashMap<String, Learned> {
        let learned = self.book.all_seen().map(|(id, seen)| {
            let (first_seen_ms, last_seen_ms) = (seen.first_seen_ms, seen.last_seen_ms);
            (id.to_owned(), Learned { place: seen.place.clone(), first_seen_ms, last_seen_ms })
        });
        learned.collect()
    }
}

/// Where the standings of one limit lie among all.
fn runs(all: &[Ranked]) -> Vec<Range<usize>> {
    let runs = all.chunk_by(|one, other| one.glance.limit.id == other.glance.limit.id);
    let mut end = 0;
    let run = runs.map(|run| {
        end += run.len();
        end - run.len()..end
    });
    run.collect()
}

/// The worst few, worst first, in time that grows with how many there are, and hardly with how many are wanted.
fn worst<T>(all: &mut [T], most: usize, of: impl Fn(&T) -> &Ranked) -> &mut [T] {
    let order = |one: &T, other: &T| of(one).order(of(other));
    if all.len() > most {
        all.select_nth_unstable_by(most, order);
    }
    let most = most.min(all.len());
    let worst = &mut all[..most];
    worst.sort_unstable_by(order);
    worst
}

/// How much of the amount is used. With an amount of 0 any use is all of it.
fn fraction(used: i64, amount: i64) -> f64 {
    match (used, amount) {
        (0, _) => 0.0,
        (_, 0) => 1.0,
        (used, amount) => used as f64 / amount as f64,
    }
}
