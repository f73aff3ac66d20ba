//! Builds the browser bundle.
