//! Keys, sessions and sign-in links, and secrets that Tacho makes for itself.

use async_trait::async_trait;

use super::StoreError;
use crate::secrets::{Session, StoredKey};

/// Keys, sessions and sign-in links.
#[async_trait]
pub trait Access: Send + Sync {
    /// Every key, oldest first, and of one age by public part.
    async fn keys(&self) -> Result<Vec<StoredKey>, StoreError>;
    /// The key with this public part.
    async fn key(&self, public: &str) -> Result<Option<StoredKey>, StoreError>;
    /// Adds a key; fails where there is one with its public part.
    async fn put_key(&self, key: &StoredKey) -> Result<(), StoreError>;
    /// Revokes a key, which stays revoked since the first time; false when there is none.
    async fn revoke_key(&self, public: &str, now_ms: i64) -> Result<bool, StoreError>;

    /// The secret of this name; where there is none yet, `made` becomes it.
    async fn secret(&self, name: &str, made: [u8; 32]) -> Result<[u8; 32], StoreError>;

    /// Whether a first start has greeted.
    async fn has_greeted(&self) -> Result<bool, StoreError>;
    /// Notes that a first start has greeted, as often as one does.
    async fn note_greeting(&self, now_ms: i64) -> Result<(), StoreError>;

    /// Adds a sign-in link; fails where there is one with its hash.
    async fn put_sign_in(&self, hash: [u8; 32], expires_at_ms: i64) -> Result<(), StoreError>;
    /// Uses up a sign-in link; false when there is none or it has expired.
    async fn take_sign_in(&self, hash: [u8; 32], now_ms: i64) -> Result<bool, StoreError>;
    /// Adds a session; fails where there is one with its hash.
    async fn put_session(&self, hash: [u8; 32], session: &Session) -> Result<(), StoreError>;
    /// Notes that a session was used; one that has ended stays ended.
    async fn note_session_use(&self, hash: [u8; 32], now_ms: i64) -> Result<(), StoreError>;
    /// The session with this hash.
    async fn session(&self, hash: [u8; 32]) -> Result<Option<Session>, StoreError>;
    /// Every session, with the hash of its id, the one used last first.
    async fn sessions(&self) -> Result<Vec<([u8; 32], Session)>, StoreError>;
    /// Ends a session; false when there is none.
    async fn delete_session(&self, hash: [u8; 32]) -> Result<bool, StoreError>;
    /// Deletes sessions that were opened before one time, or last used before another, and sign-in links that have expired.
    async fn delete_ended(
        &self,
        opened_before_ms: i64,
        used_before_ms: i64,
        now_ms: i64,
    ) -> Result<(), StoreError>;
}
