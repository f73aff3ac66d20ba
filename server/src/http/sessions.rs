//! `/v1/access/sessions`, and the page of who gets in.

use std::sync::Arc;

use app::plain::access::{AccessPage, document};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Extension, Json};
use serde::Deserialize;

use super::Bundle;
use super::callers::{Admin, Peer};
use super::error::HttpError;
use super::headers::content_security_policy;
use crate::access::Gate;
use crate::commands::Commands;
use crate::dashboard::Dashboard;
use crate::dashboard::sessions::SessionItem;
use crate::store::Author;

/// The page of who gets in, and where its forms go.
pub const ACCESS: &str = "/access";
pub const END_SESSION: &str = "/access/end";

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

/// Which part of the audit log is shown.
#[derive(Debug, Deserialize)]
pub struct Part {
    before: Option<u64>,
}

/// `GET /access`
pub async fn page(
    State(dashboard): State<Arc<Dashboard>>,
    State(gate): State<Arc<Gate>>,
    State(bundle): State<Bundle>,
    headers: HeaderMap,
    part: Result<Query<Part>, QueryRejection>,
) -> Result<Response, HttpError> {
    // What makes no sense is the latest.
    let before = part.ok().and_then(|Query(part)| part.before);
    let page = dashboard.access_page(gate.session_hash(&headers), before).await?;
    let document = document(AccessPage { css: bundle.css_path(), ..page });
    let policy = (HeaderName::from_static("content-security-policy"), content_security_policy(None));
    Ok(([policy], Html(document)).into_response())
}

/// The session that a form ends; all others, where it names none.
#[derive(Debug, Deserialize)]
pub struct Ended {
    id: String,
}

/// `POST /access/end`
pub async fn end_by_form(
    State(commands): State<Arc<Commands>>,
    State(gate): State<Arc<Gate>>,
    Extension(Peer(address)): Extension<Peer>,
    headers: HeaderMap,
    Form(ended): Form<Ended>,
) -> Result<Response, HttpError> {
    let by = Author::person(Some(address));
    match ended.id.as_str() {
        "" => commands.end_other_sessions(gate.session_hash(&headers), by).await?,
        id => commands.end_session(id, by).await?,
    }
    Ok(Redirect::to(ACCESS).into_response())
}
