//! Which HTTP status says what: the one place that decides it, by type, so that nothing new goes without one.

use axum::http::StatusCode;
use domain::read::answer::Taken;
use vocabulary::ProblemKind;

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalReason {
    /// For what it asks; another door would refuse it, too.
    Problem(ProblemKind),
    /// For its method.
    MethodNotAllowed,
    /// For the length of its address.
    UriTooLong,
    /// For the size of its head.
    HeadTooLarge,
    /// For the host it was sent to.
    UnknownHost,
}

impl RefusalReason {
    /// Its status.
    pub fn status(self) -> StatusCode {
        match self {
            RefusalReason::Problem(kind) => of_problem(kind),
            RefusalReason::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            RefusalReason::UriTooLong => StatusCode::URI_TOO_LONG,
            RefusalReason::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            RefusalReason::UnknownHost => StatusCode::MISDIRECTED_REQUEST,
        }
    }
}

fn of_problem(kind: ProblemKind) -> StatusCode {
    match kind {
        ProblemKind::Invalid => StatusCode::BAD_REQUEST,
        ProblemKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        ProblemKind::Forbidden => StatusCode::FORBIDDEN,
        ProblemKind::NotFound => StatusCode::NOT_FOUND,
        ProblemKind::Conflict => StatusCode::CONFLICT,
        ProblemKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ProblemKind::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ProblemKind::Unfit | ProblemKind::TooHeavy => StatusCode::UNPROCESSABLE_ENTITY,
        ProblemKind::TooOften => StatusCode::TOO_MANY_REQUESTS,
        ProblemKind::TimedOut => StatusCode::REQUEST_TIMEOUT,
        ProblemKind::ReadOnly | ProblemKind::Crowded | ProblemKind::Unavailable => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        ProblemKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The status of an answer that says item by item what became of a body.
pub fn of_items(taken: Taken) -> StatusCode {
    match taken {
        Taken::All => StatusCode::OK,
        Taken::Some => StatusCode::MULTI_STATUS,
        Taken::None => StatusCode::UNPROCESSABLE_ENTITY,
    }
}
