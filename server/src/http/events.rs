//! `POST /v1/events` and `GET /v1/events`.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::read::plausible::Implausible;
use serde::Deserialize;

use super::body;
use super::callers::{Ingester, Viewer};
use super::error::HttpError;
use super::pace::Pace;
use super::question::RawQuestion;
use super::status::of_items;
use crate::dashboard::Dashboard;
use crate::record::intake::{Intake, Wishes};

/// Options of a POST.
#[derive(Debug, Default, Deserialize)]
pub struct PostOptions {
    /// `1`: results for every item, not only for those that were not simply accepted.
    #[serde(default)]
    verbose: String,
    /// What becomes of counts that no call can have: `refused`, or `unknown`, for who passes on what others counted and
    /// cannot put it right.
    implausible: Option<String>,
}

impl PostOptions {
    fn wishes(&self) -> Result<Wishes, HttpError> {
        let implausible = match self.implausible.as_deref() {
            None | Some("refused") => Implausible::Refused,
            Some("unknown") => Implausible::Unknown,
            Some(_) => {
                let message = "`implausible` says what becomes of counts that no call can have: `refused` (the event \
                               is refused) or `unknown` (the count is unknown, and the rest is stored)";
                return Err(HttpError::bad_request("invalid_parameter", message));
            }
        };
        Ok(Wishes { verbose: matches!(self.verbose.as_str(), "1" | "true"), implausible })
    }
}

/// Stores events; the answer is sent when they are on disk.
pub async fn post(
    Ingester(key): Ingester,
    State(pace): State<Arc<Pace>>,
    State(intake): State<Arc<Intake>>,
    asked: Result<Query<PostOptions>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, HttpError> {
    pace.admit(&key)?;
    let options =
        asked.map_err(|refused| HttpError::bad_request("invalid_parameter", refused.body_text()))?;
    let wishes = options.wishes()?;
    let body = body::read(body, intake.bounds().wire_bytes).await?;
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let answer =
        intake.take(&key, text(header::CONTENT_ENCODING), text(header::CONTENT_TYPE), &body, wishes).await?;
    let mut response = (of_items(answer.taken()), Json(answer)).into_response();
    response.headers_mut().insert("x-tacho-durability", HeaderValue::from_static(intake.durability()));
    Ok(response)
}

/// Lists events, newest first: as JSON, as lines of it, or as CSV.
pub async fn get(
    _: Viewer,
    State(dashboard): State<Arc<Dashboard>>,
    question: RawQuestion,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let page = dashboard.list_events(&question.events(dashboard.now_ms())?).await?;
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Ok(match accept {
        accept if accept.contains("ndjson") => {
            ([(header::CONTENT_TYPE, "application/x-ndjson")], page.lines()).into_response()
        }
        accept if accept.contains("text/csv") => {
            ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], page.csv()).into_response()
        }
        _ => Json(page.json()).into_response(),
    })
}
