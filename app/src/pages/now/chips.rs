//! The filters that hold, each with a way to take it away.

use leptos::prelude::*;
use vocabulary::view::View as Shown;
use vocabulary::wording;

use crate::parts::value_name;
use crate::reader::Reader;

/// A link for each filter; nothing where there is none.
pub fn chips(reader: &Reader, view: &Shown) -> Option<AnyView> {
    let text = &reader.text().now;
    let chips = view.filters.iter().map(|filter| {
        let value = value_name(reader, &wording::name(&filter.value));
        let name = reader.text().words.dimension(filter.dimension);
        let said = if filter.is_excluded { (text.filter_without)(name, &value) } else { format!("{name}: {value}") };
        let label = (text.remove_filter)(&said);
        view! { <li><a href=view.without(filter).address("/") aria-label=label>{said}" "<span aria-hidden="true">"✕"</span></a></li> }
    });
    let chips = chips.collect_view();
    (!view.filters.is_empty())
        .then(|| view! { <ul class="chips" aria-label=text.filters>{chips}</ul> }.into_any())
}
