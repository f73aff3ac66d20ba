//! What the first page says: the one limit that matters most now, in a sentence, and whether calls are refused.

use leptos::prelude::*;
use vocabulary::Severity;
use vocabulary::view::View as Shown;

use super::standing::ends;
use crate::api::room::{Mostly, RefusedMinute, Room};
use crate::api::standing::Standing;
use crate::parts::{REFUSED, kind_name, limit_and_value, sign, state_class, value_name};
use crate::reader::{JOIN, Reader};

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
        let fullest = |state: fn(&Standing) -> Severity| {
            let fullest = |rank: fn(&Standing) -> bool| {
                let near = speaking().filter(|standing| state(standing) > Severity::Ok && rank(standing));
                near.max_by(|one, other| one.fraction.total_cmp(&other.fraction))
            };
            let of_api = fullest(|standing| standing.learned.is_some());
            of_api.or_else(|| fullest(|standing| standing.enforced)).or_else(|| fullest(|_| true))
        };
        let refuses_now =
            room.refusal.as_ref().filter(|refusal| room.as_of_ms / 1_000 - refusal.at_s < NOW_S);
        if let Some(refusal) = refuses_now {
            return Verdict::Refused(refusal);
        }
        // What is near now speaks before what has been.
        match fullest(Standing::present).or_else(|| fullest(|standing| standing.state)) {
            Some(near) => Verdict::Near(near),
            None if room.limits == 0 => Verdict::NoLimit,
            None => Verdict::Room(speaking().max_by(|one, other| one.fraction.total_cmp(&other.fraction))),
        }
    }

    /// The state that colours it: that of this moment, whatever alert is still open.
    pub fn state(self) -> Severity {
        match self {
            Verdict::Refused(_) => Severity::Critical,
            Verdict::Near(standing) => standing.present(),
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
    // Another sentence is not the former one with its words moved.
    let key = format!("{sign}{}", rest.is_empty());
    let sign =
        (!sign.is_empty()).then(|| view! { <span class="verdict-sign" aria-hidden="true">{sign}" "</span> });
    view! {
        <div class="verdict" data-state=state_class(verdict.state())>
            <h1 data-key=key><span class="verdict-head">{sign}{head}</span>{rest}</h1>
            <p>{held(reader, verdict)}{by_proxy(reader, verdict)}{refusals(reader, room, view)}</p>
            <p class="unseen" role="status">{spoken(reader, verdict)}</p>
        </div>
    }
    .into_any()
}

/// What matters, and what else is to be said of it.
fn sentence(reader: &Reader, room: &Room, verdict: Verdict) -> (String, String) {
    let text = &reader.text().now;
    let full = |standing: &Standing| {
        (text.at)(&limit_and_value(reader, standing), &share(reader, standing), &allowed(reader, standing))
    };
    match verdict {
        Verdict::Refused(refusal) => {
            let calls = reader.count(refusal.calls, crate::text::Noun::Call);
            let when = reader.clock(refusal.at_s);
            let from = projects(reader, refusal).map(|from| format!(", {from}")).unwrap_or_default();
            ((text.refusing)(&models(reader, refusal), &calls, &when), format!("{from}{}", text.stop))
        }
        Verdict::Near(standing) => match was(reader, standing) {
            Some(was) => {
                let now = (text.now_at)(&share(reader, standing), &allowed(reader, standing));
                (was, format!("{now}{}", end(reader, standing)))
            }
            None => (full(standing), end(reader, standing)),
        },
        Verdict::Room(Some(standing)) => {
            (text.room.to_owned(), format!(" {}", (text.tightest)(&full(standing))))
        }
        Verdict::Room(None) => (text.room.to_owned(), String::new()),
        Verdict::NoLimit if room.standings.is_empty() => (text.no_limit.to_owned(), String::new()),
        Verdict::NoLimit => (text.room.to_owned(), String::new()),
    }
}

/// What it has been, while the alert of that is still open.
fn was(reader: &Reader, standing: &Standing) -> Option<String> {
    let text = &reader.text().now;
    let name = limit_and_value(reader, standing);
    let when = reader.moment(standing.held?.since_ms / 1_000);
    Some(match standing.state {
        Severity::Critical if standing.critical_percent == 100 => (text.was_full)(&name, &when),
        Severity::Critical => {
            (text.was_past)(&name, &reader.percent(f64::from(standing.critical_percent) / 100.0), &when)
        }
        _ => (text.was_past)(&name, &reader.percent(f64::from(standing.warn_percent) / 100.0), &when),
    })
}

/// When its window starts anew.
fn end(reader: &Reader, standing: &Standing) -> String {
    let text = &reader.text().now;
    ends(reader, standing).map_or_else(|| text.stop.to_owned(), |ends| (text.until)(&ends))
}

/// When an alert ends that is open though usage has fallen.
fn held(reader: &Reader, verdict: Verdict) -> Option<String> {
    let Verdict::Near(Standing { held: Some(held), .. }) = verdict else { return None };
    let (length, below) =
        (reader.duration(held.for_ms / 1_000), reader.percent(f64::from(held.below_percent) / 100.0));
    Some(format!("{} ", (reader.text().now.alert_ends)(&length, &below)))
}

/// Whether the proxy refuses calls: an enforced limit is full.
fn by_proxy(reader: &Reader, verdict: Verdict) -> Option<&'static str> {
    let Verdict::Near(standing) = verdict else { return None };
    (standing.enforced && standing.fraction >= 1.0).then_some(reader.text().now.proxy_refuses)
}

/// Whether the API refuses calls, and when it last did; that leads to the minute. While it refuses, the headline says so.
fn refusals(reader: &Reader, room: &Room, view: &Shown) -> AnyView {
    let text = &reader.text().now;
    let Some(refusal) = &room.refusal else { return view! { <span>{text.never_refused}</span> }.into_any() };
    let is_told = matches!(Verdict::of(room), Verdict::Refused(_));
    let said = (!is_told).then(|| {
        let calls = reader.count(refusal.calls, crate::text::Noun::Call);
        let last = (text.last_refusal)(&reader.moment(refusal.at_s), &models(reader, refusal), &calls);
        let from = projects(reader, refusal).map(|from| format!(", {from}")).unwrap_or_default();
        format!("{}{last}{from}{}", text.none_now, text.stop)
    });
    let address = super::minute(view, refusal.at_s).with_measure(vocabulary::Measure::Throttled).address("/");
    view! {
        {said.map(|said| view! { <span>{said}" "</span> })}
        <a class="inline" href=address>{text.why}</a>
    }
    .into_any()
}

/// The model of all calls that were refused, or how many models they asked for.
fn models(reader: &Reader, refusal: &RefusedMinute) -> String {
    match &refusal.models {
        Mostly { values: values @ 2.., .. } => {
            (reader.text().now.several_models)(&reader.exact(*values as f64))
        }
        only => value_name(reader, &only.name),
    }
}

/// The project that all calls came from, or most; or how many there are. Nothing of calls without one.
fn projects(reader: &Reader, refusal: &RefusedMinute) -> Option<String> {
    let text = &reader.text().now;
    let Mostly { name, calls, values } = &refusal.projects;
    match (calls * 2 > refusal.calls, *values) {
        (true, _) if name.is_empty() => None,
        (_, ..2) => (!name.is_empty()).then(|| (text.from_project)(name)),
        (true, _) => Some((text.mostly_project)(name)),
        (false, values) => Some((text.several_projects)(&reader.exact(values as f64))),
    }
}

/// What is said aloud, and only when it changes: no numbers.
fn spoken(reader: &Reader, verdict: Verdict) -> String {
    let states = &reader.text().words.states;
    match verdict {
        Verdict::Refused(refusal) => (reader.text().now.refusing)(&models(reader, refusal), "", ""),
        Verdict::Near(standing) => {
            format!("{}: {}", limit_and_value(reader, standing), states[standing.present() as usize])
        }
        Verdict::Room(_) | Verdict::NoLimit => String::new(),
    }
}

/// What a limit allows, with its unit where its name does not say what it counts.
fn allowed(reader: &Reader, standing: &Standing) -> String {
    let amount = reader.allowed(standing.amount, &standing.unit);
    let unit = reader.text().words.unit(&standing.unit);
    let kind = kind_name(reader, &standing.kind).unwrap_or_default().to_lowercase();
    let name = limit_and_value(reader, standing).to_lowercase();
    let says_it = standing.learned.is_some()
        || name.contains(&kind)
        || matches!(standing.unit.as_str(), "usd" | "percent");
    if says_it { amount } else { format!("{amount}{JOIN}{unit}") }
}

/// How much is used, in percent.
fn share(reader: &Reader, standing: &Standing) -> String {
    let share = reader.percent(standing.fraction);
    if standing.usage_incomplete { (reader.text().words.at_least)(&share) } else { share }
}
