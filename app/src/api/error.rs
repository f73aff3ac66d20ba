//! Why a question has no answer: safe to show to the person who asked.

use serde::{Deserialize, Serialize};
use server_fn::codec::PostcardEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};
use vocabulary::{Problem, ProblemKind};

/// An error with a stable code and a message that says how to fix it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiError {
    /// What kind of reason it is.
    pub kind: ProblemKind,
    /// Stable `snake_case` code, for programs.
    pub code: String,
    /// What is wrong and what to do about it, for people.
    pub message: String,
}

impl ApiError {
    /// An error from its kind, code and message.
    pub fn new(kind: ProblemKind, code: &str, message: impl Into<String>) -> Self {
        ApiError { kind, code: code.to_owned(), message: message.into() }
    }

    /// What came is no answer to what was asked: the page is of another build than the server.
    pub fn of_another_question() -> Self {
        let message = "Tacho answered another question: load the page again";
        ApiError::new(ProblemKind::Internal, "connection", message)
    }

    /// No answer has come for a long time.
    pub fn late() -> Self {
        let message = "Tacho has not answered for 20 seconds. It is asked again.";
        ApiError::new(ProblemKind::TimedOut, "connection", message)
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ApiError {}

impl From<Problem> for ApiError {
    fn from(Problem { kind, code, message, .. }: Problem) -> Self {
        ApiError { kind, code: code.into_owned(), message }
    }
}

impl FromServerFnError for ApiError {
    type Encoder = PostcardEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let (kind, code, what, remedy) = match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::Deserialization(_) => {
                (ProblemKind::Invalid, "malformed_question", "this could not be read", "Load the page again.")
            }
            _ => (ProblemKind::Internal, "connection", "Tacho could not be asked", "Is it still running?"),
        };
        ApiError::new(kind, code, format!("{what}: {error}. {remedy}"))
    }
}
