//! One file or folder per page.

pub mod alerts;
pub mod docs;
pub mod limits;
pub mod lost;
pub mod now;
pub mod search;
pub mod settings;
pub mod sign_in;
pub mod style;

use leptos::prelude::*;

/// The heading of a page, and what it is about.
pub fn head(title: &str, lead: &str) -> AnyView {
    let lead = (!lead.is_empty()).then(|| self::lead(lead));
    view! { <h1>{title.to_owned()}</h1>{lead} }.into_any()
}

/// Where a form says why it was refused: nothing as long as it was not.
pub fn refusal(why: Option<&str>) -> AnyView {
    let said = why.map(|why| view! { <p class="notice failure" role="alert">{why.to_owned()}</p> });
    view! { <div class="refusal">{said}</div> }.into_any()
}

/// What a page or a part of it is about.
pub fn lead(text: &str) -> AnyView {
    view! { <p class="lead">{text.to_owned()}</p> }.into_any()
}
