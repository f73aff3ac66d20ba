//! What Tacho itself answers on the proxy, in the shape of the API's errors, so that client libraries know what to
//! do with it. Such answers are no usage: the API never gave them.

use axum::body::Body;
use domain::usage::Policy;
use http::{HeaderValue, Response, StatusCode, header};
use serde_json::json;
use vocabulary::wording;

/// The code of an answer that cannot be passed on.
pub const UNREADABLE: &str = "upstream_unreadable";

/// A call that Tacho answers itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRefusal {
    pub status: StatusCode,
    /// `error.type`, one of the API's.
    pub kind: &'static str,
    /// Stable `snake_case` code, in the header `x-tacho-error`.
    pub code: &'static str,
    /// What is wrong and how to put it right.
    pub message: String,
    /// The policy that refuses, and in how many seconds it may not.
    pub policy: Option<(Policy, u64)>,
    /// Libraries that would send the call again on this status are told not to.
    pub is_final: bool,
}

impl CallRefusal {
    /// The header that tells what Tacho answers itself from what the API does, and why.
    pub const HEADER: &str = "x-tacho-error";

    fn of(status: StatusCode, kind: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        CallRefusal { status, kind, code, message: message.into(), policy: None, is_final: false }
    }

    /// There is nothing at the path.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::of(StatusCode::NOT_FOUND, "not_found_error", "no_such_path", message)
    }

    /// The base address of the client is not the one it should be.
    pub fn wrong_base_url(message: impl Into<String>) -> Self {
        Self::of(StatusCode::NOT_FOUND, "not_found_error", "wrong_base_url", message)
    }

    /// It is for another host.
    pub fn unknown_host(message: impl Into<String>) -> Self {
        Self::of(StatusCode::MISDIRECTED_REQUEST, "invalid_request_error", "unknown_host", message)
    }

    /// A key for Tacho stands where it would go on to the API.
    pub fn key_in_address(message: impl Into<String>) -> Self {
        Self::of(StatusCode::BAD_REQUEST, "invalid_request_error", "key_in_address", message)
    }

    /// The head of the request is larger than it may be.
    pub fn head_too_large(message: impl Into<String>) -> Self {
        let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        Self::of(status, "invalid_request_error", "head_too_large", message)
    }

    /// The key for Tacho is missing or wrong.
    pub fn unauthenticated(code: &'static str, message: impl Into<String>) -> Self {
        Self::of(StatusCode::UNAUTHORIZED, "authentication_error", code, message)
    }

    /// It may not be called so.
    pub fn forbidden(code: &'static str, message: impl Into<String>) -> Self {
        Self::of(StatusCode::FORBIDDEN, "permission_error", code, message)
    }

    /// The API gave no answer; libraries try again on this status.
    pub fn no_answer(code: &'static str, message: impl Into<String>) -> Self {
        Self::of(StatusCode::BAD_GATEWAY, "api_error", code, message)
    }

    /// The API gave an answer that cannot be passed on. The call was made: another would be made, and billed, anew.
    pub fn unreadable(message: impl Into<String>) -> Self {
        CallRefusal { is_final: true, ..Self::no_answer(UNREADABLE, message) }
    }

    /// The body of the call does not come; libraries try again on this status.
    pub fn too_slow() -> Self {
        Self::of(
            StatusCode::REQUEST_TIMEOUT,
            "timeout_error",
            "body_timeout",
            "nothing of the body came for 30 s, or less than 256 KiB of it in 30 s; send it without a pause",
        )
    }

    /// Tacho cannot tell now whether the call may pass.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::of(StatusCode::SERVICE_UNAVAILABLE, "api_error", "unavailable", message)
    }

    /// A policy refuses the call for now.
    pub fn throttled(policy: Policy, retry_after_s: u64, message: impl Into<String>) -> Self {
        let refusal = Self::of(StatusCode::TOO_MANY_REQUESTS, "rate_limit_error", policy.word(), message);
        CallRefusal { policy: Some((policy, retry_after_s)), ..refusal }
    }

    /// The refusal as an answer.
    pub fn into_response(self) -> Response<Body> {
        let body = json!({ "type": "error", "error": { "type": self.kind, "message": wording::passage(&self.message) } });
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(Self::HEADER, HeaderValue::from_static(self.code));
        if self.is_final {
            headers.insert("x-should-retry", HeaderValue::from_static("false"));
        }
        if let Some((policy, retry_after_s)) = self.policy {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_after_s));
            if let Ok(said) = HeaderValue::from_str(&format!("{}; refused", policy.word())) {
                headers.insert("x-tacho-policy", said);
            }
        }
        response
    }
}
