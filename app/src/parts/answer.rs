//! A part of a page that asks the server: its answer, or why there is none, without taking others down.

use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use crate::api::ApiError;

/// Shows an answer once it is there; while a newer one is fetched, the old one stays.
#[component]
pub fn Answered<T, V>(
    /// The question's answer.
    answer: Resource<Result<T, ApiError>>,
    /// Draws it.
    draw: fn(T) -> V,
) -> impl IntoView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    V: IntoView + 'static,
{
    view! {
        <Transition fallback=|| view! { <p class="waiting" aria-busy="true">"…"</p> }>
            {move || Suspend::new(async move {
                match answer.await {
                    Ok(value) => draw(value).into_any(),
                    Err(error) => view! {
                        <div class="failure" role="alert">
                            <p>{error.message}</p>
                            <button type="button" on:click=move |_| answer.refetch()>"Try again"</button>
                        </div>
                    }
                    .into_any(),
                }
            })}
        </Transition>
    }
}
