//! What surrounds the interface's questions and forms, which leptos answers: bounds, and refusals with a status and a code.
//!
//! By itself leptos answers 500 to whatever fails, so that a malformed question would look like a mistake of Tacho.

use std::sync::LazyLock;

use app::api::ApiError;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use leptos::server_fn::ContentType;
use leptos::server_fn::axum::server_fn_paths;
use leptos::server_fn::codec::PostUrl;
use leptos::server_fn::error::FromServerFnError;
use vocabulary::ProblemKind;

use super::HttpError;
use super::body;
use super::status::RefusalReason;

/// Where questions are asked; at other paths forms are sent.
pub(super) const ASK: &str = "/api/ask";
/// A question names a few filters, and a form a few fields.
const MOST_BYTES: usize = 64 * 1024;
/// Every path at which something is asked or sent.
static PATHS: LazyLock<Vec<&str>> = LazyLock::new(|| server_fn_paths().map(|(path, _)| path).collect());
const POSTCARD: &str = <ApiError as FromServerFnError>::Encoder::CONTENT_TYPE;

/// Lets a question or form through, and gives its refusal a status.
pub async fn surround(request: Request, next: Next) -> Response {
    if !PATHS.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    let headers = request.headers().clone();
    match asked(request, next).await {
        Ok(answer) => answer,
        Err(error) => refusal(&headers, error),
    }
}

/// A refusal as who asks reads it: the interface in its own encoding, others as JSON.
pub fn refusal(asked_with: &HeaderMap, error: HttpError) -> Response {
    if !says(asked_with, header::ACCEPT, POSTCARD) {
        return error.into_response();
    }
    let status = error.status();
    let kind = match error.reason {
        RefusalReason::Problem(kind) => kind,
        _ => ProblemKind::Invalid,
    };
    let body = ApiError::new(kind, &error.code, error.message).ser();
    (status, [(header::CONTENT_TYPE, POSTCARD)], body).into_response()
}

async fn asked(request: Request, next: Next) -> Result<Response, HttpError> {
    if request.method() != Method::POST {
        let message = format!("this is asked with POST, not {}", request.method());
        return Err(HttpError::new(RefusalReason::MethodNotAllowed, "method_not_allowed", message));
    }
    let kind = if request.uri().path() == ASK { POSTCARD } else { PostUrl::CONTENT_TYPE };
    if !says(request.headers(), header::CONTENT_TYPE, kind) {
        let message = format!("pages send this as {kind}; programs ask under /v1, in JSON");
        return Err(HttpError::new(ProblemKind::Unsupported, "unsupported_type", message));
    }
    let (parts, question) = request.into_parts();
    let question = body::read(question, MOST_BYTES).await.map_err(|error| match error.reason {
        RefusalReason::Problem(ProblemKind::TooLarge) => {
            HttpError { message: format!("a question or form has {MOST_BYTES} bytes at most"), ..error }
        }
        _ => error,
    })?;
    let answer = next.run(Request::from_parts(parts, question.into())).await;
    let is_refusal = answer.status().is_client_error() || answer.status().is_server_error();
    if !is_refusal || !says(answer.headers(), header::CONTENT_TYPE, POSTCARD) {
        return Ok(answer);
    }
    let said = body::read(answer.into_body(), MOST_BYTES).await?;
    Err(HttpError::from(ApiError::de(said)))
}

fn says(headers: &HeaderMap, name: header::HeaderName, kind: &str) -> bool {
    let said = headers.get(name).map(HeaderValue::as_bytes).and_then(|value| std::str::from_utf8(value).ok());
    said.is_some_and(|said| said.contains(kind))
}
