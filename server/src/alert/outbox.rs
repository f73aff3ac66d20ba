//! The outbox, as the dispatcher sees it. The store implements it.

use async_trait::async_trait;

use crate::secrets::signature::Secret;

/// Why the outbox did not answer, in the words of whoever keeps it.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct OutboxError(pub Box<dyn std::error::Error + Send + Sync>);

/// Where alerts go.
#[derive(Clone)]
pub struct Channel {
    pub id: String,
    /// Word of its kind.
    pub kind: String,
    pub name: String,
    /// Where messages go.
    pub url: String,
    /// What they are signed with.
    pub secret: Secret,
    /// Since when every attempt has failed, Unix milliseconds.
    pub failing_since_ms: Option<i64>,
    /// Attempts that have failed since then.
    pub failed_attempts: u32,
    /// When it was added, Unix milliseconds.
    pub created_at_ms: i64,
}

/// Without its address, which holds a token.
impl std::fmt::Debug for Channel {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Channel")
            .field("id", &self.id)
            .field("secret", &self.secret)
            .finish_non_exhaustive()
    }
}

/// A delivery whose time has come.
#[derive(Debug, Clone)]
pub struct Due {
    pub delivery_id: String,
    /// Where it goes.
    pub channel: Channel,
    /// The `webhook-id`, the same on every attempt.
    pub message_id: String,
    /// What is sent and signed.
    pub body: Vec<u8>,
    /// The number of the attempt to make, from 1.
    pub attempt_number: u32,
    /// When the first attempt was made, Unix milliseconds.
    pub first_attempt_at_ms: Option<i64>,
}

/// An attempt that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its number, from 1.
    pub number: u32,
    /// When it began, Unix milliseconds.
    pub at_ms: i64,
    pub duration_ms: u64,
    /// The receiver's status, if it answered.
    pub status: Option<u16>,
    /// What went wrong, as a word; empty if nothing did.
    pub error: String,
    /// The first bytes of the answer.
    pub response: String,
}

/// What happens to a delivery after an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// It arrived.
    Delivered,
    Retry {
        /// When, Unix milliseconds.
        at_ms: i64,
    },
    /// It is given up.
    Exhausted,
    /// It is given up, and its channel is switched off.
    DisableChannel { reason: String },
}

/// Messages on their way out.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Deliveries to attempt now: the oldest pending one of each channel and incident, if it is due, and its channel is
    /// not switched off. At most so many of each channel, the longest due first, and of one time by id.
    async fn due(&self, now_ms: i64, per_channel: usize) -> Result<Vec<Due>, OutboxError>;

    /// When the next delivery is due, those that wait for an earlier one left aside.
    async fn next_due_ms(&self) -> Result<Option<i64>, OutboxError>;

    /// Notes an attempt and what follows from it. A number that an attempt has is an error.
    async fn record_attempt(
        &self,
        delivery_id: &str,
        attempt: &Attempt,
        next: &Next,
    ) -> Result<(), OutboxError>;
}
