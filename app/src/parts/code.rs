//! Sentences that hold words of programs.

use leptos::prelude::*;

/// A sentence in which what stands between backticks is set as code: names of fields, commands.
pub fn with_code(sentence: &str) -> AnyView {
    let pieces: Vec<&str> = sentence.split('`').collect();
    // One without another to close it is a mark like any other.
    if pieces.len().is_multiple_of(2) {
        return sentence.to_owned().into_any();
    }
    let set = pieces.into_iter().enumerate().map(|(place, piece)| match place % 2 {
        0 => piece.to_owned().into_any(),
        _ => view! { <code>{piece.to_owned()}</code> }.into_any(),
    });
    set.collect_view().into_any()
}
