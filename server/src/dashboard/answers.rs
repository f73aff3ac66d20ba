//! The interface's questions, answered.

use app::api::channels::ChannelForm;
use app::api::limits::LimitForm;
use app::api::{Answer, ApiError, Question, Questions, Reply};
use axum::http::header::ACCEPT;
use axum::http::request::Parts;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use vocabulary::wording;

use super::channels::{ChannelEdit, NewChannel};
use super::shown::shown;
use super::{Dashboard, not_answered};
use crate::http::{HttpError, Peer};
use crate::store::Author;
use crate::watch::standings::Pick;

/// Limits whose worst standing the overview is told: it shows a dozen, and counts the others.
const SHOWN: Pick = Pick::OfEach { each: 1, most: 50 };
/// Transitions on the overview.
const FEED_LENGTH: u32 = 20;

impl Questions for Dashboard {
    fn ask(&self, question: Question) -> Answer<'_, Reply> {
        Box::pin(async move {
            Ok(shown(match question {
                Question::Setup => Reply::Setup(self.read_setup().await.map_err(not_answered)?),
                Question::Standings => Reply::Standings(self.read_standings(SHOWN).standings),
                Question::Chart(chart) => Reply::Chart(self.read_chart(&chart).await.map_err(not_answered)?),
                Question::Breakdown(breakdown) => {
                    Reply::Breakdown(self.read_breakdown(&breakdown).await.map_err(not_answered)?)
                }
                Question::Policies(policies) => {
                    Reply::Policies(self.answer_policies(&policies).await.map_err(not_answered)?)
                }
                Question::Feed => Reply::Feed(self.feed_lines(FEED_LENGTH).await.map_err(not_answered)?),
                Question::Limits => Reply::Limits(self.limits_page().await?),
                Question::LimitStandings => Reply::Standings(self.limit_standings().await?),
                Question::Channels => Reply::Channels(self.channels_page().await?),
                Question::Secret(token) => Reply::Secret(token.and_then(|token| self.secret(&token))),
            }))
        })
    }

    fn save_limit(&self, form: LimitForm) -> Answer<'_, ()> {
        Box::pin(async move { self.take_limit_form(form, person()).await.map_err(refused) })
    }

    fn remove_limit(&self, id: String) -> Answer<'_, ()> {
        Box::pin(async move { self.delete_limit(&id, person()).await.map_err(refused) })
    }

    fn add_channel(&self, form: ChannelForm) -> Answer<'_, String> {
        Box::pin(async move {
            let new = NewChannel { kind: "webhook".to_owned(), name: form.name, url: form.url };
            let added = self.create_channel(new, person()).await.map_err(refused)?;
            Ok(self.reveal_once(added))
        })
    }

    fn remove_channel(&self, id: String) -> Answer<'_, ()> {
        Box::pin(async move { self.delete_channel(&id, person()).await.map_err(refused) })
    }

    fn enable_channel(&self, id: String, enabled: bool) -> Answer<'_, ()> {
        let edit = ChannelEdit { enabled: Some(enabled), ..ChannelEdit::default() };
        Box::pin(async move { self.edit_channel(&id, edit, person()).await.map_err(refused) })
    }

    fn test_channel(&self, id: String) -> Answer<'_, ()> {
        Box::pin(async move { self.send_test(&id, person()).await.map_err(refused) })
    }

    fn redeliver(&self, id: String) -> Answer<'_, ()> {
        Box::pin(async move { self.deliver_again(&id, person()).await.map_err(refused) })
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

/// Who has sent what is being answered: pages are for people.
fn person() -> Author {
    Author::person(use_context::<Parts>().as_ref().and_then(Peer::of))
}

/// Gives a refusal the status it has under `/v1`; left alone, Leptos answers 500. A form that was sent without
/// JavaScript is answered with a redirect to its page, which shows the refusal.
fn refused(error: ApiError) -> ApiError {
    if let Some(response) = use_context::<ResponseOptions>().filter(|_| !is_plain_form()) {
        response.set_status(HttpError::from(error.clone()).status);
    }
    ApiError { message: wording::passage(&error.message), ..error }
}

/// Whether the request is a form that was sent without JavaScript: it wants a page.
fn is_plain_form() -> bool {
    let accept = use_context::<Parts>().and_then(|request| request.headers.get(ACCEPT).cloned());
    accept.is_some_and(|accept| accept.to_str().is_ok_and(|accept| accept.contains("text/html")))
}
