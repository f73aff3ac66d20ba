//! The interface: pages rendered by the server, and the questions they ask from the browser.

use std::sync::{Arc, LazyLock};

use app::api::Questions;
use app::shell::{App, ShellAssets, shell};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use leptos::config::LeptosOptions;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::{
    AxumRouteListing, LeptosRoutes, ResponseOptions, generate_route_list, render_app_async_with_context,
};
use vocabulary::ProblemKind;

use super::callers::Peer;
use super::interface::Interface;
use super::services::Services;
use super::sessions::{ACCESS, END_SESSION};
use super::{Bundle, HttpError, api, headers, sessions, sign_in};
use crate::access::{Caller, Gate};

/// The pages there are. Looked for once: meanwhile leptos lets what any page of this process asks for wait, and never
/// wakes it (leptos-rs/leptos#4773).
static ROUTES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(App));

/// The paths of pages, and of what they ask and send.
pub fn paths() -> impl Iterator<Item = String> {
    let called = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned());
    let plain = [ACCESS, END_SESSION].map(str::to_owned);
    ROUTES.iter().map(|page| page.path().to_owned()).chain(plain).chain(called)
}

/// Routes of the interface, for people with a session.
pub fn router(services: &Services) -> Router {
    let bundle = services.bundle;
    let options =
        LeptosOptions::builder().output_name(bundle.name().unwrap_or("tacho")).site_pkg_dir("assets").build();
    let questions: Arc<dyn Questions> =
        Arc::new(Interface { dashboard: services.dashboard.clone(), commands: services.commands.clone() });
    let provide = move || {
        provide_context(questions.clone());
        let nonce = leptos::nonce::use_nonce();
        let policy = headers::content_security_policy(nonce.as_ref().map(|nonce| nonce.as_ref()));
        if let (Some(response), Ok(policy)) =
            (use_context::<ResponseOptions>(), HeaderValue::from_str(&policy))
        {
            response.insert_header(HeaderName::from_static("content-security-policy"), policy);
        }
    };
    let document_options = options.clone();
    let document = move || {
        let scripts = bundle.name().is_some();
        shell(document_options.clone(), ShellAssets { css: bundle.css_path(), scripts })
    };
    let not_found = render_app_async_with_context(provide.clone(), document.clone());
    let plain = Router::new()
        .route(ACCESS, get(sessions::page))
        .route(END_SESSION, post(sessions::end_by_form))
        .with_state(services.clone());
    Router::new()
        .leptos_routes_with_context(&options, ROUTES.clone(), provide, document)
        .fallback(move |request: Request| async move { (StatusCode::NOT_FOUND, not_found(request).await) })
        .with_state(options)
        .merge(plain)
        .layer(middleware::from_fn(api::surround))
        .layer(middleware::from_fn_with_state((services.gate.clone(), bundle), signed_in))
}

/// Lets people with a session through; others are told how to get one.
async fn signed_in(
    State((gate, bundle)): State<(Arc<Gate>, Bundle)>,
    request: Request,
    next: Next,
) -> Response {
    match gate.caller(request.method(), request.headers(), Peer::among(request.extensions())).await {
        Ok(Caller::Session) => next.run(request).await,
        Ok(Caller::Key(_)) => refuse(bundle, &request, "Keys are for /v1; pages need a sign-in link."),
        Err(error) if error.kind == ProblemKind::Unauthenticated => {
            refuse(bundle, &request, "Open the sign-in link that Tacho printed when it first started.")
        }
        Err(error) => HttpError::from(error).into_response(),
    }
}

fn refuse(bundle: Bundle, request: &Request, reason: &str) -> Response {
    let accept =
        request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if request.uri().path().starts_with("/api/") && !accept.contains("text/html") {
        let message = "the session has ended: open a new sign-in link";
        let error = HttpError::new(ProblemKind::Unauthenticated, "signed_out", message);
        return api::refusal(request.headers(), error);
    }
    sign_in::ask(bundle, StatusCode::UNAUTHORIZED, reason)
}
