//! A part of a page that asks the server: its answer, or why there is none, without taking others down.

use std::marker::PhantomData;

use codee::binary::PostcardCodec;
use leptos::prelude::*;

use super::Erase;
use crate::api::question::ask;
use crate::api::{ApiError, Question, Reply};

/// The reply to a question, asked again when the question changes and when it is time.
type Replied = Resource<Result<Reply, ApiError>, PostcardCodec>;

/// A question, and the answer to it once that is there.
pub struct Asked<T> {
    reply: Replied,
    answer: PhantomData<fn() -> T>,
}

impl<T> Clone for Asked<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Asked<T> {}

/// Asks a question, again when it changes and whenever `again` does.
pub fn asked<T: TryFrom<Reply, Error = ApiError>>(
    question: impl Fn() -> Question + Send + Sync + 'static,
    again: impl Fn() -> u32 + Send + Sync + 'static,
) -> Asked<T> {
    Asked { reply: fetch(Signal::derive(move || (question(), again()))), answer: PhantomData }
}

fn fetch(question: Signal<(Question, u32)>) -> Replied {
    Resource::new_with_options(move || question.get(), |(question, _)| ask(question), false)
}

/// Shows an answer once it is there; while a newer one is fetched, the old one stays.
#[component]
pub fn Answered<T, D, V>(
    /// The question.
    to: Asked<T>,
    /// Draws its answer.
    draw: D,
) -> impl IntoView
where
    T: TryFrom<Reply, Error = ApiError> + Clone + PartialEq + Send + Sync + 'static,
    D: Fn(T) -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let draw = move |latest: Signal<T>| {
        let draw = draw.clone();
        move || draw(latest.get())
    };
    view! { <Followed to draw/> }
}

/// Draws once there is an answer, and hands over what follows it: for what is made once and must keep its
/// elements, such as a list with forms in it.
#[component]
pub fn Followed<T, D, V>(
    /// The question.
    to: Asked<T>,
    /// Draws its answer, once.
    draw: D,
) -> impl IntoView
where
    T: TryFrom<Reply, Error = ApiError> + Clone + PartialEq + Send + Sync + 'static,
    D: Fn(Signal<T>) -> V + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let reply = to.reply;
    let drawn = move || {
        let latest = Memo::new(move |before: Option<&Option<T>>| {
            let answer = reply.get().and_then(Result::ok).and_then(|reply| T::try_from(reply).ok());
            answer.or_else(|| before.cloned().flatten())
        });
        let there = Memo::new(move |_| latest.with(Option::is_some));
        let draw = draw.clone();
        let drawn = move || {
            there
                .get()
                .then(|| latest.get_untracked())
                .flatten()
                .map(|first| draw(Signal::derive(move || latest.get().unwrap_or_else(|| first.clone()))))
        };
        drawn.erased()
    };
    waiting(reply, Box::new(drawn))
}

/// Waits for the first reply, and says when the latest one has failed. `drawn` is made inside of what waits, so
/// that the server sends the page with the answer in it.
fn waiting(reply: Replied, drawn: Box<dyn Fn() -> AnyView + Send + Sync>) -> AnyView {
    view! {
        <Transition fallback=|| view! { <p class="waiting" aria-busy="true">"…"</p> }>
            {
                let failure = Memo::new(move |_| reply.get().and_then(Result::err));
                let failed = move || {
                    failure.get().map(|error| view! { <Failure error retry=move || reply.refetch()/> })
                };
                (failed, drawn())
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
