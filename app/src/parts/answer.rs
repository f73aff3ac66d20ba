//! A part of a page that asks the server: its answer, or why there is none, without taking others down.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use codee::binary::PostcardCodec;
use futures::channel::oneshot;
use futures::future::{Either, select};
use leptos::prelude::*;

use super::Erase;
use crate::api::question::ask;
use crate::api::{ApiError, Question, Replied, Reply};

/// How long a page waits for an answer. A question is given up by the server long before.
const DEADLINE: Duration = Duration::from_secs(20);

/// The replies to all that a page asks together, asked again when a question changes and when it is time.
type Fetched = Resource<Result<Vec<Replied>, ApiError>, PostcardCodec>;

/// What a page asks at once: one request, whatever it asks.
#[derive(Clone, Copy)]
pub struct Asking(Fetched);

/// One question, and the answer to it once that is there.
pub struct Asked<T> {
    replies: Fetched,
    place: usize,
    answer: PhantomData<fn() -> T>,
}

impl<T> Clone for Asked<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Asked<T> {}

/// Asks questions, again when one of them changes and whenever `again` does.
pub fn asking(
    questions: impl Fn() -> Vec<Question> + Send + Sync + 'static,
    again: impl Fn() -> u32 + Send + Sync + 'static,
) -> Asking {
    let questions = Signal::derive(move || (questions(), again()));
    Asking(Resource::new_with_options(
        move || questions.get(),
        |(questions, _)| ask_in_time(questions),
        false,
    ))
}

/// Asks, and gives up an answer that does not come: behind a connection that is dead without having ended, the page would
/// wait for ever, and ask nothing else.
async fn ask_in_time(questions: Vec<Question>) -> Result<Vec<Replied>, ApiError> {
    if is_server() {
        return ask(questions).await;
    }
    let (on_its_way, gives_up) = oneshot::channel::<()>();
    set_timeout(move || drop(on_its_way), DEADLINE);
    match select(Box::pin(ask(questions)), gives_up).await {
        Either::Left((replies, _)) => replies,
        Either::Right(_) => Err(ApiError::late()),
    }
}

impl Asking {
    /// The question at a place among those that are asked.
    pub fn question<T: TryFrom<Reply, Error = ApiError>>(self, place: usize) -> Asked<T> {
        Asked { replies: self.0, place, answer: PhantomData }
    }
}

/// Asks one question, again when it changes and whenever `again` does.
pub fn asked<T: TryFrom<Reply, Error = ApiError>>(
    question: impl Fn() -> Question + Send + Sync + 'static,
    again: impl Fn() -> u32 + Send + Sync + 'static,
) -> Asked<T> {
    asking(move || vec![question()], again).question(0)
}

/// Shows an answer once it is there; while a newer one is fetched, the old one stays.
#[component]
pub fn Answered<T, V>(
    /// The question.
    to: Asked<T>,
    draw: impl Fn(T) -> V + Send + Sync + 'static,
) -> impl IntoView
where
    T: TryFrom<Reply, Error = ApiError> + 'static,
    V: IntoView + 'static,
{
    let draw: Arc<DrawReply> = Arc::new(move |reply| Some(draw(T::try_from(reply).ok()?).erased()));
    follow(to.replies, to.place, Arc::new(move |latest| Some(redrawn(latest, draw.clone()))))
}

/// Draws once there is an answer, and hands over what follows it: for what is made once and must keep its
/// elements, such as a list with forms in it.
#[component]
pub fn Followed<T, V>(
    /// The question.
    to: Asked<T>,
    /// Draws its answer, once.
    draw: impl Fn(Signal<T>) -> V + Send + Sync + 'static,
) -> impl IntoView
where
    T: TryFrom<Reply, Error = ApiError> + Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let draw = move |latest: Latest| {
        let answer = move |reply: Option<Reply>| T::try_from(reply?).ok();
        let first = answer(latest.get_untracked())?;
        let answer = Signal::derive(move || answer(latest.get()).unwrap_or_else(|| first.clone()));
        Some(draw(answer).erased())
    };
    follow(to.replies, to.place, Arc::new(draw))
}

// What follows knows no type of answer, so there is one of each in the bundle.

/// The latest reply that is an answer.
type Latest = Memo<Option<Reply>>;
type DrawReply = dyn Fn(Reply) -> Option<AnyView> + Send + Sync;
type DrawLatest = dyn Fn(Latest) -> Option<AnyView> + Send + Sync;

fn redrawn(latest: Latest, draw: Arc<DrawReply>) -> AnyView {
    (move || latest.get().and_then(|reply| draw(reply))).erased()
}

/// Waits for the first reply and draws it once; says when the latest one has failed.
fn follow(replies: Fetched, place: usize, draw: Arc<DrawLatest>) -> AnyView {
    view! {
        <Transition fallback=|| view! { <p class="waiting" aria-busy="true">"…"</p> }>
            {
                // Made in here, so that the server waits for the answer before it sends the page.
                let reply = move || replies.with(|replies| match replies.as_ref()? {
                    Ok(replies) => replies.get(place).cloned(),
                    Err(error) => Some(Err(error.clone())),
                });
                let latest = Memo::new(move |before: Option<&Option<Reply>>| match reply() {
                    Some(Ok(reply)) => Some(reply),
                    _ => before.cloned().flatten(),
                });
                let failure = Memo::new(move |_| reply().and_then(Result::err));
                let there = Memo::new(move |_| latest.with(Option::is_some));
                let draw = draw.clone();
                let drawn = move || if there.get() { draw(latest) } else { None };
                let failed = move || {
                    failure.get().map(|error| view! { <Failure error retry=move || replies.refetch()/> })
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
