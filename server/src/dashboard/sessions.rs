//! Who is signed in.

use std::net::IpAddr;

use domain::time::rfc3339;
use serde::Serialize;

use super::Dashboard;
use crate::secrets::{Session, session};
use crate::store::StoreError;

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
    /// Sessions that hold, the one used last first.
    pub async fn list_sessions(&self) -> Result<Vec<SessionItem>, StoreError> {
        Ok(self.open_sessions().await?.into_iter().map(|(hash, session)| item(&hash, session)).collect())
    }

    /// Sessions that hold, under their hashes.
    pub async fn open_sessions(&self) -> Result<Vec<([u8; 32], Session)>, StoreError> {
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
