//! What one limit has counted for one scope value.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::cells::{Cells, spread};
use super::in_flight::InFlight;
use super::kind::{Count, Kind, WindowShape};
use super::tally::Tally;
use super::window::Period;
use crate::rollup::Sums;
use crate::usage::Event;

/// How late an event may arrive and still count in a rolling window, in seconds.
pub const LATENESS_S: i64 = 900;

/// Counts for one limit and one scope value.
#[derive(Debug, Clone)]
pub struct Meter {
    kind: &'static Kind,
    counter: Counter,
    /// How much of unknown size was counted, by second; calendar windows have their own count.
    unknown: Cells,
    /// When the latest of what it has counted was sent, Unix milliseconds.
    last_ms: i64,
    /// When the last of what it has counted no longer matters, Unix milliseconds.
    matters_until_ms: i64,
}

/// What an event is to a meter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountEffect {
    /// It counts, or no longer does.
    Counted,
    /// It makes no difference: its window has ended.
    TooLate,
    /// It no longer counts, but what is left cannot be told: sums have stopped at their bound.
    Doubtful,
}

#[derive(Debug, Clone)]
enum Counter {
    Rolling {
        length_s: i64,
        cells: Cells,
    },
    InFlight {
        length_s: i64,
        requests: InFlight,
    },
    /// Sums by the window's bounds.
    Calendar {
        period: Period,
        zone: TimeZone,
        windows: BTreeMap<(i64, i64), Tally>,
    },
}

/// Where a meter stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What the window has used, in the kind's own unit.
    pub used: i64,
    /// When that was reached, Unix milliseconds.
    pub at_ms: i64,
    /// Start and end of the window, Unix milliseconds.
    pub window: (i64, i64),
    /// When a calendar window starts anew.
    pub resets_at_ms: Option<i64>,
    /// Some of what was counted is of unknown size.
    pub incomplete: bool,
}

impl Meter {
    /// A meter that has counted nothing.
    pub fn new(kind: &'static Kind, zone: TimeZone) -> Self {
        let counter = match (kind.window, kind.count) {
            (WindowShape::Rolling { length_s }, Count::InFlight) => {
                Counter::InFlight { length_s, requests: InFlight::default() }
            }
            (WindowShape::Rolling { length_s }, _) => Counter::Rolling { length_s, cells: Cells::default() },
            // Nothing is ever counted.
            (WindowShape::Reported, _) => Counter::Rolling { length_s: 60, cells: Cells::default() },
            (WindowShape::Calendar(period), _) => {
                Counter::Calendar { period, zone, windows: BTreeMap::new() }
            }
        };
        Meter { kind, counter, unknown: Cells::default(), last_ms: i64::MIN, matters_until_ms: i64::MIN }
    }

    /// Counts an event.
    pub fn add(&mut self, event: &Event, sums: &Sums, now_ms: i64) -> CountEffect {
        let tally = self.tally(event, sums);
        let window = self.window(event);
        if window.1 <= now_ms {
            return CountEffect::TooLate;
        }
        self.last_ms = self.last_ms.max(event.at_ms);
        self.matters_until_ms = self.matters_until_ms.max(window.1);
        match &mut self.counter {
            Counter::Calendar { windows, .. } => {
                windows.entry(window).or_default().add(&tally);
                return CountEffect::Counted;
            }
            Counter::Rolling { cells, .. } => {
                seconds(self.kind, event, tally.used).for_each(|(second, used)| cells.add(second, used));
            }
            Counter::InFlight { requests, .. } => requests.add(event.at_ms, event.end_ms()),
        }
        self.unknown.add(event.at_ms.div_euclid(1_000), tally.unknown);
        CountEffect::Counted
    }

    /// Takes back an event that it has counted.
    pub fn take_back(&mut self, event: &Event, sums: &Sums, now_ms: i64) -> CountEffect {
        let tally = self.tally(event, sums);
        let window = self.window(event);
        if window.1 <= now_ms {
            return CountEffect::TooLate;
        }
        let mut is_exact = true;
        match &mut self.counter {
            Counter::Calendar { windows, .. } => {
                let Some(counted) = windows.get_mut(&window) else { return CountEffect::TooLate };
                is_exact = counted.take_back(&tally);
                if counted.is_empty() {
                    windows.remove(&window);
                }
            }
            Counter::Rolling { cells, .. } => {
                for (second, used) in seconds(self.kind, event, tally.used) {
                    is_exact &= cells.take_back(second, used);
                }
                self.unknown.take_back(event.at_ms.div_euclid(1_000), tally.unknown);
            }
            Counter::InFlight { requests, .. } => {
                requests.take_back(event.at_ms, event.end_ms());
                self.unknown.take_back(event.at_ms.div_euclid(1_000), tally.unknown);
            }
        }
        if is_exact { CountEffect::Counted } else { CountEffect::Doubtful }
    }

    fn tally(&self, event: &Event, sums: &Sums) -> Tally {
        let tally = self.kind.of_sums(sums);
        // Nobody knows how long a request without a duration was in flight.
        let is_timed = !matches!(self.kind.count, Count::InFlight) || event.duration_ms.is_some();
        Tally { unknown: tally.unknown + i64::from(!is_timed), ..tally }
    }

    /// The time in which an event matters, Unix milliseconds: its window of the calendar, or until every rolling one that
    /// could hold it has ended.
    fn window(&self, event: &Event) -> (i64, i64) {
        match &self.counter {
            Counter::Calendar { period, zone, windows } => window_of(windows, *period, zone, event.at_ms),
            Counter::Rolling { length_s, .. } | Counter::InFlight { length_s, .. } => {
                let end_s = event.end_ms().div_euclid(1_000).saturating_add(*length_s + LATENESS_S + 1);
                (event.at_ms, end_s.saturating_mul(1_000))
            }
        }
    }

    /// When every window that could hold an event has ended, Unix milliseconds.
    pub fn matters_until(&self, event: &Event) -> i64 {
        self.window(event).1
    }

    /// Adds to a calendar window what has been used before; answers when it ends.
    pub fn seed(&mut self, window_start_ms: i64, used: Tally) -> Option<i64> {
        let Counter::Calendar { period, zone, windows } = &mut self.counter else { return None };
        let window = window_of(windows, *period, zone, window_start_ms);
        windows.entry(window).or_default().add(&used);
        self.matters_until_ms = self.matters_until_ms.max(window.1);
        Some(window.1)
    }

    /// Takes over what another meter of the same limit has counted.
    pub fn absorb(&mut self, other: &Meter) {
        match (&mut self.counter, &other.counter) {
            (Counter::Rolling { cells, .. }, Counter::Rolling { cells: others, .. }) => cells.absorb(others),
            (Counter::InFlight { requests, .. }, Counter::InFlight { requests: others, .. }) => {
                requests.absorb(others);
            }
            (Counter::Calendar { windows, .. }, Counter::Calendar { windows: others, .. }) => {
                for (window, used) in others {
                    windows.entry(*window).or_default().add(used);
                }
            }
            // Meters of one limit are of one shape.
            _ => {}
        }
        self.unknown.absorb(&other.unknown);
        self.last_ms = self.last_ms.max(other.last_ms);
        self.matters_until_ms = self.matters_until_ms.max(other.matters_until_ms);
    }

    /// All that it has counted and that still matters.
    pub fn total(&self) -> i128 {
        match &self.counter {
            Counter::Rolling { cells, .. } => cells.total(),
            Counter::InFlight { requests, .. } => requests.total().into(),
            Counter::Calendar { windows, .. } => windows.values().map(|used| i128::from(used.used)).sum(),
        }
    }

    /// When the latest of what it has counted was sent, Unix milliseconds.
    pub fn last_ms(&self) -> i64 {
        self.last_ms
    }

    /// When the last of what it has counted no longer matters, Unix milliseconds.
    pub fn matters_until_ms(&self) -> i64 {
        self.matters_until_ms
    }

    /// Where it stands now.
    pub fn read(&self, now_ms: i64) -> Reading {
        self.read_since(now_ms, now_ms)
    }

    /// The highest it stood at any time from `from_ms` to now; for a calendar window, where it stands.
    pub fn read_since(&self, from_ms: i64, now_ms: i64) -> Reading {
        let now = now_ms.div_euclid(1_000);
        let from = from_ms.div_euclid(1_000).min(now);
        let incomplete_since = |length_s: i64| self.unknown.any_after(from - length_s);
        match &self.counter {
            Counter::Rolling { length_s, cells } => {
                let (used, second) = cells.peak(from, now, *length_s);
                let at_ms = (second * 1_000 + 999).min(now_ms);
                rolling(used, at_ms, *length_s, incomplete_since(*length_s))
            }
            Counter::InFlight { length_s, requests } => {
                let (used, at_ms) = requests.peak(from_ms.min(now_ms) - (length_s - 1) * 1_000, now_ms);
                rolling(used, at_ms, *length_s, incomplete_since(*length_s))
            }
            Counter::Calendar { period, zone, windows } => {
                let window = window_of(windows, *period, zone, now_ms);
                let Tally { used, unknown, .. } = windows.get(&window).copied().unwrap_or_default();
                Reading { used, at_ms: now_ms, window, resets_at_ms: Some(window.1), incomplete: unknown > 0 }
            }
        }
    }

    /// Forgets what no reading will need.
    pub fn prune(&mut self, now_ms: i64) {
        let now = now_ms.div_euclid(1_000);
        match &mut self.counter {
            Counter::Rolling { length_s, cells } => {
                cells.prune(now - *length_s - LATENESS_S);
                self.unknown.prune(now - *length_s - LATENESS_S);
            }
            Counter::InFlight { length_s, requests } => {
                requests.prune(now - *length_s - LATENESS_S);
                self.unknown.prune(now - *length_s - LATENESS_S);
            }
            Counter::Calendar { windows, .. } => windows.retain(|(_, end), _| *end > now_ms),
        }
    }

    /// It has counted nothing that still matters.
    pub fn is_idle(&self) -> bool {
        let counts_nothing = match &self.counter {
            Counter::Rolling { cells, .. } => cells.is_empty(),
            Counter::InFlight { requests, .. } => requests.is_empty(),
            Counter::Calendar { windows, .. } => windows.is_empty(),
        };
        counts_nothing && self.unknown.is_empty()
    }
}

/// The seconds in which an event uses something, and how much.
fn seconds(kind: &Kind, event: &Event, used: i64) -> impl Iterator<Item = (i64, i64)> {
    let (first_ms, last_ms) = match kind.count {
        Count::WhileGenerating(_) => (event.first_token_ms(), event.end_ms()),
        _ => (event.at_ms, event.at_ms),
    };
    spread(first_ms.div_euclid(1_000), last_ms.div_euclid(1_000), used)
}

/// The window of a time: one that is known, or else what the calendar says, which is dearer to ask.
fn window_of(
    windows: &BTreeMap<(i64, i64), Tally>,
    period: Period,
    zone: &TimeZone,
    at_ms: i64,
) -> (i64, i64) {
    let known = windows.keys().copied().find(|(start, end)| *start <= at_ms && at_ms < *end);
    known.unwrap_or_else(|| period.window(zone, at_ms))
}

fn rolling(used: i64, at_ms: i64, length_s: i64, incomplete: bool) -> Reading {
    Reading { used, at_ms, window: (at_ms - length_s * 1_000, at_ms), resets_at_ms: None, incomplete }
}
