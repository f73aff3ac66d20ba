//! A part of a page that asks the server: its answer, or why there is none, without taking others down.

use leptos::prelude::*;

use super::Erase;
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
    T: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static,
    D: Fn(T) -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let draw = move |latest: Signal<T>| {
        let draw = draw.clone();
        move || draw(latest.get())
    };
    view! { <Followed answer draw/> }
}

/// Draws once there is an answer, and hands over what follows it: for what is made once and must keep its
/// elements, such as a list with forms in it.
#[component]
pub fn Followed<T, D, V>(
    /// The question's answer.
    answer: Resource<Result<T, ApiError>>,
    /// Draws it, once.
    draw: D,
) -> impl IntoView
where
    T: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static,
    D: Fn(Signal<T>) -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    view! {
        <Transition fallback=|| view! { <p class="waiting" aria-busy="true">"…"</p> }>
            {
                // Made in here, so that the server waits for the answer before it sends the page.
                let latest = Memo::new(move |before: Option<&Option<T>>| match answer.get() {
                    Some(Ok(value)) => Some(value),
                    _ => before.cloned().flatten(),
                });
                let failure = Memo::new(move |_| answer.get().and_then(Result::err));
                let there = Memo::new(move |_| latest.with(Option::is_some));
                let draw = draw.clone();
                let drawn = move || {
                    there.get().then(|| latest.get_untracked()).flatten().map(|first| {
                        draw(Signal::derive(move || latest.get().unwrap_or_else(|| first.clone())))
                    })
                };
                let failed = move || {
                    failure.get().map(|error| view! { <Failure error retry=move || answer.refetch()/> })
                };
                (failed, drawn)
            }
        </Transition>
    }
    .erased()
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
