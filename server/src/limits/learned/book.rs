//! What has been learned from response headers so far, and what one more response teaches.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::headers::{Observation, Observed};
use super::limiter::Limiter;
use super::pools::{Pools, SUBSCRIPTION};
use crate::limits::limit::LONGEST_NAME;
use crate::limits::replica::Report;
use crate::limits::{Limit, Scope, Source};
use crate::usage::{Endpoints, Event};

/// Limits that are learned at most: who reports events must not be able to grow them without end.
const MOST_LIMITS: usize = 1_000;
/// A place that no response has named for so long is given up when a new one needs the room.
const UNHEARD_MS: i64 = 30 * 86_400_000;
/// Headers older than a day say nothing about now.
const OLDEST_MS: i64 = 86_400_000;
/// After a limit was lowered, a higher amount counts only when the lower one has not been named for so long: where two
/// amounts alternate the lower one holds, and neither history nor alerts flap with them.
const HOLD_MS: i64 = 60_000;

/// Which bucket or window of the provider.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The organization; empty when nothing tells.
    pub organization: String,
    /// The workspace; empty when nothing tells.
    pub workspace: String,
    /// What shares it.
    pub pool: String,
    /// What it limits.
    pub limiter: Limiter,
}

/// What is known of a learned limit beside its amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Of which bucket or window it is.
    pub place: Place,
    /// When the first request was sent whose response named it, Unix milliseconds.
    pub first_seen_ms: i64,
    /// When the last one was.
    pub last_seen_ms: i64,
    /// The newest word on what is left, as far as it belongs to the amount that holds.
    pub report: Option<Report>,
}

/// One change of a learned limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The limit.
    pub limit_id: String,
    /// The limit's revision with it.
    pub revision: u64,
    /// When the request was sent whose response told of it, Unix milliseconds.
    pub at_ms: i64,
    /// What held before, in the kind's own unit; nothing when it was new.
    pub before: Option<i64>,
    /// What holds since.
    pub after: i64,
    /// The event whose headers told of it.
    pub event_id: String,
}

/// What one response teaches about one limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lesson {
    /// The limit.
    pub limit_id: String,
    /// The limit as it is now, if it is new or changed.
    pub limit: Option<Limit>,
    /// What changed.
    pub change: Option<Change>,
    /// What is known of it now, unless something newer was known before.
    pub seen: Option<Seen>,
    /// What was left.
    pub report: Option<Report>,
    /// A limit that was given up for it, since there were too many and no response had named it for a month.
    pub gives_up: Option<String>,
}

/// Everything learned so far.
#[derive(Debug, Clone, Default)]
pub struct Book {
    by_place: HashMap<Place, Known>,
    by_id: HashMap<String, Place>,
    not_kept: u64,
}

#[derive(Debug, Clone)]
struct Known {
    seen: Seen,
    limit_id: String,
    /// Until when no higher amount counts, Unix milliseconds.
    held_until_ms: i64,
}

impl Place {
    fn of(event: &Event, pools: &Pools, limiter: &Limiter) -> Self {
        Place {
            organization: event.dimensions.organization.clone(),
            workspace: event.dimensions.workspace.clone(),
            pool: match limiter {
                Limiter::Bucket(family) => pools.name(family.tier),
                Limiter::Window(_) => SUBSCRIPTION.to_owned(),
            },
            limiter: limiter.clone(),
        }
    }

    /// The id of its limit: the same on every machine and after every restart.
    pub fn limit_id(&self) -> String {
        let mut hash = Sha256::new();
        for part in [&self.organization, &self.workspace, &self.pool, &self.limiter.word()] {
            hash.update(part);
            hash.update([0]);
        }
        let hex: String = hash.finalize()[..10].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("lim_learned_{hex}")
    }

    fn limit(&self, amount: i64) -> Limit {
        let kind = self.limiter.kind();
        let what = match &self.limiter {
            Limiter::Bucket(_) => kind.label.to_lowercase(),
            Limiter::Window(name) => format!("{} window", name.replace('_', " ")),
        };
        let mut name = format!("{}: {what}", self.pool);
        while name.len() > LONGEST_NAME {
            name.pop();
        }
        Limit {
            id: self.limit_id(),
            name,
            kind,
            amount,
            scope: Scope::Pool {
                organization: self.organization.clone(),
                workspace: self.workspace.clone(),
                pool: self.pool.clone(),
            },
            time_zone: None,
            warn_percent: 80,
            critical_percent: 100,
            source: Source::Learned,
            enabled: true,
            enforce: false,
            endpoints: Endpoints::default(),
            revision: 1,
        }
    }
}

impl Book {
    /// A book with what is stored.
    pub fn new(seen: Vec<Seen>) -> Self {
        let mut book = Book::default();
        for seen in seen {
            book.note(seen, 0);
        }
        book
    }

    /// What is known of a limit.
    pub fn seen(&self, limit_id: &str) -> Option<&Seen> {
        self.by_place.get(self.by_id.get(limit_id)?).map(|known| &known.seen)
    }

    /// How often a response named a limit that was not learned, since there were too many already.
    pub fn not_kept(&self) -> u64 {
        self.not_kept
    }

    /// Takes over what is not stored from the book before it.
    pub fn go_on_from(&mut self, before: &Book) {
        self.not_kept = before.not_kept;
        for (place, known) in &mut self.by_place {
            known.held_until_ms = before.by_place.get(place).map_or(0, |before| before.held_until_ms);
        }
    }

    /// Takes in what the headers of an event's response say. `limits` are all there are; those that are new or changed
    /// are put there.
    ///
    /// A response's headers describe some moment between the request and the head of the answer, and mostly the first:
    /// that is when limits are asked, and a long answer tells of an amount that may have changed since. Of two responses
    /// the one whose request was sent later is believed, whichever is reported first.
    pub fn take(
        &mut self,
        event: &Event,
        observation: &Observation,
        now_ms: i64,
        limits: &mut HashMap<String, Limit>,
    ) -> Vec<Lesson> {
        let (from_ms, to_ms) = written(event, now_ms);
        if from_ms < now_ms - OLDEST_MS {
            return Vec::new();
        }
        let pools = Pools::of(event);
        let mut lessons = Vec::new();
        for observed in &observation.observed {
            let place = Place::of(event, &pools, &observed.limiter);
            let report = observed.remaining.map(|remaining| {
                let reset_ms = observed.reset_ms;
                Report { from_ms, to_ms, remaining, reset_ms }
            });
            let lesson = match self.by_place.get_mut(&place) {
                Some(known) if limits.contains_key(&known.limit_id) => {
                    let Some(limit) = limits.get_mut(&known.limit_id) else { continue };
                    known.take(limit, observed, report, from_ms, &event.id)
                }
                _ => self.begin(place, observed, report, (from_ms, now_ms), &event.id, limits),
            };
            lessons.extend(lesson);
        }
        lessons
    }

    fn begin(
        &mut self,
        place: Place,
        observed: &Observed,
        report: Option<Report>,
        (sent_ms, now_ms): (i64, i64),
        event_id: &str,
        limits: &mut HashMap<String, Limit>,
    ) -> Option<Lesson> {
        let amount = observed.limit?.cast_signed();
        let mut gives_up = None;
        if self.by_place.len() >= MOST_LIMITS && !self.by_place.contains_key(&place) {
            gives_up = self.give_up(now_ms);
            let Some(limit_id) = &gives_up else {
                self.not_kept += 1;
                return None;
            };
            limits.remove(limit_id);
        }
        let limit = place.limit(amount);
        let change = Change {
            limit_id: limit.id.clone(),
            revision: limit.revision,
            at_ms: sent_ms,
            before: None,
            after: amount,
            event_id: event_id.to_owned(),
        };
        // One that was removed was seen before.
        let first_seen_ms = self.by_place.get(&place).map_or(sent_ms, |known| known.seen.first_seen_ms);
        let seen = Seen { place, first_seen_ms, last_seen_ms: sent_ms, report };
        self.note(seen.clone(), 0);
        limits.insert(limit.id.clone(), limit.clone());
        let (limit_id, limit, change, seen) = (limit.id.clone(), Some(limit), Some(change), Some(seen));
        Some(Lesson { limit_id, limit, change, seen, report, gives_up })
    }

    /// Forgets the place that has not been named for the longest, if that is long enough; answers its limit.
    fn give_up(&mut self, now_ms: i64) -> Option<String> {
        let last_seen_ms = |known: &&Known| known.seen.last_seen_ms;
        let unheard = self.by_place.values().min_by_key(last_seen_ms)?;
        if unheard.seen.last_seen_ms > now_ms - UNHEARD_MS {
            return None;
        }
        let limit_id = unheard.limit_id.clone();
        self.by_place.remove(&self.by_id.remove(&limit_id)?);
        Some(limit_id)
    }

    fn note(&mut self, seen: Seen, held_until_ms: i64) {
        let limit_id = seen.place.limit_id();
        self.by_id.insert(limit_id.clone(), seen.place.clone());
        self.by_place.insert(seen.place.clone(), Known { seen, limit_id, held_until_ms });
    }
}

impl Known {
    fn take(
        &mut self,
        limit: &mut Limit,
        observed: &Observed,
        report: Option<Report>,
        sent_ms: i64,
        event_id: &str,
    ) -> Option<Lesson> {
        let is_newest = sent_ms >= self.seen.last_seen_ms;
        let mut change = None;
        if let Some(amount) = observed.limit.map(u64::cast_signed).filter(|_| is_newest) {
            let lowered = amount < limit.amount;
            if lowered || (amount > limit.amount && sent_ms >= self.held_until_ms) {
                limit.revision += 1;
                change = Some(Change {
                    limit_id: limit.id.clone(),
                    revision: limit.revision,
                    at_ms: sent_ms,
                    before: Some(limit.amount),
                    after: amount,
                    event_id: event_id.to_owned(),
                });
                limit.amount = amount;
                self.seen.report = None;
                self.held_until_ms = if lowered { sent_ms + HOLD_MS } else { 0 };
            } else if amount == limit.amount && self.held_until_ms > 0 {
                self.held_until_ms = sent_ms + HOLD_MS;
            }
        }
        // What is left of another amount says nothing about this one.
        let belongs = observed.limit.is_none_or(|amount| amount.cast_signed() == limit.amount);
        let report = report.filter(|_| belongs).map(|report| self.dated(report));
        if is_newest {
            self.seen.last_seen_ms = sent_ms;
            // Of two that are as new, the one that says less.
            let kept = self.seen.report.filter(|kept| report.is_none_or(|report| kept.is_newer(&report)));
            self.seen.report = kept.or(report);
        }
        Some(Lesson {
            limit_id: limit.id.clone(),
            limit: change.is_some().then(|| limit.clone()),
            change,
            seen: is_newest.then(|| self.seen.clone()),
            report,
            gives_up: None,
        })
    }
}

impl Known {
    /// A report that does not say when its window ends speaks of the one that was last said to end after it.
    fn dated(&self, report: Report) -> Report {
        let is_window = matches!(self.seen.place.limiter, Limiter::Window(_));
        let said_ms = self.seen.report.filter(|_| is_window).and_then(|known| known.reset_ms);
        let reset_ms = report.reset_ms.or(said_ms.filter(|said_ms| *said_ms > report.from_ms));
        Report { reset_ms, ..report }
    }
}

/// When the request was sent and when the head of its answer had come, Unix milliseconds. The head of a stream comes
/// before its first token; of any other answer, and of a stream that never came to one, it is known to have come by the
/// end. Reporters' clocks may be ahead: nothing is newer than now.
fn written(event: &Event, now_ms: i64) -> (i64, i64) {
    let sent_ms = event.sent_ms().min(now_ms);
    let head_ms = match event.ttft_ms {
        Some(ttft_ms) if event.stream => sent_ms.saturating_add_unsigned(ttft_ms).min(event.answered_ms()),
        _ => event.answered_ms(),
    };
    (sent_ms, head_ms.clamp(sent_ms, now_ms))
}

#[cfg(test)]
mod tests;
