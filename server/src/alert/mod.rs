//! Telling people, in stages: the state machine notices, a message is rendered once, the outbox keeps it, the
//! dispatcher sends it, and the schedule says when to try again.
//!
//! To add a channel: a file in `channel/`, listed in [`channel::CHANNELS`].

pub mod address;
pub mod channel;
pub mod dispatch;
pub mod message;
pub mod outbox;
pub mod schedule;
