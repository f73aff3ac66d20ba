//! Whether a request may begin, by the limits that are enforced.

use app::api::vocabulary::Dimension;
use jiff::tz::TimeZone;

use super::{Board, Tracked};
use crate::limits::kind::Unit;
use crate::limits::learned::pools::Pools;
use crate::limits::limit::{Limit, Scope};
use crate::limits::meter::Reading;
use crate::limits::open_calls::{Held, OpenCalls};
use crate::pricing::canonical;
use crate::rollup::OVERFLOW;
use crate::usage::Event;

/// A rolling window is over after a minute.
const LONGEST_WAIT_MS: i64 = 60_000;

/// When a call that is open ends, nobody knows.
const SHORTEST_WAIT_MS: i64 = 1_000;

/// A call that wants to begin.
#[derive(Debug, Clone, Default)]
pub struct Beginning {
    /// As far as it is known.
    pub event: Event,
    /// Whether it may lead to tokens that are used and paid for: a message, or a batch of them.
    pub may_spend: bool,
}

impl Board {
    /// What a request that begins now is held against, while it is `open`, and what that counts; or the first enforced limit that is exhausted,
    /// and in how many milliseconds it may no longer be.
    pub fn admit(
        &self,
        call: &Beginning,
        open: &OpenCalls,
        now_ms: i64,
    ) -> Result<Vec<(Held, Unit)>, (&Limit, i64)> {
        let Beginning { event, may_spend } = call;
        let pools = Pools::of(event);
        let mut all_held = Vec::new();
        for tracked in self.limits.iter().filter(|tracked| tracked.limit.enforce) {
            let Tracked { limit, .. } = tracked;
            if !may_spend && !limit.kind.counts_requests() {
                continue;
            }
            let Some(value) = limit.value_of(event, &pools) else { continue };
            let spellings = tracked.spellings(value, now_ms);
            // Open calls go by one of them, and together where they are counted together.
            let shared = spellings.contains(&OVERFLOW).then_some(OVERFLOW);
            let held_by = spellings.first().copied().into_iter().chain(shared);
            let held: Vec<Held> = held_by.map(|value| (limit.id.clone(), value.to_owned())).collect();
            let open_since =
                |from_ms| held.iter().map(|held| open.since(held, from_ms)).max().unwrap_or_default();
            let used_at = |at_ms| {
                let reading = tracked.most_used(&spellings, &self.zone, at_ms);
                let used = match limit.kind.unit {
                    Unit::Requests => reading.used + open_since(reading.window.0),
                    // Its count is the peak of a minute that is over; what counts is this moment.
                    Unit::InFlight => open_since(i64::MIN),
                    Unit::Tokens | Unit::NanoUsd | Unit::Percent => reading.used,
                };
                (used, reading.resets_at_ms)
            };
            let (used, resets_at_ms) = used_at(now_ms);
            if used >= limit.amount {
                let free_at_ms = resets_at_ms.unwrap_or_else(|| match limit.kind.unit {
                    Unit::InFlight => now_ms + SHORTEST_WAIT_MS,
                    _ => {
                        let mut ends = (now_ms + 1_000..=now_ms + LONGEST_WAIT_MS).step_by(1_000);
                        let free = ends.find(|at_ms| used_at(*at_ms).0 < limit.amount);
                        free.unwrap_or(now_ms + LONGEST_WAIT_MS)
                    }
                });
                return Err((limit, free_at_ms - now_ms));
            }
            if matches!(limit.kind.unit, Unit::Requests | Unit::InFlight) {
                all_held.extend(held.into_iter().map(|held| (held, limit.kind.unit)));
            }
        }
        Ok(all_held)
    }
}

impl Tracked {
    /// The values under which a request for `value` may be counted: of a limit on each model every name of this one, the
    /// plain one first, since which of them will answer is not known before. That of the shared meter is among them where
    /// it is counted there, or would be.
    fn spellings<'a>(&'a self, value: &'a str, now_ms: i64) -> Vec<&'a str> {
        let mut spellings = vec![value];
        if self.limit.scope == Scope::Each(Dimension::Model) {
            let plain = canonical(value);
            let others = self.places.values().filter(|other| *other != plain && canonical(other) == plain);
            spellings = std::iter::once(plain).chain(others).collect();
        }
        if self.places.are_held_together(&spellings, now_ms) && value != OVERFLOW {
            spellings.push(OVERFLOW);
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
