//! Every route, grouped by who calls it.

use std::sync::Arc;

use axum::extract::FromRef;
use axum::routing::{any, delete, get, patch, post};
use axum::{Router, middleware};
use http::StatusCode;

use super::{
    Bundle, HttpError, Live, Pace, assets, channels, corrections, events, health, limits, live, pages,
    series, sign_in, uri,
};
use crate::dashboard::Dashboard;
use crate::http::gate::Gate;
use crate::ingest::intake::Intake;
use crate::ingest::recorder::Recorder;
use crate::store::Store;

/// What the handlers use; each takes only its own part.
#[derive(Clone, FromRef)]
pub struct Parts {
    /// What browsers are sent beside pages.
    pub bundle: Bundle,
    /// Checks keys and sessions.
    pub gate: Arc<Gate>,
    /// Counts how often a key posts.
    pub pace: Arc<Pace>,
    /// Takes events in.
    pub intake: Arc<Intake>,
    /// Answers questions.
    pub dashboard: Arc<Dashboard>,
    /// Feeds the live stream.
    pub live: Arc<Live>,
    /// Tells whether anything can be stored.
    pub recorder: Recorder,
    /// Tells whether the database answers.
    pub store: Arc<dyn Store>,
}

/// Tacho as HTTP, but for the proxy.
pub fn router(parts: Parts) -> Router {
    let for_programs = Router::new()
        .route("/v1/events", post(events::post).get(events::get))
        .route("/v1/events/correct", post(corrections::correct).delete(corrections::delete_correct))
        .route("/v1/events/{id}", delete(corrections::delete))
        .route("/v1/audit", get(corrections::audit))
        .route("/v1/series", get(series::series))
        .route("/v1/alerts", get(series::alerts))
        .route("/v1/policies", get(series::policies))
        .route("/v1/health", get(series::health))
        .route("/v1/limits", get(limits::list).post(limits::add))
        .route("/v1/limits/status", get(limits::status))
        .route("/v1/limits/{id}/history", get(limits::history))
        .route("/v1/limits/{id}", patch(limits::change).delete(limits::remove))
        .route("/v1/channels", get(channels::list).post(channels::add))
        .route("/v1/channels/{id}", patch(channels::change).delete(channels::remove))
        .route("/v1/channels/{id}/test", post(channels::test))
        .route("/v1/deliveries", get(channels::deliveries))
        .route("/v1/deliveries/{id}/redeliver", post(channels::redeliver))
        .route("/v1/live", get(live::live))
        .route("/v1/{*rest}", any(unknown));
    let for_health_checks =
        Router::new().route("/healthz", get(health::alive)).route("/readyz", get(health::ready));
    let for_browsers =
        Router::new().route("/sign-in", get(sign_in::open)).route("/sign-out", post(sign_in::close));

    for_programs
        .merge(for_health_checks)
        .merge(for_browsers)
        .with_state(parts.clone())
        .merge(assets::router(parts.bundle))
        .merge(pages::router(&parts))
        .layer(middleware::from_fn(uri::bound))
}

async fn unknown(uri: http::Uri) -> HttpError {
    HttpError::new(
        StatusCode::NOT_FOUND,
        "no_such_path",
        format!("there is nothing at {}; see the README", uri.path()),
    )
}
