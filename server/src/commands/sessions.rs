//! Sessions: opened by a one-time link, ended by signing out, by age, or by whoever sees that one is not theirs.

use std::net::IpAddr;

use vocabulary::Problem;

use super::{Commands, not_found};
use crate::secrets::{Session, session};
use crate::store::{Action, Author, StoreError};

impl Commands {
    /// Uses a sign-in link up; the answer is the id of the new session, or nothing for a bad link. The session that the
    /// browser had before, by its hash, ends, and those that have ended are forgotten. `agent` is what the browser calls
    /// itself.
    pub async fn open_session(
        &self,
        token: &str,
        before: Option<[u8; 32]>,
        agent: String,
        address: Option<IpAddr>,
    ) -> Result<Option<String>, StoreError> {
        let now_ms = self.now_ms();
        if !self.store().take_sign_in(session::hash(token), now_ms).await? {
            return Ok(None);
        }
        if let Some(before) = before {
            self.store().delete_session(before).await?;
        }
        let (opened_before_ms, used_before_ms) = session::ended_before(now_ms);
        self.store().delete_ended(opened_before_ms, used_before_ms, now_ms).await?;
        let id = session::new_id();
        let new = Session { created_at_ms: now_ms, last_used_at_ms: now_ms, address, agent: agent.clone() };
        let hash = session::hash(&id);
        self.store().put_session(hash, &new).await?;
        let opened = serde_json::json!({ "agent": agent });
        let subject = session::public_id(&hash);
        self.noted(Author::person(address), Action::SignedIn, &subject, None, Some(opened)).await;
        Ok(Some(id))
    }

    /// Ends the session of whoever asks for it, by its hash.
    pub async fn close_session(&self, own: [u8; 32], address: Option<IpAddr>) -> Result<(), StoreError> {
        if self.store().delete_session(own).await? {
            let subject = session::public_id(&own);
            self.noted(Author::person(address), Action::SignedOut, &subject, None, None).await;
        }
        Ok(())
    }

    /// Ends a session by its public id.
    pub async fn end_session(&self, id: &str, by: Author) -> Result<(), Problem> {
        let sessions = self.dashboard().open_sessions().await?;
        let known = sessions.iter().find(|(hash, _)| session::public_id(hash) == id);
        let (hash, _) = known.ok_or_else(|| not_found("session", id))?;
        self.end(hash, by).await.map_err(Problem::from)
    }

    /// Ends every session but that of whoever asks for it, by its hash.
    pub async fn end_other_sessions(&self, own: Option<[u8; 32]>, by: Author) -> Result<(), StoreError> {
        for (hash, _) in self.dashboard().open_sessions().await? {
            if Some(hash) != own {
                self.end(&hash, by.clone()).await?;
            }
        }
        Ok(())
    }

    async fn end(&self, hash: &[u8; 32], by: Author) -> Result<(), StoreError> {
        if self.store().delete_session(*hash).await? {
            self.noted(by, Action::SessionEnded, &session::public_id(hash), None, None).await;
        }
        Ok(())
    }
}
