//! Limits: where they stand, and setting them.

mod form;
mod list;

pub use form::add;
pub use list::list;

use crate::api::limits::LimitForm;

/// What a limit on requests counts unless it says otherwise: what generates.
const MESSAGES: &str = "messages";

/// A form that was refused: what it holds, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedForm {
    pub form: LimitForm,
    pub why: String,
}
