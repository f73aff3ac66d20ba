//! Channels: the ways to tell people.
//!
//! To add one: a file here with its word and its `send`, listed in [`CHANNELS`].

pub mod webhook;

/// Words of every kind of channel.
pub const CHANNELS: &[&str] = &[webhook::KIND];
