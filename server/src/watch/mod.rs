//! Holds arriving events against every limit, and decides what people are told.
//!
//! [`Watch`] joins three pure parts: the board of meters (`limits`), the state machine of each alert and the
//! wording of its messages (`alert`). It runs inside the transaction that stores the events, so it does no
//! I/O; [`restore`] rebuilds it from the store.

mod examples;
mod flood;
mod messages;
mod mistaken;
mod recount;
pub mod restore;
pub mod snapshot;
mod sweep;

pub use messages::test_message;

use std::collections::HashMap;
use std::sync::Arc;

use domain::alert::machine::{Input, Instance, Reason, Rule, Transition, raised, step};
use domain::alert::span::Span;
use domain::limits::learned::{Book, Lesson};
use domain::limits::{
    Board, Held, JITTER_MS, Limit, OpenCalls, Reading, TouchedReading, Unit, WantedCall, WindowShape,
};
use vocabulary::{Severity, wording};

use self::flood::{Flood, Turn};
use crate::store::{AlertChanges, Entry, LearnedChanges, TransitionRecord};

/// How alerts behave.
#[derive(Debug, Clone)]
pub struct AlertBehaviour {
    /// How long a rolling limit must stay below its threshold before the alert is resolved.
    pub keep_firing_ms: i64,
    /// How far below its threshold a rolling limit must fall, in percent points of its amount.
    pub hysteresis_points: u32,
    /// Address of the dashboard, for links in messages.
    pub dashboard_url: String,
    /// The time zone of calendar windows, unless a limit has its own.
    pub time_zone: jiff::tz::TimeZone,
}

/// Every limit, where it stands, and the state of its alerts.
pub struct Watch {
    settings: Arc<AlertBehaviour>,
    limits: HashMap<String, Limit>,
    /// Limits that are gone while an alert of theirs is open, as they were when it was last told of.
    departed: HashMap<String, Limit>,
    board: Board,
    /// What response headers have taught.
    book: Book,
    /// Open alerts by limit id and scope value.
    instances: HashMap<(String, String), Instance>,
    /// Alerts that were closed though their window is not over: a limit that is switched on again, or back to
    /// its old time zone, goes on with their numbers. By limit id, scope value and start of the window.
    closed: HashMap<(String, String, i64), Instance>,
    /// Alerts that would not be as bad without what has been put right; the next sweep tells of them.
    mistaken: Vec<(String, String)>,
    /// Something was taken back of which it is not known what is left: all must be read anew.
    is_doubtful: bool,
    /// How many messages there have been of each limit lately.
    flood: Flood,
    /// The latest time seen: time does not go back when the clock does.
    now_ms: i64,
}

impl Watch {
    /// Counts new events and says what they change.
    pub fn observe(&mut self, fresh: &[&Entry], now_ms: i64) -> AlertChanges {
        let now_ms = self.tell_time(now_ms);
        for entry in fresh {
            self.board.record(&entry.event, entry.cost, now_ms);
        }
        let mut changes = AlertChanges { learned: self.learn(fresh, now_ms), ..AlertChanges::default() };
        if changes.learned.any_new {
            self.remove_examples(now_ms, &mut changes);
            self.close_gone(now_ms, &mut changes);
        }
        self.evaluate_touched(now_ms, &mut changes);
        changes
    }

    fn evaluate_touched(&mut self, now_ms: i64, changes: &mut AlertChanges) {
        for TouchedReading { limit_id, scope_value, peak, now } in self.board.take_touched(now_ms) {
            let key = (limit_id, scope_value);
            // A crossing that is found late counts; usage that was high once does not hold an alert.
            let seen = if self.is_crossing(&key, &peak) { peak } else { now };
            self.evaluate(&key, &seen, now_ms, changes);
        }
    }

    /// Takes in what the headers of new events' responses say. A limit that is new is known from here on, and counts
    /// from when the watch is rebuilt.
    fn learn(&mut self, fresh: &[&Entry], now_ms: i64) -> LearnedChanges {
        let mut changes = LearnedChanges { at_ms: now_ms, ..LearnedChanges::default() };
        let was_full = self.book.not_kept() > 0;
        for entry in fresh {
            let Some(observation) = &entry.observation else { continue };
            for lesson in self.book.take(&entry.event, observation, now_ms, &mut self.limits) {
                let Lesson { limit_id, limit, change, seen, report, gives_up } = lesson;
                for id in gives_up {
                    tracing::debug!(limit.id = %id, "Gave up a learned limit to make room for another");
                    changes.limits.remove(&id);
                    changes.seen.remove(&id);
                    changes.gone.insert(id);
                }
                if let Some(limit) = limit {
                    self.board.set_amount(&limit_id, limit.amount);
                    changes.limits.insert(limit_id.clone(), limit);
                }
                if let Some(report) = report {
                    self.board.correct(&limit_id, report, now_ms);
                }
                if let Some(change) = change {
                    tracing::info!(
                        limit.id = %limit_id,
                        before = change.before,
                        after = change.after,
                        "Response headers name a limit that is new or changed"
                    );
                    changes.any_new |= change.before.is_none();
                    changes.history.push(change);
                }
                if let Some(seen) = seen {
                    changes.seen.insert(limit_id, seen);
                }
            }
        }
        if !was_full && self.book.not_kept() > 0 {
            tracing::warn!(
                "Response headers name more limits than are kept: those that have not been named for longest make room"
            );
        }
        changes
    }

    /// Takes over what is not stored from the watch before it.
    pub fn go_on_from(&mut self, before: &Watch) {
        self.book.go_on_from(&before.book);
    }

    /// Whether any limit is enforced.
    pub fn enforces(&self) -> bool {
        self.board.enforces()
    }

    /// What a request that begins now is held against, and what that counts; or the name of an enforced limit that is exhausted for it, and in
    /// how many milliseconds it may no longer be.
    pub fn admit(
        &self,
        call: &WantedCall,
        open: &OpenCalls,
        now_ms: i64,
    ) -> Result<Vec<(Held, Unit)>, (String, i64)> {
        let now_ms = self.now_ms.max(now_ms);
        let admitted = self.board.admit(call, open, now_ms);
        admitted.map_err(|(limit, wait_ms)| (limit.name.clone(), wait_ms))
    }

    /// The latest time it was told, Unix milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.now_ms
    }

    fn tell_time(&mut self, now_ms: i64) -> i64 {
        self.now_ms = self.now_ms.max(now_ms);
        self.now_ms
    }

    /// Whether a reading is worse than what is known, and not part of an incident that is over.
    fn is_crossing(&self, key: &(String, String), reading: &Reading) -> bool {
        let Some(limit) = self.limits.get(&key.0) else { return false };
        if limit.is_not_provisioned() {
            return false;
        }
        let raised = raised(reading.used, &self.rule(limit));
        self.instances.get(key).map_or(raised > Severity::Ok, |instance| {
            raised > instance.severity && instance.is_news(reading.at_ms)
        })
    }

    fn evaluate(&mut self, key: &(String, String), seen: &Reading, now_ms: i64, changes: &mut AlertChanges) {
        let Some(limit) = self.limits.get(&key.0) else { return };
        let (revision, not_provisioned) = (limit.revision, limit.is_not_provisioned());
        let span = match limit.kind.window {
            WindowShape::Rolling { .. } => Span::Rolling,
            WindowShape::Calendar(_) => Span::Calendar(seen.window.0, seen.window.1),
            WindowShape::Reported => Span::Until(seen.window.1),
        };
        let is_raised = raised(seen.used, &self.rule(limit)) > Severity::Ok;
        self.move_on(key, span, is_raised, now_ms, changes);
        let revised = self.instances.get(key).is_some_and(|instance| instance.limit_revision != revision);
        if !self.instances.contains_key(key) {
            let place = (key.0.clone(), key.1.clone(), span.start_ms());
            let instance = match self.closed.remove(&place) {
                // It has ended once: a clock that was set back does not begin it anew.
                Some(closed) if closed.closed_reason == Some(Reason::WindowReset) => {
                    self.closed.insert(place, closed);
                    return;
                }
                Some(closed) => closed.reopened(span),
                None => Instance::new(&key.0, &key.1, span),
            };
            self.instances.insert(key.clone(), instance);
        }
        let Reading { at_ms: event_time_ms, incomplete, .. } = *seen;
        let used = if not_provisioned { 0 } else { seen.used };
        let input = if revised {
            Input::LimitChanged { used, incomplete }
        } else {
            Input::Evaluate { used, event_time_ms, incomplete }
        };
        self.apply(key, input, now_ms, changes);
    }

    /// Ends what is over of an alert, before it is held against what its limit reads for `span`.
    fn move_on(
        &mut self,
        key: &(String, String),
        span: Span,
        is_raised: bool,
        now_ms: i64,
        changes: &mut AlertChanges,
    ) {
        let Some(instance) = self.instances.get_mut(key) else { return };
        match (instance.span, span) {
            // A window is named by its start; another time zone may end it at another time.
            (Span::Calendar(before, end_ms), Span::Calendar(now, _)) if before != now => {
                let over = end_ms <= now_ms;
                let input = if over { Input::WindowEnded } else { Input::Closed(Reason::LimitChanged) };
                self.apply(key, input, now_ms, changes);
            }
            (before, Span::Until(end_ms)) => {
                self.end_if_over(key, now_ms, changes);
                let Some(instance) = self.instances.get_mut(key) else { return };
                // What is said to end later and is hardly used is the next window, already.
                let is_next = before.end_ms().is_some_and(|before_ms| end_ms > before_ms + JITTER_MS);
                if is_next && !is_raised && instance.severity > Severity::Ok {
                    self.apply(key, Input::WindowEnded, now_ms, changes);
                }
                if let Some(instance) = self.instances.get_mut(key) {
                    instance.span = span;
                }
                self.end_if_over(key, now_ms, changes);
            }
            _ => instance.span = span,
        }
    }

    fn end_if_over(&mut self, key: &(String, String), now_ms: i64, changes: &mut AlertChanges) {
        let fires = |instance: &Instance| instance.severity > Severity::Ok && instance.span.is_over(now_ms);
        if self.instances.get(key).is_some_and(fires) {
            self.apply(key, Input::WindowEnded, now_ms, changes);
        }
    }

    /// Takes one step of one alert and notes what it changes.
    fn apply(&mut self, key: &(String, String), input: Input, now_ms: i64, changes: &mut AlertChanges) {
        let limit = self.limits.get(&key.0).or_else(|| self.departed.get(&key.0));
        let (Some(limit), Some(before)) = (limit, self.instances.get(key)) else { return };
        let (after, transition) = step(before, &self.rule(limit), input, now_ms);
        if let Some(transition) = transition {
            let turn = self.flood.turn(limit, &transition, now_ms);
            self.announce(limit, &after, transition, turn, now_ms, changes);
        }
        // An alert that never fired is not worth a row: its state follows from the events.
        let kept = |instance: &Instance| {
            let Instance { span, sequence, limit_revision, below_since_ms, closed_reason, .. } = *instance;
            (span, sequence, limit_revision, below_since_ms, closed_reason)
        };
        let worth_keeping = after.sequence > 0 && kept(&after) != kept(before);
        if worth_keeping {
            changes.instances.push(after.clone());
        }
        self.instances.remove(key);
        if after.closed_reason.is_some() {
            if after.sequence > 0 && !after.span.is_gone(now_ms) {
                let start_ms = after.span.start_ms();
                self.closed.insert((key.0.clone(), key.1.clone(), start_ms), after);
            }
        } else if after.sequence > 0 {
            self.instances.insert(key.clone(), after);
        }
    }

    fn rule(&self, limit: &Limit) -> Rule {
        let rolling = !matches!(limit.kind.window, WindowShape::Calendar(_));
        Rule {
            amount: limit.amount,
            warn_percent: limit.warn_percent,
            critical_percent: limit.critical_percent,
            hysteresis_points: if rolling { self.settings.hysteresis_points } else { 0 },
            keep_firing_ms: if rolling { self.settings.keep_firing_ms } else { 0 },
            limit_revision: limit.revision,
        }
    }

    fn announce(
        &self,
        limit: &Limit,
        instance: &Instance,
        transition: Transition,
        turn: Turn,
        now_ms: i64,
        changes: &mut AlertChanges,
    ) {
        let name = wording::name(&limit.name);
        tracing::info!(
            limit.name = %name,
            scope = %wording::name(&instance.scope_value),
            severity = %transition.severity,
            used = transition.used,
            amount = transition.amount,
            "Limit `{name}` is {}",
            transition.severity
        );
        let length_ms = self.book.seen(&limit.id).and_then(|seen| seen.place.limiter.length_ms());
        if turn != Turn::Late {
            let settings = &self.settings;
            let last = turn == Turn::Last;
            changes.messages.push(messages::message(
                limit,
                instance,
                &transition,
                length_ms,
                settings,
                last,
                now_ms,
            ));
        }
        changes.transitions.push(TransitionRecord {
            limit_id: limit.id.clone(),
            limit_name: limit.name.clone(),
            kind: limit.kind.word.to_owned(),
            scope_dimension: limit
                .scope
                .dimension()
                .map(|dimension| dimension.word().to_owned())
                .unwrap_or_default(),
            scope_value: instance.scope_value.clone(),
            window_start_ms: instance.span.start_ms(),
            transition,
        });
    }
}
