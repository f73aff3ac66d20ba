//! `/v1/limits`: limits and where they stand.

use std::sync::Arc;

use app::api::limits::{LimitChange, LimitItem};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::callers::{Admin, Viewer};
use super::error::HttpError;
use super::question::RawQuestion;
use crate::commands::Commands;
use crate::commands::limits::{LimitEdit, NewLimit};
use crate::dashboard::{AllStandings, Dashboard};
use crate::watch::snapshot::Pick;

/// Standings that are answered where `limit` does not say how many.
const MOST_STANDINGS: u32 = 200;

/// `GET /v1/limits/status`
pub async fn status(
    _: Viewer,
    State(dashboard): State<Arc<Dashboard>>,
    question: RawQuestion,
) -> Result<Json<AllStandings>, HttpError> {
    let most = question.limit(MOST_STANDINGS)?;
    Ok(Json(dashboard.read_standings(Pick::Worst(most as usize)).await))
}

/// `GET /v1/limits`
pub async fn list(
    _: Viewer,
    State(dashboard): State<Arc<Dashboard>>,
) -> Result<Json<Vec<LimitItem>>, HttpError> {
    Ok(Json(dashboard.list_limits().await?))
}

/// `GET /v1/limits/{id}/history`
pub async fn history(
    _: Viewer,
    State(dashboard): State<Arc<Dashboard>>,
    Path(id): Path<String>,
) -> Result<Json<Vec<LimitChange>>, HttpError> {
    Ok(Json(dashboard.limit_history(&id).await?))
}

/// `POST /v1/limits`
pub async fn add(
    admin: Admin,
    State(commands): State<Arc<Commands>>,
    body: Result<Json<NewLimit>, JsonRejection>,
) -> Result<(StatusCode, Json<LimitItem>), HttpError> {
    let limit = commands.add_limit(super::json(body)?, admin.author()).await?;
    Ok((StatusCode::CREATED, Json(limit)))
}

/// `PATCH /v1/limits/{id}`
pub async fn change(
    admin: Admin,
    State(commands): State<Arc<Commands>>,
    Path(id): Path<String>,
    body: Result<Json<LimitEdit>, JsonRejection>,
) -> Result<Json<LimitItem>, HttpError> {
    Ok(Json(commands.change_limit(&id, super::json(body)?, admin.author()).await?))
}

/// `DELETE /v1/limits/{id}`
pub async fn remove(
    admin: Admin,
    State(commands): State<Arc<Commands>>,
    Path(id): Path<String>,
) -> Result<StatusCode, HttpError> {
    commands.delete_limit(&id, admin.author()).await?;
    Ok(StatusCode::NO_CONTENT)
}
