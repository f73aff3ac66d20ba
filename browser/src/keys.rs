//! Keys that do what a link or button does: each carries its own (`data-hotkey`, one key or two after one another).
//! They are off in fields, with modifiers, while something is composed, and where somebody has switched them off.

use std::cell::RefCell;

use js_sys::Date;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, KeyboardEvent};

use super::{dom, pressed};

/// How long the second of two keys may take.
const SECOND_MS: f64 = 1_500.0;

thread_local! {
    static FIRST: RefCell<Option<(String, f64)>> = const { RefCell::new(None) };
}

pub fn listen() {
    dom::on(&dom::document(), "keydown", |event: KeyboardEvent| {
        if event.default_prevented()
            || event.alt_key()
            || event.ctrl_key()
            || event.meta_key()
            || is_in_field(&event)
        {
            return;
        }
        if dom::root().get_attribute("data-keys").as_deref() == Some("off") {
            return;
        }
        let Some(key) = pressed::key(&event) else { return };
        let first = FIRST.take().filter(|(_, at_ms)| Date::now() - at_ms < SECOND_MS);
        let pressed = first.map_or_else(|| key.clone(), |(first, _)| format!("{first} {key}"));
        let (own, begun): (Vec<_>, Vec<_>) = (of(&pressed, false), of(&pressed, true));
        match own.into_iter().find(is_there) {
            Some(element) => {
                event.prevent_default();
                act(&element);
            }
            None if !begun.is_empty() => FIRST.set(Some((key, Date::now()))),
            None => {}
        }
    });
}

/// What has this key, or begins with it.
fn of(pressed: &str, begins: bool) -> Vec<Element> {
    let own = |element: &Element| {
        let keys = element.get_attribute("data-hotkey").unwrap_or_default();
        if begins { keys.starts_with(&format!("{pressed} ")) } else { keys == pressed }
    };
    dom::all("[data-hotkey]").into_iter().filter(own).collect()
}

/// Menus are closed, and what is in them can be reached all the same; what is hidden cannot.
fn is_there(element: &Element) -> bool {
    !element.has_attribute("disabled") && element.closest("[hidden]").ok().flatten().is_none()
}

fn act(element: &Element) {
    match element.dyn_ref::<HtmlElement>() {
        Some(field) if element.dyn_ref::<HtmlInputElement>().is_some() => {
            let _ = field.focus();
        }
        Some(element) => element.click(),
        None => {}
    }
}

fn is_in_field(event: &KeyboardEvent) -> bool {
    dom::around(event, "input, select, textarea, [contenteditable], dialog").is_some()
}
