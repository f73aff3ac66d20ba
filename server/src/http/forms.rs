//! Forms that people send: what they hold, and where they lead.

use axum::extract::Form;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderMap, StatusCode, header};
use vocabulary::{Problem, ProblemKind};

/// What a form holds, or why it cannot be read.
pub fn fields<T>(form: Result<Form<T>, FormRejection>) -> Result<T, Problem> {
    form.map(|Form(fields)| fields).map_err(|rejection| {
        let kind = match rejection.status() {
            StatusCode::UNSUPPORTED_MEDIA_TYPE => ProblemKind::Unsupported,
            StatusCode::PAYLOAD_TOO_LARGE => ProblemKind::TooLarge,
            _ => ProblemKind::Invalid,
        };
        Problem::new(
            kind,
            "malformed_form",
            format!("this form could not be read: {}. Load the page again.", rejection.body_text()),
        )
    })
}

/// Whether it is a person's browser that asks, and not a program.
pub fn wants_page(headers: &HeaderMap) -> bool {
    let accepts = headers.get_all(header::ACCEPT).into_iter().filter_map(|accept| accept.to_str().ok());
    accepts.into_iter().any(|accept| accept.contains("text/html"))
}
