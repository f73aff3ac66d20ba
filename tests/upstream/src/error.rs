//! Errors as the API words them.

use serde_json::{Value, json};

use crate::limits::{Limit, Refusal};

/// The failures a scenario can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fails {
    /// 529.
    Overloaded,
    /// 429 with `retry-after`.
    RateLimited,
    /// 429 with `retry-after` and the code `ramp_limit_exceeded`.
    Ramp,
    /// 429 without `retry-after`.
    SpendCap,
    /// 400.
    OwnSpendLimit,
    /// 500.
    ServerError,
    /// 502 with a page of HTML, as something between client and API answers it.
    BadGateway,
    /// 529, whose body never comes to its end.
    Stalled,
}

/// An error to answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    pub status: u16,
    pub kind: &'static str,
    pub message: String,
    /// `error.details.error_code`.
    pub code: Option<&'static str>,
    pub retry_after_s: Option<i64>,
    /// `x-should-retry`.
    pub should_retry: Option<bool>,
    /// The limit that refused, for the headers of limits.
    pub limit: Option<Limit>,
}

impl Failure {
    pub fn new(status: u16, kind: &'static str, message: &str) -> Self {
        let message = message.to_owned();
        Failure { status, kind, message, code: None, retry_after_s: None, should_retry: None, limit: None }
    }

    pub fn invalid(message: &str) -> Self {
        Failure::new(400, "invalid_request_error", message)
    }

    pub fn not_found(message: &str) -> Self {
        Failure::new(404, "not_found_error", message)
    }

    /// 429 with `retry-after`.
    pub fn rate_limited(refusal: Refusal) -> Self {
        let would = "This request would exceed your";
        let message = match refusal.limit {
            Limit::Requests => format!("{would} organization's rate limit of requests per minute"),
            Limit::InputTokens => format!("{would} organization's rate limit of input tokens per minute"),
            Limit::OutputTokens => format!("{would} organization's rate limit of output tokens per minute"),
            Limit::WorkspaceInputTokens => {
                format!("{would} workspace's rate limit of input tokens per minute")
            }
            Limit::Acceleration => format!("{would} organization's rate of acceleration"),
        };
        Failure {
            code: (refusal.limit == Limit::Acceleration).then_some("ramp_limit_exceeded"),
            retry_after_s: Some(refusal.retry_after_s),
            should_retry: Some(true),
            limit: Some(refusal.limit),
            ..Failure::new(429, "rate_limit_error", &message)
        }
    }

    /// What a scenario asks for.
    pub fn asked(fails: Fails, retry_after_s: Option<i64>) -> Self {
        let refused =
            |limit| Failure::rate_limited(Refusal { limit, retry_after_s: retry_after_s.unwrap_or(1) });
        match fails {
            Fails::Overloaded | Fails::Stalled => Failure {
                should_retry: Some(true),
                retry_after_s,
                ..Failure::new(529, "overloaded_error", "Overloaded")
            },
            Fails::RateLimited => refused(Limit::Requests),
            Fails::Ramp => refused(Limit::Acceleration),
            Fails::SpendCap => Failure {
                code: Some("enforced_spend_limit_reached"),
                should_retry: Some(false),
                ..Failure::new(
                    429,
                    "rate_limit_error",
                    "Your organization has reached the monthly spend limit of its usage tier.",
                )
            },
            Fails::OwnSpendLimit => Failure::invalid(
                "You have reached your specified API usage limits. You will regain access on 2026-12-01 at \
                 00:00 UTC.",
            ),
            Fails::BadGateway => Failure { retry_after_s, ..Failure::new(502, "api_error", "Bad Gateway") },
            Fails::ServerError => Failure {
                should_retry: Some(true),
                retry_after_s,
                ..Failure::new(500, "api_error", "Internal server error")
            },
        }
    }

    /// The body.
    pub fn body(&self, request_id: &str) -> Value {
        let mut error = json!({"type": self.kind, "message": self.message});
        if let Some(code) = self.code {
            error["details"] = json!({"error_code": code});
        }
        json!({"type": "error", "error": error, "request_id": request_id})
    }
}
