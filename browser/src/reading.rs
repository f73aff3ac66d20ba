//! Where somebody reads on a page: kept with its entry of the history, and come back to. The browser itself would come back
//! before the page has.

use std::cell::Cell;

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, ScrollRestoration};

use super::dom;

/// How long nothing is scrolled before it is noted: browsers take few notes.
const STILL_MS: i32 = 150;

thread_local! {
    /// Counts what may have to be noted, so that only the last is.
    static NUMBER: Cell<u32> = const { Cell::new(0) };
}

pub fn listen() {
    restore(ScrollRestoration::Manual);
    dom::on(&dom::window(), "scroll", |_: Event| {
        let number = next();
        dom::after(STILL_MS, move || {
            if NUMBER.get() == number {
                note();
            }
        });
    });
    // To a document that is loaded anew the browser comes back by itself.
    dom::on(&dom::window(), "pagehide", |_: Event| restore(ScrollRestoration::Auto));
    dom::on(&dom::window(), "pageshow", |_: Event| restore(ScrollRestoration::Manual));
}

/// Notes where somebody reads, before they go elsewhere.
pub fn note() {
    next();
    let at = dom::window().scroll_y().ok().map(f64::round);
    if let (Ok(history), Some(at)) = (dom::window().history(), at)
        && noted() != Some(at)
    {
        let _ = history.replace_state(&at.into(), "");
    }
}

/// Where the entry of the history that is shown from now on was read; nothing if it never was.
pub fn returned() -> Option<f64> {
    // What is still to be noted was read on another.
    next();
    noted()
}

/// Begins at the place that the address leads to; without one, at the top of another page.
pub fn begin(is_elsewhere: bool) {
    let Some(place) = place() else {
        if is_elsewhere {
            top();
        }
        return;
    };
    open_around(&place);
    place.scroll_into_view();
    // The next Tab goes on from there.
    dom::set(&place, "tabindex", "-1");
    focus(&place);
}

/// Begins at the top.
pub fn top() {
    if let Some(main) = dom::find("#main") {
        focus(&main);
    }
    // After that: what is given the focus is brought on screen.
    dom::window().scroll_to_with_x_and_y(0.0, 0.0);
}

/// Goes on where somebody was; where that is not known, at the place that the address leads to.
pub fn go_on(at: Option<f64>, is_elsewhere: bool) {
    let Some(at) = at else { return begin(is_elsewhere) };
    if is_elsewhere {
        top();
    }
    dom::window().scroll_to_with_x_and_y(0.0, at);
}

fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        let _ = element.focus();
    }
}

/// Opens what a place is closed away in.
fn open_around(place: &Element) {
    let closed = |within: &Element| within.closest("details:not([open])").ok().flatten();
    while let Some(details) = closed(place) {
        dom::set(&details, "open", "");
    }
}

/// The place on the page that its address leads to.
fn place() -> Option<Element> {
    let hash = dom::window().location().hash().ok()?;
    dom::document().get_element_by_id(hash.strip_prefix('#')?)
}

fn noted() -> Option<f64> {
    dom::window().history().ok()?.state().ok()?.as_f64()
}

fn next() -> u32 {
    NUMBER.set(NUMBER.get().wrapping_add(1));
    NUMBER.get()
}

fn restore(by: ScrollRestoration) {
    if let Ok(history) = dom::window().history() {
        let _ = history.set_scroll_restoration(by);
    }
}
