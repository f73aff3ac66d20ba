//! Buttons that copy what stands beside them.

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Clipboard, Element, Event};

use super::dom;

/// How long a button says that it has copied.
const SAID_MS: i32 = 2_000;

pub fn listen() {
    dom::on(&dom::document(), "click", |event: Event| {
        let Some(button) = dom::around(&event, "[data-copy]") else { return };
        let Some(pre) = button.parent_element().and_then(|around| around.query_selector("pre").ok()?) else {
            return;
        };
        wasm_bindgen_futures::spawn_local(async move {
            let is_copied = copy(&pre.text_content().unwrap_or_default()).await;
            if !is_copied {
                select(&pre);
            }
            let said = if is_copied { "data-done" } else { "data-by-hand" };
            let before = button.text_content();
            dom::write(&button, &button.get_attribute(said).unwrap_or_default());
            dom::after(SAID_MS, move || dom::write(&button, before.as_deref().unwrap_or_default()));
        });
    });
}

/// Puts a text on the clipboard, where there is one: without TLS, browsers have none but for pages of their own machine.
async fn copy(text: &str) -> bool {
    let clipboard = Reflect::get(&dom::window().navigator(), &"clipboard".into());
    let Some(clipboard) = clipboard.ok().filter(JsValue::is_object) else { return false };
    JsFuture::from(clipboard.unchecked_into::<Clipboard>().write_text(text)).await.is_ok()
}

/// Selects a text, so that it can be copied by hand.
fn select(around: &Element) {
    if let Ok(Some(selection)) = dom::window().get_selection() {
        let _ = selection.select_all_children(around);
    }
}
