//! Channels: the ways to tell people.
//!
//! To add one: a file here with its word and its `send`, one word in [`CHANNELS`], and one arm in [`Senders::send`].

mod echo;
pub mod webhook;

use std::sync::Arc;

use super::address::AllowedAddresses;
use super::outbox::Due;
use webhook::Sent;

pub use echo::without_address;

/// Words of every kind of channel.
pub const CHANNELS: &[&str] = &[webhook::KIND];

/// Sends to channels of every kind.
pub struct Senders {
    webhook: webhook::Sender,
}

impl Senders {
    /// Senders that connect only to the addresses that are allowed.
    pub fn new(addresses: Arc<AllowedAddresses>) -> Result<Self, reqwest::Error> {
        Ok(Senders { webhook: webhook::Sender::new(addresses)? })
    }

    /// Makes one attempt at `now_ms`.
    pub async fn send(&self, due: &Due, now_ms: i64) -> Sent {
        match due.channel.kind.as_str() {
            webhook::KIND => self.webhook.send(due, now_ms).await,
            _ => webhook::failed("unknown_kind"),
        }
    }
}
