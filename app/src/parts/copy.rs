//! A button that copies a text.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// Copies a text to the clipboard, and says whether that worked. Without JavaScript it does nothing, and the text
/// can be selected.
#[component]
pub fn CopyButton(
    /// What is copied.
    text: String,
) -> impl IntoView {
    let said = RwSignal::new("Copy");
    let copy = move |_| {
        let text = text.clone();
        spawn_local(async move {
            let copied = copy_to_clipboard(&text).await;
            said.try_set(if copied { "Copied" } else { "Select it and copy" });
        });
    };
    view! { <button type="button" class="copy" on:click=copy>{said}</button> }
}

/// False when the browser does not let it: over plain http from another machine there is no clipboard.
async fn copy_to_clipboard(text: &str) -> bool {
    let clipboard = window().navigator().clipboard();
    let there = !AsRef::<JsValue>::as_ref(&clipboard).is_undefined();
    there && JsFuture::from(clipboard.write_text(text)).await.is_ok()
}
