//! The one error type at the edge: a status, a stable code, and a sentence that says how to fix it.

use app::api::ApiError;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use vocabulary::wording;

use crate::record::recorder::RecordError;
use crate::store::StoreError;

/// A refusal as HTTP: `{"error":{"code","message","details"}}`.
#[derive(Debug)]
pub struct HttpError {
    /// The HTTP status.
    pub status: StatusCode,
    /// Stable `snake_case` code.
    pub code: String,
    /// What is wrong and how to fix it.
    pub message: String,
    /// When to try again, in seconds.
    pub retry_after_s: Option<u32>,
}

impl HttpError {
    /// A refusal without details.
    pub fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        HttpError { status, code: code.to_owned(), message: message.into(), retry_after_s: None }
    }

    /// The request makes no sense.
    pub fn bad_request(code: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// A browser says that another site made it send this.
    pub fn cross_origin() -> Self {
        let message = "this request came from another site; use the interface itself, or a key";
        Self::new(StatusCode::FORBIDDEN, "cross_origin", message)
    }

    /// Too often: try again in `retry_after_s`.
    pub fn rate_limited(message: impl Into<String>, retry_after_s: u32) -> Self {
        let error = Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", message);
        HttpError { retry_after_s: Some(retry_after_s), ..error }
    }

    /// What changes anything has to wait until there is room; what only reads does not.
    pub fn read_only(message: impl Into<String>) -> Self {
        let error = Self::new(StatusCode::SERVICE_UNAVAILABLE, "read_only", message);
        HttpError { retry_after_s: Some(30), ..error }
    }

    /// Others are being answered: try again.
    pub fn crowded(message: impl Into<String>) -> Self {
        let error = Self::new(StatusCode::SERVICE_UNAVAILABLE, "too_many_questions", message);
        HttpError { retry_after_s: Some(5), ..error }
    }

    /// Not now: try again.
    pub fn unavailable(message: impl Into<String>) -> Self {
        let error = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message);
        HttpError { retry_after_s: Some(5), ..error }
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        // It may repeat what was asked.
        let message = wording::passage(&self.message);
        // `details` is for programs; no refusal has any yet.
        let body = json!({ "error": { "code": self.code, "message": message, "details": {} } });
        let mut response = (self.status, Json(body)).into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<StoreError> for HttpError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::OverBudget => {
                return Self::new(StatusCode::UNPROCESSABLE_ENTITY, "question_too_heavy", error.to_string());
            }
            StoreError::Crowded => return Self::crowded(error.to_string()),
            _ => tracing::error!(error = %error, "The store did not answer a request"),
        }
        if error.is_read_only() {
            return Self::read_only(format!("{}; make room and try again", RecordError::ReadOnly));
        }
        Self::unavailable("the database did not answer; try again in a few seconds, and see Tacho's log")
    }
}

impl From<RecordError> for HttpError {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::ReadOnly => Self::read_only(format!(
                "{error}; nothing was stored, make room and send the events again in half a minute"
            )),
            RecordError::Busy | RecordError::Unavailable => Self::unavailable(format!(
                "{error}; nothing was stored, send the events again in a few seconds"
            )),
        }
    }
}

/// Answers to the interface and to the API come from the same place; their codes choose the status.
impl From<ApiError> for HttpError {
    fn from(error: ApiError) -> Self {
        let status = match error.code.as_str() {
            "not_found" => StatusCode::NOT_FOUND,
            "managed_by_file" | "learned_amount" => StatusCode::CONFLICT,
            "question_too_heavy" => StatusCode::UNPROCESSABLE_ENTITY,
            "too_many_questions" => return Self::crowded(error.message),
            // Of leptos, between a question and its answer.
            "connection" => StatusCode::INTERNAL_SERVER_ERROR,
            "unavailable" => return Self::unavailable(error.message),
            "read_only" => return Self::read_only(error.message),
            _ => StatusCode::BAD_REQUEST,
        };
        Self::new(status, &error.code, error.message)
    }
}
