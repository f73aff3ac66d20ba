//! What was read becomes what is stored: durably, in groups, by one writer.
//!
//! The [`intake`] leads a body of events from its bytes to the answer; the [`recorder`] stores what comes of it, and
//! everything else. While nothing can be stored Tacho is [`read_only`], and a [`ballast`] makes room to say so. That it
//! runs at all is noted by [`presence`].

pub mod ballast;
mod event_json;
pub mod intake;
pub mod presence;
pub mod read_only;
pub mod recorder;

pub use event_json::event_json;
