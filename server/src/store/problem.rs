//! What a failure of the store means to who asked.

use vocabulary::{Problem, ProblemKind};

use super::StoreError;

/// A question that the store did not answer. What is no fault of who asked is logged here.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::OverBudget => {
                Problem::new(ProblemKind::TooHeavy, "question_too_heavy", error.to_string())
            }
            StoreError::Crowded => {
                Problem::new(ProblemKind::Crowded, "too_many_questions", error.to_string())
            }
            _ => {
                tracing::error!(error = %error, "The store did not answer a question");
                if error.is_read_only() {
                    return Problem::read_only(format!("{READ_ONLY}; make room and try again"));
                }
                Problem::unavailable(
                    "the database did not answer; try again in a few seconds, and see Tacho's log",
                )
            }
        }
    }
}

/// How it is said that nothing can be stored.
pub const READ_ONLY: &str =
    "Tacho can read but not write: its disk is full, or it may not write to its files";
