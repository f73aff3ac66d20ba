//! What has been learned from response headers so far, and what one more response teaches.

use std::collections::HashMap;

use super::headers::{Observation, Observed};
use super::limiter::Limiter;
use super::named_by::Reporter;
use super::place::Place;
use super::room::{MOST_LIMITS, Room, UNHEARD_MS, may_go};
use super::seen::Seen;
use crate::limits::Limit;
use crate::limits::pools::Pools;
use crate::limits::report::Report;
use crate::usage::Event;

/// Headers older than a day say nothing about now.
const OLDEST_MS: i64 = 86_400_000;
/// After a limit was lowered, a higher amount counts only when the lower one has not been named for so long: where two
/// amounts alternate the lower one holds, and neither history nor alerts flap with them.
const HOLD_MS: i64 = 60_000;
/// For so long after the proxy has met a limit, only what it meets changes its amount.
const BELIEVED_MS: i64 = 3_600_000;

/// One change of a learned limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
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
    pub limit_id: String,
    /// The limit as it is now, if it is new or changed.
    pub limit: Option<Limit>,
    pub change: Option<Change>,
    /// What is known of it now, unless something newer was known before.
    pub seen: Option<Seen>,
    /// What was left.
    pub report: Option<Report>,
    /// Limits that were given up for it, since there were too many.
    pub gives_up: Vec<String>,
}

/// Everything learned so far.
#[derive(Debug, Clone, Default)]
pub struct Book {
    by_place: HashMap<Place, Known>,
    by_id: HashMap<String, Place>,
    room: Room,
    not_kept: u64,
}

#[derive(Debug, Clone)]
struct Known {
    seen: Seen,
    limit_id: String,
    /// Until when no higher amount counts, Unix milliseconds.
    held_until_ms: i64,
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

    /// What is known of every limit, by its id.
    pub fn all_seen(&self) -> impl Iterator<Item = (&str, &Seen)> {
        self.by_id.iter().filter_map(|(id, place)| Some((id.as_str(), &self.by_place.get(place)?.seen)))
    }

    /// How often a response named a limit that was passed over, or for which one that had been named within a month made
    /// room, since there were too many.
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
            let reporter = &observation.reporter;
            let known = self.by_place.get_mut(&place);
            let known = known.and_then(|known| Some((limits.get_mut(&known.limit_id)?, known)));
            let lesson = match known {
                Some((limit, known)) => {
                    self.room.forget(&known.limit_id, &known.seen);
                    let lesson = known.take(limit, observed, report, (from_ms, reporter), &event.id);
                    self.room.note(&known.limit_id, &known.seen);
                    Some(lesson)
                }
                None => self.begin(place, observed, report, (from_ms, now_ms), (reporter, &event.id), limits),
            };
            let Some(mut lesson) = lesson else { continue };
            let released = self.release(reporter, &lesson.limit_id, now_ms, limits, &mut lesson.gives_up);
            lessons.push(lesson);
            lessons.extend(released);
        }
        lessons
    }

    fn begin(
        &mut self,
        place: Place,
        observed: &Observed,
        report: Option<Report>,
        (sent_ms, now_ms): (i64, i64),
        (reporter, event_id): (&Reporter, &str),
        limits: &mut HashMap<String, Limit>,
    ) -> Option<Lesson> {
        let amount = observed.limit?.cast_signed();
        let mut gives_up = Vec::new();
        let known = self.by_place.get(&place);
        if known.is_none() && self.by_place.len() >= MOST_LIMITS {
            let Some(limit_id) = self.least(reporter, now_ms) else {
                self.not_kept += 1;
                return None;
            };
            self.give_up(&limit_id, now_ms, limits);
            gives_up.push(limit_id);
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
        let before = self.by_place.get(&place).map(|known| &known.seen);
        let first_seen_ms = before.map_or(sent_ms, |seen| seen.first_seen_ms);
        let named_by = before.map(|seen| seen.named_by.clone()).unwrap_or_default();
        let mut seen = Seen { place, first_seen_ms, last_seen_ms: sent_ms, named_by, report };
        seen.is_named(reporter, sent_ms);
        self.note(seen.clone(), 0);
        limits.insert(limit.id.clone(), limit.clone());
        let (limit_id, limit, change, seen) = (limit.id.clone(), Some(limit), Some(change), Some(seen));
        Some(Lesson { limit_id, limit, change, seen, report, gives_up })
    }

    /// The limit that makes room for one that somebody reports: the one that has not been named for longest, of equals the
    /// first by id. Those that the proxy has met come last.
    fn least(&self, reporter: &Reporter, now_ms: i64) -> Option<String> {
        let known = self.by_place.values().filter(|known| may_go(&known.seen, reporter, now_ms));
        let least = known.min_by_key(|known| {
            let is_met = known.seen.named_by.contains_key(&Reporter::Proxy);
            (is_met, known.seen.last_seen_ms, &known.limit_id)
        });
        least.map(|known| known.limit_id.clone())
    }

    /// Forgets a limit to make room.
    fn give_up(&mut self, limit_id: &str, now_ms: i64, limits: &mut HashMap<String, Limit>) {
        let Some(known) = self.by_id.remove(limit_id).and_then(|place| self.by_place.remove(&place)) else {
            return;
        };
        self.room.forget(limit_id, &known.seen);
        limits.remove(limit_id);
        self.not_kept += u64::from(known.seen.last_seen_ms > now_ms - UNHEARD_MS);
    }

    /// What a key no longer holds that has named more limits than are kept for it: given up, unless somebody else has
    /// named it, too.
    fn release(
        &mut self,
        reporter: &Reporter,
        named_now: &str,
        now_ms: i64,
        limits: &mut HashMap<String, Limit>,
        gives_up: &mut Vec<String>,
    ) -> Option<Lesson> {
        let limit_id = self.room.beyond(reporter, named_now)?.to_owned();
        let known = self.by_place.get_mut(self.by_id.get(&limit_id)?)?;
        if known.seen.named_by.len() == 1 {
            self.give_up(&limit_id, now_ms, limits);
            gives_up.push(limit_id);
            return None;
        }
        self.room.forget(&limit_id, &known.seen);
        known.seen.named_by.remove(reporter);
        self.room.note(&limit_id, &known.seen);
        let seen = Some(known.seen.clone());
        Some(Lesson { limit_id, limit: None, change: None, seen, report: None, gives_up: Vec::new() })
    }

    fn note(&mut self, seen: Seen, held_until_ms: i64) {
        let limit_id = seen.place.limit_id();
        if let Some(before) = self.by_place.get(&seen.place) {
            self.room.forget(&limit_id, &before.seen);
        }
        self.room.note(&limit_id, &seen);
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
        (sent_ms, reporter): (i64, &Reporter),
        event_id: &str,
    ) -> Lesson {
        let is_news = self.seen.is_named(reporter, sent_ms);
        let is_newest = sent_ms >= self.seen.last_seen_ms;
        let mut change = None;
        // What the proxy has seen itself is not put right by what somebody says.
        let proxied_ms = self.seen.named_by.get(&Reporter::Proxy).filter(|_| *reporter != Reporter::Proxy);
        let is_believed = is_newest && proxied_ms.is_none_or(|proxied_ms| sent_ms - proxied_ms > BELIEVED_MS);
        if let Some(amount) = observed.limit.map(u64::cast_signed).filter(|_| is_believed) {
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
        Lesson {
            limit_id: limit.id.clone(),
            limit: change.is_some().then(|| limit.clone()),
            change,
            seen: (is_newest || is_news).then(|| self.seen.clone()),
            report,
            gives_up: Vec::new(),
        }
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
