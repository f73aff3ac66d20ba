//! `DELETE /v1/events/{id}`, `POST /v1/events/correct`, and `GET /v1/audit`, which tells of both.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;

use super::body;
use super::callers::Admin;
use super::error::HttpError;
use super::question::RawQuestion;
use super::status::of_items;
use crate::dashboard::Dashboard;
use crate::record::intake::Intake;

/// Which event is meant where several have its id. Nothing else may be asked: a word that is mistyped must not
/// take away another event.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    project: Option<String>,
}

type Asked = Result<Query<Options>, QueryRejection>;

/// The project that a query names.
fn project(asked: Asked) -> Result<Option<String>, HttpError> {
    asked.map(|Query(options)| options.project).map_err(|rejection| {
        HttpError::bad_request("unknown_parameter", format!("{}; there is: project", rejection.body_text()))
    })
}

/// `POST /v1/events/correct`
pub async fn correct(
    admin: Admin,
    State(intake): State<Arc<Intake>>,
    asked: Asked,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, HttpError> {
    let project = project(asked)?;
    let body = body::read(body, intake.bounds().wire_bytes).await?;
    let text = |name: HeaderName| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let (encoding, content_type) = (text(header::CONTENT_ENCODING), text(header::CONTENT_TYPE));
    let answer = intake.correct(admin.author(), project.as_deref(), encoding, content_type, &body).await?;
    Ok((of_items(answer.taken()), Json(answer)).into_response())
}

/// `DELETE /v1/events/{id}`
pub async fn delete(
    admin: Admin,
    State(intake): State<Arc<Intake>>,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<StatusCode, HttpError> {
    intake.delete(admin.author(), &id, project(asked)?.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /v1/events/correct`: an event may have this id, too.
pub async fn delete_correct(
    admin: Admin,
    intake: State<Arc<Intake>>,
    asked: Asked,
) -> Result<StatusCode, HttpError> {
    delete(admin, intake, Path("correct".to_owned()), asked).await
}

/// `GET /v1/audit`
pub async fn audit(
    _: Admin,
    State(dashboard): State<Arc<Dashboard>>,
    question: RawQuestion,
) -> Result<Json<Value>, HttpError> {
    let (before, limit) = question.audit()?;
    Ok(Json(dashboard.audit(before, limit).await?))
}
