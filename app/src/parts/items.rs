//! Lists whose elements stay what they are: what is open or typed in an item remains with it while the list
//! around it changes.

use std::sync::Arc;

use leptos::prelude::*;

use super::Erase;

/// Draws items by their key.
#[component]
pub fn Items<T, V>(
    /// The items, in order.
    items: Signal<Vec<T>>,
    /// What tells one from another.
    key: fn(&T) -> String,
    /// Draws one, again whenever it has changed.
    draw: impl Fn(T) -> V + Send + Sync + 'static,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let draw = Arc::new(draw);
    let item = move |own: String| {
        let item = Memo::new(move |before: Option<&Option<T>>| {
            let now = items.with(|items| items.iter().find(|item| key(item) == own).cloned());
            now.or_else(|| before.cloned().flatten())
        });
        let draw = draw.clone();
        (move || item.get().map(|item| draw(item))).erased()
    };
    let keys = Signal::derive(move || items.with(|items| items.iter().map(key).collect()));
    by_key(keys, Arc::new(item))
}

/// The list, whatever its items are.
fn by_key(keys: Signal<Vec<String>>, item: Arc<dyn Fn(String) -> AnyView + Send + Sync>) -> AnyView {
    view! { <For each=move || keys.get() key=String::clone children=move |key| item(key)/> }.erased()
}
