//! Sessions: opened by a one-time link, ended by signing out, by age, or by whoever sees that one is not theirs.

use std::net::IpAddr;

use app::api::ApiError;
use axum::http::HeaderMap;
use domain::time::rfc3339;
use serde::Serialize;

use super::{Dashboard, not_answered, not_found};
use crate::access::{Session, session};
use crate::store::{Action, Author, StoreError};

/// A session, as `GET /v1/access/sessions` tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SessionItem {
    /// What it is ended by.
    pub id: String,
    /// When it was opened, RFC 3339.
    pub opened_at: String,
    /// When it was last used, RFC 3339; noted once a minute.
    pub last_used_at: String,
    /// The address it was opened from: behind a reverse proxy the proxy's.
    pub address: Option<IpAddr>,
    /// What the browser calls itself.
    pub agent: String,
}

impl Dashboard {
    /// Uses a sign-in link up; the answer is the cookie of the new session, or nothing for a bad link. The session that
    /// the browser had before ends, and those that have ended are forgotten.
    pub async fn open_session(
        &self,
        token: &str,
        headers: &HeaderMap,
        address: Option<IpAddr>,
    ) -> Result<Option<String>, StoreError> {
        let now_ms = self.now_ms();
        if !self.store().take_sign_in(session::hash(token), now_ms).await? {
            return Ok(None);
        }
        if let Some(before) = self.sources.cookie.read(headers) {
            self.store().delete_session(session::hash(&before)).await?;
        }
        let (opened_before_ms, used_before_ms) = session::ended_before(now_ms);
        self.store().delete_ended(opened_before_ms, used_before_ms, now_ms).await?;
        let id = session::new_id();
        let agent = session::agent(headers);
        let new = Session { created_at_ms: now_ms, last_used_at_ms: now_ms, address, agent: agent.clone() };
        let hash = session::hash(&id);
        self.store().put_session(hash, &new).await?;
        let opened = serde_json::json!({ "agent": agent });
        let subject = session::public_id(&hash);
        self.noted(Author::person(address), Action::SignedIn, &subject, None, Some(opened)).await;
        Ok(Some(self.sources.cookie.with(&id)))
    }

    /// Ends the session that a request carries; the answer is what takes its cookie away.
    pub async fn close_session(
        &self,
        headers: &HeaderMap,
        address: Option<IpAddr>,
    ) -> Result<String, StoreError> {
        if let Some(id) = self.sources.cookie.read(headers) {
            let hash = session::hash(&id);
            if self.store().delete_session(hash).await? {
                let subject = session::public_id(&hash);
                self.noted(Author::person(address), Action::SignedOut, &subject, None, None).await;
            }
        }
        Ok(self.sources.cookie.none())
    }

    /// Sessions that hold, the one used last first.
    pub async fn list_sessions(&self) -> Result<Vec<SessionItem>, StoreError> {
        Ok(self.open_sessions().await?.into_iter().map(|(hash, session)| item(&hash, session)).collect())
    }

    /// Ends a session by its public id.
    pub async fn end_session(&self, id: &str, by: Author) -> Result<(), ApiError> {
        let sessions = self.open_sessions().await.map_err(not_answered)?;
        let known = sessions.iter().find(|(hash, _)| session::public_id(hash) == id);
        let (hash, _) = known.ok_or_else(|| not_found("session", id))?;
        self.end(hash, by).await.map_err(not_answered)
    }

    /// Ends every session but the one that a request carries.
    pub async fn end_other_sessions(&self, headers: &HeaderMap, by: Author) -> Result<(), StoreError> {
        let own = self.sources.cookie.read(headers).map(|id| session::hash(&id));
        for (hash, _) in self.open_sessions().await? {
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

    pub(super) async fn open_sessions(&self) -> Result<Vec<([u8; 32], Session)>, StoreError> {
        let now_ms = self.now_ms();
        let mut sessions = self.store().sessions().await?;
        sessions.retain(|(_, known)| session::is_valid(known, now_ms));
        Ok(sessions)
    }
}

fn item(hash: &[u8; 32], known: Session) -> SessionItem {
    let Session { created_at_ms, last_used_at_ms, address, agent } = known;
    SessionItem {
        id: session::public_id(hash),
        opened_at: rfc3339(created_at_ms),
        last_used_at: rfc3339(last_used_at_ms),
        address,
        agent,
    }
}
