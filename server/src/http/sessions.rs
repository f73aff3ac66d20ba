//! `/v1/access/sessions`

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::callers::Admin;
use super::error::HttpError;
use crate::commands::Commands;
use crate::dashboard::Dashboard;
use crate::dashboard::sessions::SessionItem;

/// `GET /v1/access/sessions`
pub async fn list(
    _: Admin,
    State(dashboard): State<Arc<Dashboard>>,
) -> Result<Json<Vec<SessionItem>>, HttpError> {
    Ok(Json(dashboard.list_sessions().await?))
}

/// `DELETE /v1/access/sessions/{id}`
pub async fn end(
    admin: Admin,
    State(commands): State<Arc<Commands>>,
    Path(id): Path<String>,
) -> Result<StatusCode, HttpError> {
    commands.end_session(&id, admin.author()).await?;
    Ok(StatusCode::NO_CONTENT)
}
