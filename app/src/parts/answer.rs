//! A part of a page that asks the server: its answer, or why there is none, without taking others down.

use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use crate::api::ApiError;

/// Shows an answer once it is there; while a newer one is fetched, the old one stays.
#[component]
pub fn Answered<T, D, V>(
    /// The question's answer.
    answer: Resource<Result<T, ApiError>>,
    /// Draws it.
    draw: D,
) -> impl IntoView
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    D: Fn(T) -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    view! {
        <Transition fallback=|| view! { <p class="waiting" aria-busy="true">"…"</p> }>
            {move || {
                let draw = draw.clone();
                Suspend::new(async move {
                    match answer.await {
                        Ok(value) => draw(value).into_any(),
                        Err(error) => view! { <Failure error retry=move || answer.refetch()/> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
    .into_any()
}

/// Why a question has no answer, and a way to ask again.
#[component]
fn Failure(error: ApiError, retry: impl Fn() + 'static) -> impl IntoView {
    view! {
        <div class="failure" role="alert">
            <p>{error.message}</p>
            <button type="button" on:click=move |_| retry()>"Try again"</button>
        </div>
    }
}
