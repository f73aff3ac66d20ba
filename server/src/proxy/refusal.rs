//! What Tacho itself answers on the proxy, in the shape of the API's errors, so that client libraries know what to
//! do with it. Such answers are no usage: the API never gave them.

use app::wording;
use axum::body::Body;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::json;

use crate::usage::Policy;

/// A call that Tacho answers itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: StatusCode,
    /// `error.type`, one of the API's.
    pub kind: &'static str,
    /// Stable `snake_case` code, in the header `x-tacho-error`.
    pub code: &'static str,
    /// What is wrong and how to put it right.
    pub message: String,
    /// The policy that refuses, and in how many seconds it may not.
    pub policy: Option<(Policy, u64)>,
}

impl Refusal {
    /// There is nothing at the path.
    pub fn not_found(message: impl Into<String>) -> Self {
        Refusal {
            status: StatusCode::NOT_FOUND,
            kind: "not_found_error",
            code: "no_such_path",
            message: message.into(),
            policy: None,
        }
    }

    /// The key for Tacho is missing or wrong.
    pub fn unauthenticated(code: &'static str, message: impl Into<String>) -> Self {
        Refusal {
            status: StatusCode::UNAUTHORIZED,
            kind: "authentication_error",
            code,
            message: message.into(),
            policy: None,
        }
    }

    /// The API gave no answer; libraries try again on this status.
    pub fn no_answer(code: &'static str, message: impl Into<String>) -> Self {
        Refusal {
            status: StatusCode::BAD_GATEWAY,
            kind: "api_error",
            code,
            message: message.into(),
            policy: None,
        }
    }

    /// Tacho cannot tell now whether the call may pass.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Refusal {
            status: StatusCode::SERVICE_UNAVAILABLE,
            kind: "api_error",
            code: "unavailable",
            message: message.into(),
            policy: None,
        }
    }

    /// A policy refuses the call for now.
    pub fn throttled(policy: Policy, retry_after_s: u64, message: impl Into<String>) -> Self {
        Refusal {
            status: StatusCode::TOO_MANY_REQUESTS,
            kind: "rate_limit_error",
            code: policy.word(),
            message: message.into(),
            policy: Some((policy, retry_after_s)),
        }
    }

    /// The refusal as an answer.
    pub fn into_response(self) -> Response<Body> {
        let body = json!({ "type": "error", "error": { "type": self.kind, "message": wording::passage(&self.message) } });
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert("x-tacho-error", HeaderValue::from_static(self.code));
        if let Some((policy, retry_after_s)) = self.policy {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_after_s));
            if let Ok(said) = HeaderValue::from_str(&format!("{}; refused", policy.word())) {
                headers.insert("x-tacho-policy", said);
            }
        }
        response
    }
}
