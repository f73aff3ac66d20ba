//! The one error type at the edge: a reason with its status, a stable code, and a sentence that says how to fix it.

use std::borrow::Cow;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use vocabulary::{Problem, ProblemKind, wording};

use super::status::RefusalReason;
use crate::record::recorder::RecordError;
use crate::store::StoreError;

/// A refusal as HTTP: `{"error":{"code","message","details"}}`.
#[derive(Debug)]
pub struct HttpError {
    /// What decides its status.
    pub reason: RefusalReason,
    /// Stable `snake_case` code.
    pub code: Cow<'static, str>,
    /// What is wrong and how to fix it.
    pub message: String,
    /// When to try again, in seconds.
    pub retry_after_s: Option<u32>,
}

impl HttpError {
    /// A refusal that only HTTP knows, or of a kind that is known everywhere.
    pub fn new(reason: impl Into<RefusalReason>, code: &'static str, message: impl Into<String>) -> Self {
        match reason.into() {
            RefusalReason::Problem(kind) => Problem::new(kind, code, message).into(),
            reason => HttpError { reason, code: code.into(), message: message.into(), retry_after_s: None },
        }
    }

    /// The request makes no sense.
    pub fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Problem::invalid(code, message).into()
    }

    /// Its HTTP status.
    pub fn status(&self) -> StatusCode {
        self.reason.status()
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        // It may repeat what was asked.
        let message = wording::passage(&self.message);
        // `details` is for programs; no refusal has any yet.
        let body = json!({ "error": { "code": self.code, "message": message, "details": {} } });
        let mut response = (self.status(), Json(body)).into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<ProblemKind> for RefusalReason {
    fn from(kind: ProblemKind) -> Self {
        RefusalReason::Problem(kind)
    }
}

impl From<Problem> for HttpError {
    fn from(Problem { kind, code, message, retry_after_s }: Problem) -> Self {
        HttpError { reason: kind.into(), code, message, retry_after_s }
    }
}

impl From<StoreError> for HttpError {
    fn from(error: StoreError) -> Self {
        Problem::from(error).into()
    }
}

impl From<RecordError> for HttpError {
    fn from(error: RecordError) -> Self {
        Problem::from(error).into()
    }
}
