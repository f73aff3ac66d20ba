//! A button that copies the lines beside it.

use leptos::prelude::*;

use crate::reader::Reader;

/// Copies what stands before it. Without scripts it is not there, and the lines can be selected.
pub fn copy_button(reader: &Reader) -> AnyView {
    let text = &reader.text().frame;
    view! { <button type="button" class="copy needs-scripts" data-copy="" data-done=text.copied data-by-hand=text.copy_by_hand>{text.copy}</button> }
        .into_any()
}
