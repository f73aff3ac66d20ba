//! Everything else.
