//! Chooses the stretch of time: by a link, by a calendar, by typing. Every choice is an address.

use leptos::prelude::*;
use vocabulary::view::{Calendar, Compare, Day, Stretch, View as Shown};
use vocabulary::{Range, wording};

use super::StretchLinks;
use crate::reader::Reader;

/// Quick stretches that have a key.
const KEYS: [(Range, &str); 5] =
    [(Range::Hour, "1"), (Range::SixHours, "6"), (Range::Day, "d"), (Range::Week, "w"), (Range::Month, "m")];

/// What a stretch is called.
pub fn stretch_name(reader: &Reader, stretch: Stretch, links: &StretchLinks) -> String {
    let text = &reader.text().time;
    match stretch {
        Stretch::Last(range) => text.last[range as usize].to_owned(),
        Stretch::Past(minutes) => (text.past)(&reader.duration(i64::from(minutes) * 60)),
        Stretch::Day(Day::Today) => text.today.to_owned(),
        Stretch::Day(Day::Yesterday) => text.yesterday.to_owned(),
        Stretch::Calendar(calendar) => match calendar {
            Calendar::ThisWeek => text.this_week.to_owned(),
            Calendar::LastWeek => text.last_week.to_owned(),
            Calendar::ThisMonth => text.this_month.to_owned(),
            Calendar::LastMonth => text.last_month.to_owned(),
        },
        _ => between(reader, links),
    }
}

/// From when to when, in as few words as it takes today.
pub(super) fn between(reader: &Reader, links: &StretchLinks) -> String {
    let StretchLinks { from_s, to_s, .. } = links;
    let (from, to) = (reader.date(*from_s), reader.date(to_s - 1));
    let is_today = from == to && from == reader.date(reader.now_ms / 1_000);
    if is_today && !is_days(reader, links) {
        return format!("{} – {}", reader.clock(*from_s), reader.clock(*to_s));
    }
    dates(reader, links)
}

/// Whether they begin and end with a day.
fn is_days(reader: &Reader, StretchLinks { from_s, to_s, .. }: &StretchLinks) -> bool {
    let is_midnight = |at_s: i64| (at_s + i64::from(reader.zone.offset_s(at_s))).rem_euclid(86_400) == 0;
    is_midnight(*from_s) && is_midnight(*to_s)
}

/// From when to when, with its dates.
pub(super) fn dates(reader: &Reader, links: &StretchLinks) -> String {
    let StretchLinks { from_s, to_s, .. } = links;
    let (from, to) = (reader.date(*from_s), reader.date(to_s - 1));
    match (is_days(reader, links), from == to) {
        (true, true) => from,
        (true, false) => format!("{from} – {to}"),
        (false, true) => format!("{from}, {} – {}", reader.clock(*from_s), reader.clock(*to_s)),
        (false, false) => format!("{} – {}", reader.date_and_clock(*from_s), reader.date_and_clock(*to_s)),
    }
}

/// What today beside yesterday is called.
pub(super) fn day_by_day_name(reader: &Reader) -> String {
    let text = &reader.text().time;
    format!("{} · {}", text.today, (text.compared_with)(text.compare[Compare::Day as usize]))
}

/// The control in the bar.
pub(super) fn picker(reader: &Reader, view: &Shown, links: &StretchLinks) -> AnyView {
    let text = &reader.text().time;
    let step = |to: Option<Stretch>, sign: &'static str, label: &'static str, hotkey: &'static str| {
        match to {
        Some(to) => view! { <a class="step" href=view.with_stretch(to).address("/") aria-label=label title=label data-hotkey=hotkey>{sign}</a> }.into_any(),
        None => view! { <span class="step" aria-hidden="true">{sign}</span> }.into_any(),
    }
    };
    let quick = Stretch::QUICK.iter().map(|stretch| {
        let current = (*stretch == view.stretch).then_some("true");
        let key = KEYS.iter().find(|(range, _)| Stretch::Last(*range) == *stretch).map(|(_, key)| *key);
        let kbd = key.map(|key| view! { <kbd>{key}</kbd> });
        view! { <li><a href=view.with_stretch(*stretch).address("/") aria-current=current data-hotkey=key>{stretch_name(reader, *stretch, links)}{kbd}</a></li> }
    });
    let quick = quick.collect_view();
    let day_by_day = view.with_stretch(Stretch::Day(Day::Today)).with_vs(Compare::Day).address("/");
    // What the forms do not say themselves, and the stretch that stays where what they say makes no sense.
    let kept = |own: &'static [&'static str]| {
        let pairs =
            view.stretch.kept_pairs().into_iter().chain(view.with_stretch(Stretch::default()).pairs());
        pairs
            .filter(|(name, _)| !own.contains(&name.as_str()))
            .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
            .collect_view()
    };
    view! {
        <div class="time">
            {step(links.earlier, "‹", text.earlier, ",")}
            <details class="menu" data-menu="" id="stretch">
                <summary>{stretch_name(reader, view.stretch, links)}</summary>
                <div class="menu-body picker">
                    <ul class="quick">{quick}</ul>
                    <a href=day_by_day>{day_by_day_name(reader)}</a>
                    <div class="picker-compare">
                        <p class="footnote">{(text.compared_with)(text.compare[view.vs as usize])}</p>
                        <ul class="quick">{compare_links(reader, view)}</ul>
                    </div>
                    <form method="get" action="/">
                        {kept(&[])}
                        <label>{text.typed}<input name="at" placeholder=text.typed_hint autocomplete="off" spellcheck="false"/></label>
                        <button type="submit">{text.show}</button>
                    </form>
                    <form method="get" action="/">
                        {kept(&["from", "to"])}
                        <label>{text.from}<input type="datetime-local" name="from" required value=local(reader, links.from_s)/></label>
                        <label>{text.to}<input type="datetime-local" name="to" value=local(reader, links.to_s)/></label>
                        <button type="submit">{text.show}</button>
                    </form>
                    <p class="footnote">{(text.zone_is)(&reader.zone.name)}" "<a href="/settings#zone">{text.change_zone}</a></p>
                </div>
            </details>
            {step(links.later, "›", text.later, ".")}
            {step(links.doubled, "−", text.doubled, "-")}
            {compare(reader, view)}
        </div>
    }
    .into_any()
}

fn compare(reader: &Reader, view: &Shown) -> AnyView {
    let text = &reader.text().time;
    let toggled = if view.vs == Compare::Off { Compare::Previous } else { Compare::Off };
    view! {
        <details class="menu compare" data-menu="" id="compare">
            <summary>{(text.compared_with)(text.compare[view.vs as usize])}</summary>
            <div class="menu-body"><ul>{compare_links(reader, view)}</ul></div>
        </details>
        <a class="unseen" href=view.with_vs(toggled).address("/") data-hotkey="x" tabindex="-1">{text.toggle_compare}</a>
    }
    .into_any()
}

/// What can be compared with.
fn compare_links(reader: &Reader, view: &Shown) -> AnyView {
    let names = &reader.text().time.compare;
    let links = Compare::ALL.iter().zip(names).map(|(vs, name)| {
        let current = (*vs == view.vs).then_some("true");
        view! { <li><a href=view.with_vs(*vs).address("/") aria-current=current>{*name}</a></li> }
    });
    links.collect_view().into_any()
}

/// A time as the browser's own field has it.
fn local(reader: &Reader, at_s: i64) -> String {
    let (year, month, day) = wording::date(at_s, reader.zone.offset_s(at_s));
    format!("{year:04}-{month:02}-{day:02}T{}", reader.clock(at_s))
}
