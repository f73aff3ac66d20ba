//! Figures: the number in the cockpit's typeface, its unit smaller.

use leptos::prelude::*;

/// A number with its unit, as [`Reader`](crate::reader::Reader) writes it: what follows the no-break space is the unit.
pub fn figure(text: &str) -> AnyView {
    // What says that it is a lower bound is no part of the number.
    if let Some(number) = text.strip_prefix("≥\u{a0}") {
        return view! { <span class="bound">"≥\u{a0}"</span>{figure(number)} }.into_any();
    }
    match text.rsplit_once('\u{a0}') {
        Some((number, unit)) if !number.is_empty() => {
            view! { <b class="figure">{number.to_owned()}<i>{format!("\u{a0}{unit}")}</i></b> }.into_any()
        }
        _ => view! { <b class="figure">{text.to_owned()}</b> }.into_any(),
    }
}
