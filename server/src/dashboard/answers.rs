//! The interface's questions, answered.

use app::api::alerts::Feed;
use app::api::breakdown::{Breakdown, BreakdownQuestion};
use app::api::channels::{ChannelForm, ChannelsPage};
use app::api::chart::{Chart, ChartQuestion};
use app::api::limits::{LimitForm, LimitsPage};
use app::api::setup::Setup;
use app::api::standing::Standings;
use app::api::{Answer, ApiError, Managing, Reading};
use axum::http::header::ACCEPT;
use axum::http::request::Parts;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use super::channels::{ChannelEdit, NewChannel};
use super::{Dashboard, not_answered};
use crate::http::HttpError;

/// Transitions on the overview.
const FEED_LENGTH: u32 = 20;

impl Reading for Dashboard {
    fn setup(&self) -> Answer<'_, Setup> {
        Box::pin(async { self.read_setup().await.map_err(not_answered) })
    }

    fn standings(&self) -> Answer<'_, Standings> {
        Box::pin(async { Ok(self.read_standings()) })
    }

    fn chart(&self, question: ChartQuestion) -> Answer<'_, Chart> {
        Box::pin(async move { self.read_chart(&question).await.map_err(not_answered) })
    }

    fn breakdown(&self, question: BreakdownQuestion) -> Answer<'_, Breakdown> {
        Box::pin(async move { self.read_breakdown(&question).await.map_err(not_answered) })
    }

    fn feed(&self) -> Answer<'_, Feed> {
        Box::pin(async { self.read_feed(FEED_LENGTH, None).await.map_err(not_answered) })
    }

    fn limits(&self) -> Answer<'_, LimitsPage> {
        Box::pin(self.limits_page())
    }

    fn channels(&self, reveal: Option<String>) -> Answer<'_, ChannelsPage> {
        Box::pin(self.channels_page(reveal))
    }
}

impl Managing for Dashboard {
    fn save_limit(&self, form: LimitForm) -> Answer<'_, ()> {
        Box::pin(async move { self.take_limit_form(form).await.map_err(refused) })
    }

    fn remove_limit(&self, id: String) -> Answer<'_, ()> {
        Box::pin(async move { self.delete_limit(&id).await.map_err(refused) })
    }

    fn add_channel(&self, form: ChannelForm) -> Answer<'_, String> {
        Box::pin(async move {
            let new = NewChannel { kind: "webhook".to_owned(), name: form.name, url: form.url };
            let added = self.create_channel(new).await.map_err(refused)?;
            Ok(self.reveal_once(added))
        })
    }

    fn remove_channel(&self, id: String) -> Answer<'_, ()> {
        Box::pin(async move { self.delete_channel(&id).await.map_err(refused) })
    }

    fn enable_channel(&self, id: String, enabled: bool) -> Answer<'_, ()> {
        let edit = ChannelEdit { enabled: Some(enabled), ..ChannelEdit::default() };
        Box::pin(async move { self.edit_channel(&id, edit).await.map_err(refused) })
    }

    fn test_channel(&self, id: String) -> Answer<'_, ()> {
        Box::pin(async move { self.send_test(&id).await.map_err(refused) })
    }

    fn redeliver(&self, id: String) -> Answer<'_, ()> {
        Box::pin(async move { self.deliver_again(&id).await.map_err(refused) })
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

/// Gives a refusal the status it has under `/v1`; left alone, Leptos answers 500. A form that was sent without
/// JavaScript is answered with a redirect to its page, which shows the refusal.
fn refused(error: ApiError) -> ApiError {
    if let Some(response) = use_context::<ResponseOptions>().filter(|_| !is_plain_form()) {
        response.set_status(HttpError::from(error.clone()).status);
    }
    error
}

/// Whether the request is a form that was sent without JavaScript: it wants a page.
fn is_plain_form() -> bool {
    let accept = use_context::<Parts>().and_then(|request| request.headers.get(ACCEPT).cloned());
    accept.is_some_and(|accept| accept.to_str().is_ok_and(|accept| accept.contains("text/html")))
}
