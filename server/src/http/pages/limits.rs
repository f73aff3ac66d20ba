//! The page of limits, and its forms.

use app::api::limits::LimitForm;
use app::frame::Section;
use app::pages::{head, limits as drawn};
use axum::Extension;
use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use vocabulary::Problem;

use super::super::callers::Peer;
use super::super::forms::fields;
use super::super::services::Services;
use super::page::{Page, html};
use super::visit::Visit;
use crate::store::Author;

/// The id of what a form is about.
#[derive(Debug, Deserialize)]
pub struct Id {
    pub id: String,
}

/// `GET /limits`
pub async fn page(State(services): State<Services>, visit: Visit) -> Response {
    show(&services, &visit, None).await
}

/// The page, with why what was sent is refused.
async fn show(services: &Services, visit: &Visit, refusal: Option<Problem>) -> Response {
    let reader = visit.reader(&services.dashboard, None);
    let text = reader.text();
    let mut page = Page::new(visit, text.frame.limits.to_owned()).at(Section::Limits).refused(refusal);
    page = page.with("head", head(text.frame.limits, text.limits.lead));
    page = match services.dashboard.limits_page().await {
        Ok(limits) => page
            .with("add", drawn::add(&reader, &limits))
            .with_drawn("list", Ok(html(drawn::list(&reader, &limits)))),
        // What somebody is filling in stays.
        Err(problem) => page.with_kept("add").with_drawn("list", Err(problem)),
    };
    page.response(services, reader).await
}

/// `POST /limits`: adds a limit, or changes the one whose id the form carries.
pub async fn save(
    State(services): State<Services>,
    Extension(Peer(address)): Extension<Peer>,
    visit: Visit,
    form: Result<Form<LimitForm>, FormRejection>,
) -> Response {
    let taken =
        async { services.commands.take_limit_form(fields(form)?, Author::person(Some(address))).await };
    match taken.await {
        Ok(()) => Redirect::to("/limits").into_response(),
        Err(problem) => show(&services, &visit, Some(problem)).await,
    }
}

/// `POST /limits/remove`
pub async fn remove(
    State(services): State<Services>,
    Extension(Peer(address)): Extension<Peer>,
    visit: Visit,
    form: Result<Form<Id>, FormRejection>,
) -> Response {
    let taken =
        async { services.commands.delete_limit(&fields(form)?.id, Author::person(Some(address))).await };
    match taken.await {
        Ok(()) => Redirect::to("/limits").into_response(),
        Err(problem) => show(&services, &visit, Some(problem)).await,
    }
}
