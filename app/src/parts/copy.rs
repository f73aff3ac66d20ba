//! A button that copies a text.

use leptos::prelude::*;

/// Copies a text to the clipboard. Without JavaScript it does nothing, and the text can be selected.
#[component]
pub fn CopyButton(
    /// What is copied.
    text: String,
) -> impl IntoView {
    let (copied, set_copied) = signal(false);
    let copy = move |_| {
        let _ = window().navigator().clipboard().write_text(&text);
        set_copied.set(true);
    };
    view! {
        <button type="button" class="copy" on:click=copy>
            {move || if copied.get() { "Copied" } else { "Copy" }}
        </button>
    }
}
