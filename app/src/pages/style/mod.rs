//! Every part of the interface in every state, for who works on it: with made-up data, in the reader's own theme and language.
//! Its own words are for developers, and in English only.

mod alerts;
mod controls;
mod lanes;
mod limits;
mod log;
mod look;
mod measures;
mod plots;
mod plotted;
mod standings;
mod usage;

use leptos::prelude::*;

use crate::pages::head;
use crate::reader::Reader;

/// When it is on this page, Unix milliseconds: 2026-11-24T12:00:00Z. Nothing on it changes by itself.
const NOON_MS: i64 = 1_795_521_600_000;

/// The parts, each with what it is called on the page.
pub fn style(reader: &Reader) -> Vec<(&'static str, AnyView)> {
    let reader = &Reader { now_ms: NOON_MS, ..reader.clone() };
    let lead = "Every part in every state, with made-up data: it is noon on 24 November 2026. Only tacho demo and development builds have this page.";
    vec![
        ("head", head("Style", lead)),
        ("type", look::faces()),
        ("colours", look::colours()),
        ("signs", look::signs(reader)),
        ("figures", look::figures(reader)),
        ("lanes", lanes::lanes()),
        ("verdicts", limits::verdicts(reader)),
        ("limits", limits::sheets(reader)),
        ("measures", measures::tabs(reader)),
        ("tables", measures::tables(reader)),
        ("plots", plots::plots(reader)),
        ("log", log::log(reader)),
        ("notices", log::notices(reader)),
        ("controls", controls::controls(reader)),
        ("forms", controls::forms(reader)),
        ("settings", controls::settings(reader)),
        ("alerts", alerts::alerts(reader)),
    ]
}

/// A part: its title, and what it shows.
fn part(title: &'static str, shown: Vec<AnyView>) -> AnyView {
    view! { <section aria-label=title><h2>{title}</h2>{shown.collect_view()}</section> }.into_any()
}

/// One state of a part: what it is, and how it looks.
fn state(said: &str, shown: impl Into<Option<AnyView>>) -> AnyView {
    let html = shown.into().map(|shown| apart(&shown.to_html(), said));
    let html = html.unwrap_or_else(|| view! { <p class="empty">"Nothing is shown."</p> }.to_html());
    view! { <p class="notice footnote">{said.to_owned()}</p><div inner_html=html></div> }.into_any()
}

/// The same with ids of its own: a part that is on a page once is on this one many times.
fn apart(html: &str, said: &str) -> String {
    let own: String =
        said.chars().map(|char| if char.is_ascii_alphanumeric() { char } else { '-' }).collect();
    let named = |html: String, attribute: &str| {
        html.replace(&format!(" {attribute}=\""), &format!(" {attribute}=\"{own}."))
    };
    ["id", "aria-labelledby"].into_iter().fold(html.to_owned(), named)
}
