//! Every route.

use axum::routing::{MethodRouter, any, delete, get, patch, post};
use axum::{Router, middleware};
use vocabulary::ProblemKind;

use super::services::Services;
use super::{
    HttpError, assets, channels, compression, corrections, events, health, limits, live, pages, series,
    sessions, sign_in, uri,
};

/// Every route that programs, health checks and sign-in use. Each handler says by its extractors who may; a route that is
/// added here fails `tests/it/security/authorization.rs` until that says so, too.
fn routes() -> Vec<(&'static str, MethodRouter<Services>)> {
    vec![
        ("/v1/events", post(events::post).get(events::get)),
        ("/v1/events/correct", post(corrections::correct).delete(corrections::delete_correct)),
        ("/v1/events/{id}", delete(corrections::delete)),
        ("/v1/audit", get(corrections::audit)),
        ("/v1/series", get(series::series)),
        ("/v1/alerts", get(series::alerts)),
        ("/v1/policies", get(series::policies)),
        ("/v1/health", get(series::health)),
        ("/v1/limits", get(limits::list).post(limits::add)),
        ("/v1/limits/status", get(limits::status)),
        ("/v1/limits/{id}/history", get(limits::history)),
        ("/v1/limits/{id}", patch(limits::change).delete(limits::remove)),
        ("/v1/channels", get(channels::list).post(channels::add)),
        ("/v1/channels/{id}", patch(channels::change).delete(channels::remove)),
        ("/v1/channels/{id}/test", post(channels::test)),
        ("/v1/deliveries", get(channels::deliveries)),
        ("/v1/deliveries/{id}/redeliver", post(channels::redeliver)),
        ("/v1/live", get(live::live)),
        ("/v1/access/sessions", get(sessions::list)),
        ("/v1/access/sessions/{id}", delete(sessions::end)),
        ("/v1/{*rest}", any(unknown)),
        ("/healthz", get(health::alive)),
        ("/readyz", get(health::ready)),
        ("/sign-in", get(sign_in::open)),
        ("/sign-out", post(sign_in::close)),
    ]
}

/// The paths of every route, of pages and of what they call, as `/v1/limits/{id}`; without the proxy's.
pub fn paths() -> Vec<String> {
    let routes = routes().into_iter().map(|(path, _)| path.to_owned());
    routes.chain([assets::PATH.to_owned()]).chain(pages::paths()).collect()
}

/// Tacho as HTTP, but for the proxy.
pub fn router(services: Services) -> Router {
    let router =
        routes().into_iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods));
    router
        .with_state(services.clone())
        .merge(pages::router(&services))
        .layer(compression::layer())
        // Compressed already, when they were built.
        .merge(assets::router(services.bundle))
        .layer(middleware::from_fn(uri::bound))
}

async fn unknown(uri: http::Uri) -> HttpError {
    HttpError::new(
        ProblemKind::NotFound,
        "no_such_path",
        format!("there is nothing at {}; docs/api.md lists what there is", uri.path()),
    )
}
