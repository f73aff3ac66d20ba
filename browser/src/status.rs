//! Whether the page is live, and how old its figures are: said in the bar, and never better than it is.

use std::cell::Cell;

use js_sys::{Date, Object, Reflect};
use wasm_bindgen::JsValue;
use web_sys::Document;

use super::dom;

/// What the bar can say, by the attributes that carry it.
const WORDS: [&str; 9] = [
    "data-now",
    "data-seconds",
    "data-minutes",
    "data-paused",
    "data-lost",
    "data-unreachable",
    "data-undone",
    "data-unknown",
    "title",
];

/// How the page hears of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// Not yet.
    Waiting,
    /// Every second.
    Live,
    /// Nothing has been heard for too long.
    Lost,
    /// The reader has stopped the page.
    Paused,
}

thread_local! {
    static CONNECTION: Cell<Connection> = const { Cell::new(Connection::Waiting) };
    /// Since when, by the browser's clock.
    static SINCE_MS: Cell<f64> = const { Cell::new(0.0) };
    /// How far the server's clock is ahead of the browser's.
    static AHEAD_MS: Cell<f64> = const { Cell::new(0.0) };
    /// When it began that the figures are not the latest, by the browser's clock.
    static TROUBLED_MS: Cell<Option<f64>> = const { Cell::new(None) };
}

pub fn connection() -> Connection {
    CONNECTION.get()
}

/// The page is so from now on, or since a moment before.
pub fn change(connection: Connection, since_ms: f64) {
    if CONNECTION.replace(connection) != connection {
        SINCE_MS.set(since_ms);
    }
    tell();
}

/// A moment of the browser's clock by the server's, which tells all other times of a page.
fn by_server(at_ms: f64) -> f64 {
    at_ms + AHEAD_MS.get()
}

/// What the server's clock shows.
pub fn server_clock(now_ms: f64) {
    AHEAD_MS.set(now_ms - Date::now());
}

/// Says why the figures are not the latest, and since when; nothing when they are.
pub fn trouble(message: Option<String>) {
    let since_ms = message.is_some().then(|| TROUBLED_MS.get().unwrap_or_else(Date::now));
    TROUBLED_MS.set(since_ms);
    if let Some(place) = dom::find("#trouble") {
        let said = message
            .zip(since_ms)
            .map(|(message, since_ms)| format!("{}: {message}", clock(by_server(since_ms))));
        dom::show(&place, said.is_some());
        dom::write(&place, said.as_deref().unwrap_or_default());
    }
    tell();
}

/// Says it in the bar.
pub fn tell() {
    let Some(place) = dom::find("#freshness") else { return };
    let text = |name: &str| place.get_attribute(name).unwrap_or_default();
    let at_ms = dom::find("main").and_then(|main| dom::number(&main, "data-at")).unwrap_or_default();
    let age_s = ((by_server(Date::now()) - at_ms) / 1_000.0).floor().max(0.0);
    let age = match age_s {
        ..2.0 => text("data-now"),
        ..60.0 => text("data-seconds").replace("{}", &format!("{age_s:.0}")),
        _ => text("data-minutes").replace("{}", &format!("{:.0}", (age_s / 60.0).floor())),
    };
    let (word, said) = match CONNECTION.get() {
        Connection::Waiting => return,
        // Of when the figures are: something else may have been chosen since.
        Connection::Paused => ("paused", text("data-paused").replace("{}", &clock(at_ms))),
        Connection::Lost => ("lost", text("data-lost").replace("{}", &clock(by_server(SINCE_MS.get())))),
        Connection::Live if TROUBLED_MS.get().is_some() => ("troubled", age),
        Connection::Live => ("live", age),
    };
    let _ = place.remove_attribute("disabled");
    dom::set(&place, "data-state", word);
    dom::set(&place, "aria-pressed", if word == "paused" { "true" } else { "false" });
    dom::set(&dom::root(), "data-live", word);
    if let Ok(Some(place)) = place.query_selector(".fresh-text") {
        dom::write(&place, &said);
    }
}

/// Takes over the words of a page that has come, which may be in another language; how things stand is known here alone.
pub fn take_words(new: &Document) {
    let Ok(Some(new)) = new.query_selector("#freshness") else { return };
    let Some(place) = dom::find("#freshness") else { return };
    for name in WORDS {
        dom::set(&place, name, &new.get_attribute(name).unwrap_or_default());
    }
}

/// Hours, minutes and seconds, by the zone of the page.
fn clock(at_ms: f64) -> String {
    let zone = dom::find("main")
        .and_then(|main| main.get_attribute("data-zone"))
        .unwrap_or_else(|| "UTC".to_owned());
    let options = Object::new();
    for (name, value) in [
        ("hour", "2-digit"),
        ("minute", "2-digit"),
        ("second", "2-digit"),
        ("hourCycle", "h23"),
        ("timeZone", &zone),
    ] {
        let _ = Reflect::set(&options, &name.into(), &value.into());
    }
    Date::new(&JsValue::from_f64(at_ms)).to_locale_time_string_with_options("en-GB", &options).into()
}
