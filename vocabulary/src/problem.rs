//! Why something was not done.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// What kind of reason it is. Each door says it in its own way: over HTTP it decides the status
/// (`server/src/http/status.rs`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ProblemKind {
    /// What was sent makes no sense.
    Invalid,
    /// What was sent can be read, and has not the form that is asked for.
    Unfit,
    /// Nobody knows who is asking.
    Unauthenticated,
    /// Who is asking may not.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// What there is stands against it.
    Conflict,
    /// It is more than is taken at once.
    TooLarge,
    /// It is of a type or in an encoding that is not read.
    Unsupported,
    /// It makes sense, and costs more than is spent on an answer.
    TooHeavy,
    /// It was asked too often.
    TooOften,
    /// It did not come to its end in time.
    TimedOut,
    /// Nothing can be stored until somebody makes room.
    ReadOnly,
    /// Others are being answered.
    Crowded,
    /// It cannot be done now.
    Unavailable,
    /// A mistake of Tacho's own.
    Internal,
}

/// Why something was not done, safe to show to who asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What kind of reason it is.
    pub kind: ProblemKind,
    /// Stable `snake_case` code, for programs.
    pub code: Cow<'static, str>,
    /// What is wrong and what to do about it, for people.
    pub message: String,
    /// When to try again, in seconds.
    pub retry_after_s: Option<u32>,
}

impl Problem {
    /// A problem, to be tried again when one of its kind usually is over.
    pub fn new(kind: ProblemKind, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        let retry_after_s = match kind {
            ProblemKind::ReadOnly => Some(30),
            ProblemKind::Crowded | ProblemKind::Unavailable => Some(5),
            _ => None,
        };
        Problem { kind, code: code.into(), message: message.into(), retry_after_s }
    }

    /// What was sent makes no sense.
    pub fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Problem::new(ProblemKind::Invalid, code, message)
    }

    /// There is no such thing.
    pub fn not_found(message: impl Into<String>) -> Self {
        Problem::new(ProblemKind::NotFound, "not_found", message)
    }

    /// Nothing can be stored until somebody makes room; what only reads goes on.
    pub fn read_only(message: impl Into<String>) -> Self {
        Problem::new(ProblemKind::ReadOnly, "read_only", message)
    }

    /// Not now: try again.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Problem::new(ProblemKind::Unavailable, "unavailable", message)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}
