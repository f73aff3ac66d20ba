//! The stretches beside one: before and after it, around it, and what it is compared with.

use vocabulary::view::{Compare, Edge, LONGEST_MINUTES, Stretch};

use super::Resolved;
use super::bins::{LONGEST_MS, MINUTE_MS};

/// How far back something lies.
#[derive(Clone, Copy)]
enum Back {
    /// So many days, by the clock on the wall.
    Days(i64),
    /// So many milliseconds.
    Length(i64),
}

impl Resolved {
    /// The stretch of the same length before it; of the calendar, the days, week or month before. Nothing where nothing
    /// can be asked about any more.
    pub fn earlier(&self) -> Option<Stretch> {
        match self.days {
            Some(days) => days.moved(-1)?.named(&self.wall),
            None => instants(self.from_ms - self.length_ms(), self.from_ms),
        }
    }

    /// The stretch of the same length after it, or the latest of that length; nothing if that is what is shown.
    pub fn later(&self) -> Option<Stretch> {
        match self.days {
            _ if self.is_live => None,
            Some(days) => days.moved(1)?.named(&self.wall),
            None => self.until_now_or(self.to_ms, self.to_ms + self.length_ms()),
        }
    }

    /// The stretch twice as long around it, as far as there is time; of the calendar, with the days before it.
    pub fn doubled(&self) -> Option<Stretch> {
        let length_ms = self.length_ms();
        match self.days {
            _ if 2 * length_ms > LONGEST_MS => None,
            Some(days) => days.with_those_before()?.named(&self.wall),
            None => self.until_now_or(self.from_ms - length_ms / 2, self.to_ms + length_ms / 2),
        }
    }

    /// The stretch to compare it with: what its address says.
    pub fn compared(&self, vs: Compare) -> Option<Stretch> {
        match (vs, self.days) {
            (Compare::Previous, _) => self.earlier(),
            // Of days that are not over only as much is compared.
            (_, Some(days)) if !self.is_live => days.days_before(days_back(vs)?)?.named(&self.wall),
            _ => {
                let edges_ms = self.beside(vs)?;
                instants(*edges_ms.first()?, *edges_ms.last()?)
            }
        }
    }

    /// Where the bins of that stretch begin and end that lie beside its own, one by one. By the clock on the wall they are at
    /// the same times of day; where it leaves out or repeats some, a bin has no length, or is longer.
    pub fn beside(&self, vs: Compare) -> Option<Vec<i64>> {
        let back = self.back(vs)?;
        let end_ms = match (vs, self.days) {
            (Compare::Previous, Some(days)) => days.moved(-1)?.bounds(&self.wall).1,
            _ => i64::MAX,
        };
        let mut latest_ms = i64::MIN;
        let edges = self.edges_ms.iter().map(|edge_ms| {
            latest_ms = latest_ms.max(self.before(*edge_ms, back).min(end_ms));
            latest_ms
        });
        Some(edges.collect())
    }

    /// From when to when what it is compared with is summed: as much of it as is over of this one.
    pub fn summed_beside(&self, vs: Compare) -> Option<(i64, i64)> {
        let (back, edges) = (self.back(vs)?, self.beside(vs)?);
        let (from_ms, to_ms) = (edges[0], edges[edges.len() - 1]);
        match (vs, self.days) {
            // The moment that is now belongs to it.
            _ if self.is_live => {
                let end_ms = self.before(self.wall.now_ms + 1, back);
                Some((from_ms, end_ms.clamp(from_ms + 1, to_ms.max(from_ms + 1))))
            }
            (Compare::Previous, Some(days)) => Some(days.moved(-1)?.bounds(&self.wall)),
            _ => Some((from_ms, to_ms)),
        }
    }

    /// How far back lies what it is compared with.
    fn back(&self, vs: Compare) -> Option<Back> {
        match (vs, self.days) {
            (Compare::Previous, Some(days)) => Some(Back::Days(days.after(days.moved(-1)?))),
            (Compare::Previous, None) => Some(Back::Length(self.length_ms())),
            _ => days_back(vs).map(Back::Days),
        }
    }

    fn before(&self, at_ms: i64, back: Back) -> i64 {
        match back {
            Back::Days(days) => self.wall.before_ms(at_ms, days),
            Back::Length(length_ms) => at_ms - length_ms,
        }
    }

    fn length_ms(&self) -> i64 {
        self.to_ms - self.from_ms
    }

    /// From one time to another, or as long until now if that would end later.
    fn until_now_or(&self, from_ms: i64, to_ms: i64) -> Option<Stretch> {
        match u32::try_from((to_ms - from_ms) / MINUTE_MS) {
            Ok(minutes) if to_ms > self.wall.now_ms => Some(Stretch::past(minutes)),
            _ => instants(from_ms, to_ms),
        }
    }
}

/// How many days before it lies what is compared with.
fn days_back(vs: Compare) -> Option<i64> {
    match vs {
        Compare::Off | Compare::Previous => None,
        Compare::Day => Some(1),
        Compare::Week => Some(7),
    }
}

/// From one time to another, as an address says it for ever; nothing if none can.
fn instants(from_ms: i64, to_ms: i64) -> Option<Stretch> {
    if to_ms - from_ms > i64::from(LONGEST_MINUTES) * MINUTE_MS {
        return None;
    }
    let edge = |at_ms: i64| Edge::instant(at_ms.div_euclid(1_000));
    Some(Stretch::Between(edge(from_ms)?, Some(edge(to_ms)?)))
}
