//! The interface's questions, answered.

use std::sync::Arc;

use app::api::channels::ChannelForm;
use app::api::limits::LimitForm;
use app::api::{Answer, ApiError, Question, Questions, Replied, Reply};
use axum::http::header::ACCEPT;
use axum::http::request::Parts;
use futures::future::join_all;
use leptos::prelude::use_context;
use vocabulary::{Problem, wording};

use super::{Peer, api};
use crate::commands::Commands;
use crate::commands::channels::{ChannelEdit, NewChannel};
use crate::dashboard::Dashboard;
use crate::store::Author;

/// Questions that a page asks at once at most; the overview asks seven.
const MOST_QUESTIONS: usize = 16;

/// The interface, as pages ask it.
pub struct Interface {
    /// Answers.
    pub dashboard: Arc<Dashboard>,
    /// Carries out what forms say.
    pub commands: Arc<Commands>,
}

impl Questions for Interface {
    fn ask(&self, questions: Vec<Question>) -> Answer<'_, Vec<Replied>> {
        Box::pin(async move {
            if questions.len() > MOST_QUESTIONS {
                let message =
                    format!("a page asks {MOST_QUESTIONS} questions at once at most; load it again");
                return Err(refused(Problem::invalid("malformed_question", message)));
            }
            let is_open = use_context::<Parts>().is_some_and(|request| request.uri.path() == api::ASK);
            Ok(join_all(questions.into_iter().map(|question| self.reply(question, is_open))).await)
        })
    }

    fn save_limit(&self, form: LimitForm) -> Answer<'_, ()> {
        Box::pin(async move { self.commands.take_limit_form(form, person()).await.map_err(refused) })
    }

    fn remove_limit(&self, id: String) -> Answer<'_, ()> {
        Box::pin(async move { self.commands.delete_limit(&id, person()).await.map_err(refused) })
    }

    fn add_channel(&self, form: ChannelForm) -> Answer<'_, String> {
        Box::pin(async move {
            let new = NewChannel { kind: "webhook".to_owned(), name: form.name, url: form.url };
            let added = self.commands.create_channel(new, person()).await.map_err(refused)?;
            Ok(self.commands.reveal_once(added))
        })
    }

    fn remove_channel(&self, id: String) -> Answer<'_, ()> {
        Box::pin(async move { self.commands.delete_channel(&id, person()).await.map_err(refused) })
    }

    fn enable_channel(&self, id: String, enabled: bool) -> Answer<'_, ()> {
        let edit = ChannelEdit { enabled: Some(enabled), ..ChannelEdit::default() };
        Box::pin(async move { self.commands.edit_channel(&id, edit, person()).await.map_err(refused) })
    }

    fn test_channel(&self, id: String) -> Answer<'_, ()> {
        Box::pin(async move { self.commands.send_test(&id, person()).await.map_err(refused) })
    }

    fn redeliver(&self, id: String) -> Answer<'_, ()> {
        Box::pin(async move { self.commands.deliver_again(&id, person()).await.map_err(refused) })
    }

    fn go_to(&self, path: &str) {
        leptos_axum::redirect(path);
    }

    fn go_back_to(&self, path: &str) {
        if is_plain_form() {
            leptos_axum::redirect(path);
        }
    }
}

impl Interface {
    async fn reply(&self, question: Question, is_open: bool) -> Replied {
        match question {
            Question::Secret(token) => {
                Ok(Reply::Secret(token.and_then(|token| self.commands.secret(&token))))
            }
            question if is_open => self.dashboard.reply_to_open_page(question).await.map_err(refused),
            question => self.dashboard.reply(question).await.map_err(refused),
        }
    }
}

/// Who has sent what is being answered: pages are for people.
fn person() -> Author {
    Author::person(use_context::<Parts>().as_ref().and_then(Peer::of))
}

/// A refusal as a page shows it. Its status follows from its kind where the answer leaves (`api`).
fn refused(problem: Problem) -> ApiError {
    let error = ApiError::from(problem);
    ApiError { message: wording::passage(&error.message), ..error }
}

/// Whether the request is a form that was sent without JavaScript: it wants a page.
fn is_plain_form() -> bool {
    let accept = use_context::<Parts>().and_then(|request| request.headers.get(ACCEPT).cloned());
    accept.is_some_and(|accept| accept.to_str().is_ok_and(|accept| accept.contains("text/html")))
}
