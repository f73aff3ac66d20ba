//! `/v1/access/sessions`, and the form that ends one.

use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Extension, Json};
use serde::Deserialize;

use super::callers::{Admin, Peer};
use super::error::HttpError;
use super::forms::fields;
use crate::access::Gate;
use crate::commands::Commands;
use crate::dashboard::Dashboard;
use crate::dashboard::sessions::SessionItem;
use crate::store::Author;

/// The page of who gets in.
const ACCESS: &str = "/settings/access";

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

/// The session that a form ends; all others, where it names none.
#[derive(Debug, Deserialize)]
pub struct Ended {
    id: String,
}

/// `POST /settings/access/end`
pub async fn end_by_form(
    State(commands): State<Arc<Commands>>,
    State(gate): State<Arc<Gate>>,
    Extension(Peer(address)): Extension<Peer>,
    headers: HeaderMap,
    form: Result<Form<Ended>, FormRejection>,
) -> Result<Response, HttpError> {
    let ended = fields(form)?;
    let by = Author::person(Some(address));
    match ended.id.as_str() {
        "" => commands.end_other_sessions(gate.session_hash(&headers), by).await?,
        id => commands.end_session(id, by).await?,
    }
    Ok(Redirect::to(ACCESS).into_response())
}
