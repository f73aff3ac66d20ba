//! The alert of one standing: its state, and the steps it takes.

pub mod machine;
pub mod span;
