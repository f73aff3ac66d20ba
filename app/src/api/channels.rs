//! Channels and deliveries as people see and manage them.

use serde::{Deserialize, Serialize};
use vocabulary::Severity;

/// Every channel, and the latest deliveries over all of them.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelsPage {
    /// In the order they were added.
    pub channels: Vec<ChannelItem>,
    /// Newest first, at most 50.
    pub deliveries: Vec<DeliveryRow>,
}

/// A delivery as its page shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliveryRow {
    pub delivery: DeliveryItem,
    /// What the message is about; nothing where it is a test.
    pub about: Option<MessageAbout>,
}

/// What a message is about. Names are as they are shown.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageAbout {
    /// Name of the limit.
    pub name: String,
    /// Word of its kind.
    pub kind: String,
    /// The limit was learned.
    pub is_learned: bool,
    /// The value it covers.
    pub value: Option<String>,
    pub severity: Severity,
    /// Usage in percent of the amount.
    pub percent: f64,
}

/// A secret shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevealedSecret {
    pub channel_name: String,
    /// `whsec_...`
    pub secret: String,
}

/// One channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelItem {
    pub id: String,
    /// `webhook`
    pub kind: String,
    pub name: String,
    /// Where messages go.
    pub url: String,
    /// Last four characters of the signing secret.
    pub secret_hint: String,
    /// Whether messages are sent.
    pub enabled: bool,
    /// Why Tacho disabled it, if it did.
    pub disabled_reason: Option<String>,
    /// Deliveries waiting for their next attempt.
    pub pending: u64,
}

/// One message on its way to a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryItem {
    pub id: String,
    /// The `webhook-id` header: the same on every attempt.
    pub message_id: String,
    pub channel_name: String,
    /// `limit.warning`, `limit.critical`, `limit.resolved` or `limit.test`.
    pub message_type: String,
    /// What it is about, in words.
    pub subject: String,
    /// `pending`, `delivered`, `exhausted` or `dropped`.
    pub state: String,
    /// When it was written, Unix milliseconds.
    pub created_at_ms: i64,
    /// When the next attempt is due, Unix milliseconds.
    pub next_attempt_at_ms: Option<i64>,
    /// Newest last.
    pub attempts: Vec<AttemptItem>,
}

/// One attempt at a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptItem {
    /// From 1.
    pub number: u32,
    /// When it began, Unix milliseconds.
    pub at_ms: i64,
    pub duration_ms: u64,
    /// The receiver's status, if it answered.
    pub status: Option<u16>,
    /// What went wrong: `refused_address`, `timeout`, `connection`, `status`, ...; empty if nothing did.
    pub error: String,
    /// The first bytes of the answer, as text.
    pub response: String,
}

/// What the channel form sends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelForm {
    pub name: String,
    /// Where messages go.
    pub url: String,
}
