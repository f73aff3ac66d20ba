//! Sessions: opened by a one-time link, closed by signing out.

use axum::http::HeaderMap;

use super::Dashboard;
use crate::access::{Session, session};
use crate::store::StoreError;

impl Dashboard {
    /// Uses a sign-in link up; the answer is the cookie of the new session, or nothing for a bad link.
    pub async fn open_session(&self, token: &str) -> Result<Option<String>, StoreError> {
        let now_ms = self.now_ms();
        if !self.store().take_sign_in(session::hash(token), now_ms).await? {
            return Ok(None);
        }
        let id = session::new_id();
        let new = Session { created_at_ms: now_ms, last_used_at_ms: now_ms };
        self.store().put_session(session::hash(&id), &new).await?;
        Ok(Some(self.sources.cookie.with(&id)))
    }

    /// Ends the session that a request carries; the answer is what takes its cookie away.
    pub async fn close_session(&self, headers: &HeaderMap) -> Result<String, StoreError> {
        if let Some(id) = self.sources.cookie.read(headers) {
            self.store().delete_session(session::hash(&id)).await?;
        }
        Ok(self.sources.cookie.none())
    }
}
