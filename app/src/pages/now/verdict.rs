//! What the first page says: the one limit that matters most now, in a sentence, and whether calls are refused.

use leptos::prelude::*;
use vocabulary::Severity;
use vocabulary::view::View as Shown;

use crate::api::room::{RefusedMinute, Room};
use crate::api::standing::Standing;
use crate::parts::{REFUSED, limit_and_value, sign, state_class};
use crate::reader::Reader;

/// How long after a refusal it is told of as one that happens now, in seconds.
const NOW_S: i64 = 120;

/// What speaks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict<'a> {
    /// The API refuses calls.
    Refused(&'a RefusedMinute),
    /// A limit is near, or reached.
    Near(&'a Standing),
    /// There is room; the tightest limit, if there is any.
    Room(Option<&'a Standing>),
    /// No limit is known.
    NoLimit,
}

impl Verdict<'_> {
    /// What speaks first: a limit of the API that refuses now; then limits of the API, then those of one's own that the
    /// proxy enforces, then budgets, each the fullest first; or that there is room. An example that nobody has set keeps
    /// silent once there are real limits.
    pub fn of(room: &Room) -> Verdict<'_> {
        let is_real = |standing: &&Standing| standing.source != "preset";
        let has_real = room.standings.iter().any(|standing| is_real(&standing));
        let speaking = || room.standings.iter().filter(|standing| !has_real || is_real(standing));
        let fullest = |rank: fn(&Standing) -> bool| {
            let near = speaking().filter(|standing| standing.state > Severity::Ok && rank(standing));
            near.max_by(|one, other| one.fraction.total_cmp(&other.fraction))
        };
        let is_api = |standing: &Standing| standing.learned.is_some();
        let refuses_now =
            room.refusal.as_ref().filter(|refusal| room.as_of_ms / 1_000 - refusal.at_s < NOW_S);
        if let Some(refusal) = refuses_now {
            return Verdict::Refused(refusal);
        }
        let near =
            fullest(is_api).or_else(|| fullest(|standing| standing.enforced)).or_else(|| fullest(|_| true));
        match near {
            Some(near) => Verdict::Near(near),
            None if room.limits == 0 => Verdict::NoLimit,
            None => Verdict::Room(speaking().max_by(|one, other| one.fraction.total_cmp(&other.fraction))),
        }
    }

    /// The state that colours it.
    pub fn state(self) -> Severity {
        match self {
            Verdict::Refused(_) => Severity::Critical,
            Verdict::Near(standing) => standing.state,
            Verdict::Room(_) | Verdict::NoLimit => Severity::Ok,
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Verdict::Refused(_) => REFUSED,
            other => sign(other.state()),
        }
    }
}

/// The title of the page: what matters, where only few words are seen.
pub fn title(reader: &Reader, room: &Room) -> String {
    let text = reader.text();
    match Verdict::of(room) {
        Verdict::Refused(_) => format!("{REFUSED} {}", text.now.refusing_title),
        Verdict::Near(standing) => {
            format!("{} {}", share(reader, standing), limit_and_value(reader, standing))
        }
        Verdict::Room(_) | Verdict::NoLimit => text.frame.now.to_owned(),
    }
}

/// The verdict, and under it whether calls are refused.
pub fn verdict(reader: &Reader, room: &Room, view: &Shown) -> AnyView {
    let verdict = Verdict::of(room);
    let (head, rest) = sentence(reader, room, verdict);
    let sign = verdict.sign();
    let sign = (!sign.is_empty()).then(|| view! { <span aria-hidden="true">{sign}" "</span> });
    view! {
        <div class="verdict" data-state=state_class(verdict.state())>
            <h1><span class="verdict-head">{sign}{head}</span>{rest}</h1>
            <p>{refusals(reader, room, view)}</p>
            <p class="unseen" role="status">{spoken(reader, verdict)}</p>
        </div>
    }
    .into_any()
}

/// What matters, and what else is to be said of it.
fn sentence(reader: &Reader, room: &Room, verdict: Verdict) -> (String, String) {
    let text = &reader.text().now;
    let full = |standing: &Standing| {
        let amount = reader.allowed(standing.amount, &standing.unit);
        (text.at)(&limit_and_value(reader, standing), &share(reader, standing), &amount)
    };
    match verdict {
        Verdict::Refused(RefusedMinute { model, calls, at_s, .. }) => {
            let calls = reader.count(*calls, crate::text::Noun::Call);
            ((text.refusing)(model, &calls, &reader.clock(*at_s)), text.stop.to_owned())
        }
        Verdict::Near(standing) => (full(standing), rest(reader, standing)),
        Verdict::Room(Some(standing)) => {
            (text.room.to_owned(), format!(" {}", (text.tightest)(&full(standing))))
        }
        Verdict::Room(None) => (text.room.to_owned(), String::new()),
        Verdict::NoLimit if room.standings.is_empty() => (text.no_limit.to_owned(), String::new()),
        Verdict::NoLimit => (text.room.to_owned(), String::new()),
    }
}

/// Whether it is falling, and when its window starts anew.
fn rest(reader: &Reader, standing: &Standing) -> String {
    let text = &reader.text().now;
    let reaches = |percent: u32| standing.fraction >= f64::from(percent) / 100.0;
    let is_falling = match standing.state {
        Severity::Critical => !reaches(standing.critical_percent),
        Severity::Warning => !reaches(standing.warn_percent),
        Severity::Ok => false,
    };
    // An alert is held for a while after usage has fallen.
    let falling = if is_falling { text.falling } else { "" };
    match standing.resets_at_ms {
        Some(at_ms) => format!("{falling}{}", (text.until)(&reader.moment(at_ms / 1_000))),
        None => format!("{falling}{}", text.stop),
    }
}

/// Whether the API refuses calls, and when it last did; that leads to the minute.
fn refusals(reader: &Reader, room: &Room, view: &Shown) -> AnyView {
    let text = &reader.text().now;
    let Some(refusal) = &room.refusal else { return view! { <span>{text.never_refused}</span> }.into_any() };
    let calls = reader.count(refusal.calls, crate::text::Noun::Call);
    let when = reader.moment(refusal.at_s);
    let said = (text.last_refusal)(&when, &refusal.model, &calls);
    let of = (!refusal.project.is_empty()).then(|| (text.of_project)(&refusal.project));
    let is_now = matches!(Verdict::of(room), Verdict::Refused(_));
    let address = super::minute(view, refusal.at_s).with_measure(vocabulary::Measure::Throttled).address("/");
    view! {
        <span>{(!is_now).then_some(text.none_now)}{said}{of}{text.stop}" "</span>
        <a class="inline" href=address>{text.show_minute}</a>" "
        <a class="inline" href="/docs/429">{reader.text().docs.throttled}</a>
    }
    .into_any()
}

/// What is said aloud, and only when it changes: no numbers.
fn spoken(reader: &Reader, verdict: Verdict) -> String {
    let states = &reader.text().words.states;
    match verdict {
        Verdict::Refused(refusal) => (reader.text().now.refusing)(&refusal.model, "", ""),
        Verdict::Near(standing) => {
            format!("{}: {}", limit_and_value(reader, standing), states[standing.state as usize])
        }
        Verdict::Room(_) | Verdict::NoLimit => String::new(),
    }
}

/// How much is used, in percent.
fn share(reader: &Reader, standing: &Standing) -> String {
    let share = reader.percent(standing.fraction);
    if standing.usage_incomplete { (reader.text().words.at_least)(&share) } else { share }
}
