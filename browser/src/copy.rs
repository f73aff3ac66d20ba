//! Buttons that copy what stands beside them.

use wasm_bindgen_futures::JsFuture;
use web_sys::Event;

use super::dom;

/// How long a button says that it has copied.
const SAID_MS: i32 = 2_000;

pub fn listen() {
    dom::on(&dom::document(), "click", |event: Event| {
        let Some(button) = dom::around(&event, "[data-copy]") else { return };
        let Some(text) = button
            .parent_element()
            .and_then(|around| around.query_selector("pre").ok()?)
            .and_then(|pre| pre.text_content())
        else {
            return;
        };
        wasm_bindgen_futures::spawn_local(async move {
            // Without TLS there is no clipboard; the text is selected, so that it can be copied by hand.
            let is_copied =
                JsFuture::from(dom::window().navigator().clipboard().write_text(&text)).await.is_ok();
            let said = if is_copied { "data-done" } else { "data-by-hand" };
            let before = button.text_content();
            dom::write(&button, &button.get_attribute(said).unwrap_or_default());
            dom::after(SAID_MS, move || dom::write(&button, before.as_deref().unwrap_or_default()));
        });
    });
}
