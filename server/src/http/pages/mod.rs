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
        ("/limits/remove", post(limits::remove)),
        ("/alerts", get(alerts::page)),
        ("/alerts/channels", post(alerts::add)),
        ("/alerts/channels/remove", post(alerts::remove)),
        ("/alerts/channels/enable", post(alerts::enable)),
        ("/alerts/channels/test", post(alerts::test)),
        ("/alerts/redeliver", post(alerts::redeliver)),
        ("/search", get(search::page)),
        ("/docs", get(docs::index)),
        ("/docs/{name}", get(docs::page)),
        ("/settings", get(settings::look)),
        ("/settings/look", post(settings::save_look)),
        ("/settings/connect", get(settings::connect)),
        ("/settings/access", get(access::page)),
        ("/settings/access/end", post(access::end)),
        ("/settings/health", get(settings::health)),
        ("/style", get(style::page)),
        ("/channels", get(|| async { Redirect::permanent("/alerts") })),
        ("/access", get(|| async { Redirect::permanent("/settings/access") })),
    ]
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
        .method_not_allowed_fallback(no_page)
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
    nothing_here(&services, &visit, StatusCode::NOT_FOUND).await
}

/// Where a form is sent to, opened as a page: after a refusal it is in the browser's bar of addresses.
async fn no_page(State(services): State<Services>, visit: Visit, headers: HeaderMap) -> Response {
    if !forms::wants_page(&headers) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    nothing_here(&services, &visit, StatusCode::METHOD_NOT_ALLOWED).await
}

async fn nothing_here(services: &Services, visit: &Visit, status: StatusCode) -> Response {
    let reader = visit.reader(&services.dashboard);
    let title = reader.text().frame.not_found.to_owned();
    let page = Page::new(visit, title).with("lost", app::pages::lost::lost(&reader)).of_status(status);
    page.response(services, reader).await
}
