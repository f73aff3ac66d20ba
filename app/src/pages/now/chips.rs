//! The filters that hold, each with a way to take it away.

use leptos::prelude::*;
use vocabulary::view::View as Shown;

use crate::parts::filter_name;
use crate::reader::Reader;

/// A link for each filter; nothing where there is none.
pub fn chips(reader: &Reader, view: &Shown) -> Option<AnyView> {
    let text = &reader.text().now;
    let chips = view.filters.iter().map(|filter| {
        let said = filter_name(reader, filter);
        let label = (text.remove_filter)(&said);
        view! { <li><a href=view.without(filter).address("/") aria-label=label>{said}" "<span aria-hidden="true">"✕"</span></a></li> }
    });
    let chips = chips.collect_view();
    (!view.filters.is_empty())
        .then(|| view! { <ul class="chips" aria-label=text.filters>{chips}</ul> }.into_any())
}
