//! The interface: pages drawn by the server, one file each, and the forms on them.
//!
//! A page is a list of regions. A browser that has a page open asks for the same address again, and names what it has: what
//! is as before is not sent.

mod access;
mod alerts;
mod docs;
mod limits;
mod now;
mod page;
mod search;
mod submitted;
mod settings;
mod style;
mod tables;
mod visit;

use app::text::SignInReason;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{MethodRouter, get, post};
use vocabulary::ProblemKind;

use self::page::Page;
use self::visit::Visit;
use super::callers::Peer;
use super::services::Services;
use super::{HttpError, forms, sign_in};
use crate::access::Caller;

/// A form has a few fields.
const MOST_FORM_BYTES: usize = 64 * 1024;

/// Every page, what its forms send, and where former addresses lead.
fn routes() -> Vec<(&'static str, MethodRouter<Services>)> {
    vec![
        ("/", get(now::page)),
        (tables::USAGE, get(tables::usage)),
        ("/limits", get(limits::page).post(limits::save)),
        ("/limits/remove", sent_from("/limits", post(limits::remove))),
        ("/alerts", get(alerts::page)),
        ("/alerts/channels", sent_from("/alerts", post(alerts::add))),
        ("/alerts/channels/remove", sent_from("/alerts", post(alerts::remove))),
        ("/alerts/channels/enable", sent_from("/alerts", post(alerts::enable))),
        ("/alerts/channels/test", sent_from("/alerts", post(alerts::test))),
        ("/alerts/redeliver", sent_from("/alerts", post(alerts::redeliver))),
        ("/search", get(search::page)),
        ("/docs", get(docs::index)),
        ("/docs/{name}", get(docs::page)),
        ("/settings", get(settings::look)),
        ("/settings/look", sent_from("/settings", post(settings::save_look))),
        ("/settings/connect", get(settings::connect)),
        ("/settings/access", get(access::page)),
        ("/settings/access/end", sent_from("/settings/access", post(access::end))),
        ("/settings/health", get(settings::health)),
        ("/style", get(style::page)),
        ("/channels", get(|| async { Redirect::permanent("/alerts") })),
        ("/access", get(|| async { Redirect::permanent("/settings/access") })),
    ]
}

/// What a form sends; opened as a page, as after a refusal, its address leads to where the form is.
fn sent_from(page: &'static str, form: MethodRouter<Services>) -> MethodRouter<Services> {
    form.get(move || async move { Redirect::to(page) })
}

/// The paths of pages, and of what is sent from them.
pub fn paths() -> impl Iterator<Item = String> {
    routes().into_iter().map(|(path, _)| path.to_owned())
}

/// Routes of the interface, for people with a session.
pub fn router(services: &Services) -> Router {
    let router =
        routes().into_iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods));
    router
        .fallback(lost)
        .layer(DefaultBodyLimit::max(MOST_FORM_BYTES))
        .layer(middleware::from_fn_with_state(services.clone(), signed_in))
        .with_state(services.clone())
}

/// Lets people with a session through; others are told how to get one.
async fn signed_in(State(services): State<Services>, request: Request, next: Next) -> Response {
    let (method, headers) = (request.method(), request.headers());
    match services.gate.caller(method, headers, Peer::among(request.extensions())).await {
        Ok(Caller::Session) => next.run(request).await,
        Ok(Caller::Key(_)) => refuse(&services, headers, SignInReason::Key),
        Err(error) if error.kind == ProblemKind::Unauthenticated => {
            refuse(&services, headers, SignInReason::NoSession)
        }
        Err(error) => HttpError::from(error).into_response(),
    }
}

/// A person is shown how to sign in; a program is told that this is not for it.
fn refuse(services: &Services, headers: &HeaderMap, reason: SignInReason) -> Response {
    if forms::wants_page(headers) {
        return sign_in::ask(services.bundle, headers, StatusCode::UNAUTHORIZED, reason);
    }
    let message = "pages are for people with a session: open a sign-in link; programs ask under /v1";
    HttpError::new(ProblemKind::Unauthenticated, "signed_out", message).into_response()
}

async fn lost(State(services): State<Services>, visit: Visit, headers: HeaderMap) -> Response {
    if !forms::wants_page(&headers) && headers.contains_key(header::ACCEPT) {
        let message = "there is no such page; docs/api.md lists what programs can ask";
        return HttpError::new(ProblemKind::NotFound, "no_such_path", message).into_response();
    }
    let reader = visit.reader(&services.dashboard, None);
    let title = reader.text().frame.not_found.to_owned();
    let lost = app::pages::lost::lost(&reader);
    let page = Page::new(&visit, title).with("lost", lost).of_status(StatusCode::NOT_FOUND);
    page.response(&services, reader).await
}
