//! Lists whose elements stay what they are: what is open or typed in an item remains with it while the list
//! around it changes.

use leptos::prelude::*;

use super::Erase;

/// Draws items by their key.
#[component]
pub fn Items<T, D, V>(
    /// The items, in order.
    items: Signal<Vec<T>>,
    /// What tells one from another.
    key: fn(&T) -> String,
    /// Draws one, again whenever it has changed.
    draw: D,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    D: Fn(T) -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let child = move |first: T| {
        let own = key(&first);
        let item = Memo::new(move |_| {
            let now = items.with(|items| items.iter().find(|item| key(item) == own).cloned());
            now.unwrap_or_else(|| first.clone())
        });
        let draw = draw.clone();
        move || draw(item.get())
    };
    view! { <For each=move || items.get() key=move |item| key(item) children=child/> }.erased()
}
