//! What all that speaks HTTP shares, towards callers, the API and receivers alike.

pub mod head;
pub mod keeping;
mod retry_after;
pub mod values;

pub use retry_after::retry_after;
