//! What happened, the latest first; each leads to its minutes.

use leptos::prelude::*;
use vocabulary::view::{Edge, Stretch, View as Shown};

use super::AROUND_S;
use super::sheet::COLUMNS;
use crate::api::happened::{Happening, Incident, LearnedAmount, LearnedLately, LearnedPool};
use crate::parts::{INFORMATION, kind_name, learned_name, name_and_value, named, sign, state_class};
use crate::reader::Reader;

/// Where the log stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogPlace {
    /// Beside what a stretch of time shows; of a long one every line has its date.
    Beside { is_long: bool },
    /// On the page of alerts, which has all of it.
    OfItsOwn,
}

/// The log.
pub fn happened(reader: &Reader, happenings: &[Happening], view: &Shown, place: LogPlace) -> AnyView {
    let text = &reader.text().now;
    let is_empty = happenings.is_empty();
    let has_dates = place == LogPlace::Beside { is_long: true };
    let lines = happenings.iter().map(|happening| match happening {
        Happening::Incident(incident) => incident_line(reader, incident, view, has_dates),
        Happening::Learned(learned) => learned_line(reader, learned, has_dates),
    });
    let all = (place != LogPlace::OfItsOwn)
        .then(|| view! { <a class="aside" href="/alerts">{text.all_alerts}</a> });
    view! {
        <section class="happened" aria-labelledby="happened">
            <div class="table-head"><h2 id="happened">{text.happened}</h2>{all}</div>
            {is_empty.then(|| view! { <p class="empty">{text.nothing_happened}</p> })}
            <ol class="log">{lines.collect_view()}</ol>
        </section>
    }
    .into_any()
}

/// When something was; exact in its title.
fn time(reader: &Reader, at_s: i64, has_date: bool) -> AnyView {
    let shown = if has_date { reader.date_and_clock(at_s) } else { reader.moment(at_s) };
    view! { <time title=reader.date_and_clock(at_s)>{shown}</time> }.into_any()
}

fn incident_line(reader: &Reader, incident: &Incident, view: &Shown, has_date: bool) -> AnyView {
    let text = &reader.text().now;
    let name = match incident.is_learned {
        true => learned_name(reader, &incident.name, &incident.kind),
        false => named(reader, &incident.name, &incident.kind),
    };
    let name = name_and_value(reader, name, incident.value.as_deref());
    let said = format!("{name}, {}", reader.percent(incident.peak));
    let lasted = match incident.ended_ms {
        Some(ended_ms) => reader.duration((ended_ms - incident.began_ms) / 1_000),
        None => text.goes_on.to_owned(),
    };
    let began_s = incident.began_ms / 1_000;
    let ended_s = incident.ended_ms.unwrap_or(reader.now_ms) / 1_000;
    let to_s = (ended_s + AROUND_S).min(reader.now_ms / 1_000 + 60).min(began_s + 86_400);
    let stretch = Stretch::Between(Edge::Instant(began_s - AROUND_S), Some(Edge::Instant(to_s)));
    view! {
        <li data-key=incident.key.clone() data-state=state_class(incident.worst) data-open=incident.ended_ms.is_none().then_some("")>
            {time(reader, began_s, has_date)}
            <span class="log-sign"><span aria-hidden="true">{sign(incident.worst)}</span><span class="unseen">{reader.text().words.states[incident.worst as usize]}</span></span>
            <a href=view.with_stretch(stretch).address("/")>{said}</a>
            <span class="log-length">{lasted}</span>
        </li>
    }
    .into_any()
}

fn learned_line(reader: &Reader, learned: &LearnedLately, has_date: bool) -> AnyView {
    let LearnedLately { at_ms, pools } = learned;
    let each: Vec<String> = pools.iter().map(|of| learned_of(reader, of)).collect();
    let (said, title) = match each.as_slice() {
        [only] => (only.clone(), None),
        all => ((reader.text().now.learned_of)(&reader.exact(all.len() as f64)), Some(all.join("\n"))),
    };
    let at_s = at_ms / 1_000;
    view! {
        <li data-key=format!("learned {at_ms}")>
            {time(reader, at_s, has_date)}
            <span class="log-sign"><span aria-hidden="true">{INFORMATION}</span></span>
            <span title=title>{said}</span>
            <span class="log-length"></span>
        </li>
    }
    .into_any()
}

fn learned_of(reader: &Reader, learned: &LearnedPool) -> String {
    let LearnedPool { pool, limits } = learned;
    let limit = |LearnedAmount { kind, amount, unit }: &LearnedAmount| {
        let kind = match COLUMNS.iter().position(|column| column == kind) {
            Some(column) => reader.text().now.columns[column],
            None => kind_name(reader, kind).unwrap_or(kind),
        };
        format!("{} {}", reader.allowed(*amount, unit), kind.to_lowercase())
    };
    let limits: Vec<String> = limits.iter().map(limit).collect();
    (reader.text().now.learned)(pool, &limits.join(", "))
}
