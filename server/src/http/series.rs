//! `GET /v1/series`, `GET /v1/alerts`, `GET /v1/policies` and `GET /v1/health`: what the overview shows.

use std::sync::Arc;

use app::api::alerts::Feed;
use app::api::policies::PolicyReport;
use axum::Json;
use axum::extract::State;

use super::callers::Viewer;
use super::error::HttpError;
use super::question::RawQuestion;
use crate::dashboard::Dashboard;
use crate::dashboard::health::Health;
use crate::dashboard::series::TopGroups;

/// One measure over time.
pub async fn series(
    _: Viewer,
    State(dashboard): State<Arc<Dashboard>>,
    question: RawQuestion,
) -> Result<Json<TopGroups>, HttpError> {
    let question = question.series(dashboard.now_ms())?;
    Ok(Json(dashboard.read_series(&question).await?))
}

/// The latest alert transitions; with `state` only those that ended in it.
pub async fn alerts(
    _: Viewer,
    State(dashboard): State<Arc<Dashboard>>,
    question: RawQuestion,
) -> Result<Json<Feed>, HttpError> {
    Ok(Json(dashboard.read_feed(question.limit(100)?, question.state()?).await?))
}

/// What the proxy's policies did; in the last hour when it says no time.
pub async fn policies(
    _: Viewer,
    State(dashboard): State<Arc<Dashboard>>,
    question: RawQuestion,
) -> Result<Json<PolicyReport>, HttpError> {
    let (from_ms, to_ms, filters) = question.policies(dashboard.now_ms())?;
    Ok(Json(dashboard.read_policies(from_ms, to_ms, &filters).await?))
}

/// What is wrong with events on their way here.
pub async fn health(_: Viewer, State(dashboard): State<Arc<Dashboard>>) -> Result<Json<Health>, HttpError> {
    Ok(Json(dashboard.read_health().await?))
}
