//! What one limit has counted for one scope value.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::cells::Cells;
use super::in_flight::InFlight;
use super::kind::{Count, Kind, WindowShape};
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
    /// The last second in which something of unknown size was counted.
    incomplete_at: Option<i64>,
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
        windows: BTreeMap<(i64, i64), (i64, bool)>,
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
        Meter { kind, counter, incomplete_at: None }
    }

    /// Counts an event. False when it is too late: its window has ended.
    pub fn add(&mut self, event: &Event, sums: &Sums, now_ms: i64) -> bool {
        let (used, incomplete) = self.kind.of_sums(sums);
        // Nobody knows how long a request without a duration was in flight.
        let is_timed = !matches!(self.kind.count, Count::InFlight) || event.duration_ms.is_some();
        let incomplete = incomplete || !is_timed;
        let second = event.at_ms.div_euclid(1_000);
        match &mut self.counter {
            Counter::Calendar { period, zone, windows } => {
                let known =
                    windows.keys().copied().find(|(start, end)| *start <= event.at_ms && event.at_ms < *end);
                let window = known.unwrap_or_else(|| period.window(zone, event.at_ms));
                if window.1 <= now_ms {
                    return false;
                }
                let sum = windows.entry(window).or_default();
                sum.0 = sum.0.saturating_add(used);
                sum.1 |= incomplete;
                return true;
            }
            Counter::Rolling { length_s, .. } | Counter::InFlight { length_s, .. }
                if event.end_ms().div_euclid(1_000) < now_ms.div_euclid(1_000) - *length_s - LATENESS_S =>
            {
                return false;
            }
            Counter::Rolling { cells, .. } => match self.kind.count {
                Count::WhileGenerating(_) => {
                    cells.spread(
                        event.first_token_ms().div_euclid(1_000),
                        event.end_ms().div_euclid(1_000),
                        used,
                    );
                }
                _ => cells.add(second, used),
            },
            Counter::InFlight { requests, .. } => requests.add(event.at_ms, event.end_ms()),
        }
        if incomplete {
            self.incomplete_at = self.incomplete_at.max(Some(second));
        }
        true
    }

    /// Starts a calendar window with what has been used before.
    pub fn seed(&mut self, window_start_ms: i64, used: i64, incomplete: bool) {
        if let Counter::Calendar { period, zone, windows } = &mut self.counter {
            let window = period.window(zone, window_start_ms);
            windows.insert(window, (used, incomplete));
        }
    }

    /// Where it stands now.
    pub fn read(&self, now_ms: i64) -> Reading {
        self.read_since(now_ms, now_ms)
    }

    /// The highest it stood at any time from `from_ms` to now; for a calendar window, where it stands.
    pub fn read_since(&self, from_ms: i64, now_ms: i64) -> Reading {
        let now = now_ms.div_euclid(1_000);
        let from = from_ms.div_euclid(1_000).min(now);
        let incomplete_since =
            |length_s: i64| self.incomplete_at.is_some_and(|second| second > from - length_s);
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
                let window = windows
                    .keys()
                    .copied()
                    .find(|(start, end)| *start <= now_ms && now_ms < *end)
                    .unwrap_or_else(|| period.window(zone, now_ms));
                let (used, incomplete) = windows.get(&window).copied().unwrap_or_default();
                Reading { used, at_ms: now_ms, window, resets_at_ms: Some(window.1), incomplete }
            }
        }
    }

    /// Forgets what no reading will need.
    pub fn prune(&mut self, now_ms: i64) {
        let now = now_ms.div_euclid(1_000);
        match &mut self.counter {
            Counter::Rolling { length_s, cells } => {
                cells.prune(now - *length_s - LATENESS_S);
                self.incomplete_at.take_if(|second| *second < now - *length_s - LATENESS_S);
            }
            Counter::InFlight { length_s, requests } => {
                requests.prune(now - *length_s - LATENESS_S);
                self.incomplete_at.take_if(|second| *second < now - *length_s - LATENESS_S);
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
        counts_nothing && self.incomplete_at.is_none()
    }
}

fn rolling(used: i64, at_ms: i64, length_s: i64, incomplete: bool) -> Reading {
    Reading { used, at_ms, window: (at_ms - length_s * 1_000, at_ms), resets_at_ms: None, incomplete }
}
