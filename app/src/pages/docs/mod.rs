//! The documentation as pages.

mod markdown;

use leptos::prelude::*;

use self::markdown::{Markup, write};
use crate::documents::{Doc, INDEX};
use crate::parts::copy_button;
use crate::reader::Reader;

/// A document, with the way to the others and to its own parts.
pub fn docs(reader: &Reader, doc: &Doc) -> AnyView {
    let text = reader.text();
    let Markup { html, parts } = write(doc.text, &copy_button(reader).to_html());
    // Its parts stand between its title and its text where there is no room beside them.
    let (title, rest) = html.split_at(html.find("</h1>").map_or(0, |end| end + "</h1>".len()));
    let has_parts = doc.name != INDEX && parts.len() > 1;
    let parts = parts
        .into_iter()
        .map(|(id, name)| view! { <li><a href=format!("#{id}")>{name}</a></li> })
        .collect_view();
    let others = (doc.name != INDEX).then(|| view! { <a class="inline" href="/docs">{text.frame.docs}</a> });
    let language = (!text.docs.in_english.is_empty()).then(|| view! { <span>{text.docs.in_english}</span> });
    view! {
        <div class="doc">
            <p class="doc-head">{others}{language}</p>
            <div class="doc-text doc-title" lang="en" inner_html=title.to_owned()></div>
            {has_parts.then(|| view! {
                <nav class="doc-parts" aria-labelledby="doc-parts-title" lang="en">
                    <p id="doc-parts-title" lang=reader.language.code()>{text.docs.parts}</p>
                    <ul>{parts}</ul>
                </nav>
            })}
            <article class="doc-text" lang="en" inner_html=rest.to_owned()></article>
        </div>
    }
    .into_any()
}
