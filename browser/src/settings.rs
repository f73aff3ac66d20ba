//! What the server cannot know of a browser: its clock, and how wide a plot may be. Said in cookies, so that the next page
//! is drawn right at once. Windows share those and differ in width, so a page that is open says its own.

use std::cell::Cell;

use js_sys::{Function, Intl, Object, Reflect};
use wasm_bindgen::JsCast;
use web_sys::HtmlDocument;

use super::dom;

thread_local! {
    /// The width that this window has told last. The cookie holds that of whichever window was last to tell.
    static WIDTH_PX: Cell<Option<i32>> = const { Cell::new(None) };
}

/// How wide a plot of this window may be, in pixels.
pub fn width_px() -> Option<i32> {
    dom::find("[data-plot-frame]").map(|frame| frame.client_width()).filter(|width_px| *width_px > 0)
}

/// Tells them; true when something differs from what the page was drawn for.
pub fn tell() -> bool {
    let zone = Intl::DateTimeFormat::new(&js_sys::Array::new(), &Object::new()).resolved_options();
    let zone = Reflect::get(&zone, &"timeZone".into()).ok().and_then(|zone| zone.as_string());
    let zone = zone.is_some_and(|zone| keep("tacho_browser_zone", &zone));
    let Some(width_px) = width_px() else { return zone };
    let has_changed = WIDTH_PX.replace(Some(width_px)).is_some_and(|before_px| before_px != width_px);
    keep("tacho_width", &width_px.to_string()) || has_changed || zone
}

/// Keeps a setting; true when it is another than before.
fn keep(name: &str, value: &str) -> bool {
    let Ok(document) = dom::document().dyn_into::<HtmlDocument>() else { return false };
    let pair = format!("{name}={}", encoded(value));
    let known = document.cookie().unwrap_or_default();
    if known.split("; ").any(|known| known == pair) {
        return false;
    }
    let _ = document.set_cookie(&format!("{pair}; path=/; max-age=31536000; samesite=lax"));
    // Where cookies are not kept, asking again would go on for ever.
    document.cookie().unwrap_or_default().split("; ").any(|known| known == pair)
}

fn encoded(value: &str) -> String {
    js_sys::encode_uri_component(value).into()
}

/// A number as the language of the page writes it; of dollars as many decimals as it takes to see them.
pub fn number(value: f64, is_money: bool) -> String {
    let language = js_sys::Array::of1(&dom::root().get_attribute("lang").unwrap_or_default().into());
    let options = Object::new();
    if is_money {
        let most = if value.abs() >= 1.0 || value == 0.0 { 2.0 } else { 9.0 };
        let _ = Reflect::set(&options, &"minimumFractionDigits".into(), &2.0.into());
        let _ = Reflect::set(&options, &"maximumFractionDigits".into(), &most.into());
    }
    let format: Function = Intl::NumberFormat::new(&language, &options).format();
    let text = format.call1(&wasm_bindgen::JsValue::UNDEFINED, &value.into());
    text.ok().and_then(|text| text.as_string()).unwrap_or_default()
}
