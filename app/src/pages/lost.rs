//! Where there is no page.

use leptos::prelude::*;

use super::search::search_field;
use crate::reader::Reader;

/// Says so, and where to go.
pub fn lost(reader: &Reader) -> AnyView {
    let text = &reader.text().frame;
    view! {
        <h1>{text.not_found}</h1>
        <p>{text.not_found_note}" "<a class="inline" href="/">{text.now}</a>", "<a class="inline" href="/docs">{text.docs}</a></p>
        {search_field(reader, "")}
    }
    .into_any()
}
