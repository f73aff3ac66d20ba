//! The few things that everything here does with a document.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Document, Element, Event, EventTarget, HtmlElement, NodeList, Window};

pub fn window() -> Window {
    web_sys::window().expect("pages are in a window")
}

pub fn document() -> Document {
    window().document().expect("a window has a document")
}

/// The element around everything.
pub fn root() -> Element {
    document().document_element().expect("a document has a root")
}

pub fn find(css: &str) -> Option<Element> {
    document().query_selector(css).ok()?
}

/// The elements of a list as they are now.
pub fn elements(list: &NodeList) -> Vec<Element> {
    (0..list.length()).filter_map(|place| list.item(place)?.dyn_into().ok()).collect()
}

pub fn all(css: &str) -> Vec<Element> {
    document().query_selector_all(css).map(|list| elements(&list)).unwrap_or_default()
}

/// All within an element.
pub fn within(element: &Element, css: &str) -> Vec<Element> {
    element.query_selector_all(css).map(|list| elements(&list)).unwrap_or_default()
}

/// Where an event happened, or what is around it, with this selector.
pub fn around(event: &Event, css: &str) -> Option<Element> {
    let target: Element = event.target()?.dyn_into().ok()?;
    target.closest(css).ok()?
}

/// Calls `hear` for every such event, for as long as the page lives.
pub fn on<E: JsCast>(target: &EventTarget, name: &str, mut hear: impl FnMut(E) + 'static) {
    let closure = Closure::<dyn FnMut(Event)>::new(move |event: Event| hear(event.unchecked_into()));
    let _ = target.add_event_listener_with_callback(name, closure.into_js_value().unchecked_ref());
}

/// Calls `act` once, later.
pub fn after(ms: i32, act: impl FnOnce() + 'static) -> i32 {
    let closure = Closure::once_into_js(act);
    window().set_timeout_with_callback_and_timeout_and_arguments_0(closure.unchecked_ref(), ms).unwrap_or(0)
}

/// Calls `act` again and again.
pub fn every(ms: i32, act: impl FnMut() + 'static) {
    let closure = Closure::<dyn FnMut()>::new(act).into_js_value();
    let _ = window().set_interval_with_callback_and_timeout_and_arguments_0(closure.unchecked_ref(), ms);
}

pub fn show(element: &Element, is_shown: bool) {
    let _ = element.toggle_attribute_with_force("hidden", !is_shown);
}

pub fn set(element: &Element, name: &str, value: &str) {
    if element.get_attribute(name).as_deref() != Some(value) {
        let _ = element.set_attribute(name, value);
    }
}

pub fn write(element: &Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

/// Puts an element somewhere along the line, in pixels.
pub fn place(element: &Element, property: &str, px: f64) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        let _ = element.style().set_property(property, &format!("{px:.1}px"));
    }
}

/// A number that an element carries.
pub fn number(element: &Element, name: &str) -> Option<f64> {
    element.get_attribute(name)?.parse().ok()
}
