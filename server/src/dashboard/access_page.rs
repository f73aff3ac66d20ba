//! The page of who gets in, and what was done.

use app::pages::settings::{AccessPage, AuditRow, KeyRow, SessionRow};
use vocabulary::wording;

use super::Dashboard;
use super::audit_rows::{browser_names, deed, doer};
use crate::secrets::session;
use crate::store::{NumberedNote, StoreError, may_go_on};

/// Lines of the audit log on the page.
const LINES: u32 = 100;

impl Dashboard {
    /// What the page shows to whoever has a session, by its hash; of the audit log what comes before a line of it, or the latest.
    pub async fn access_page(
        &self,
        own: Option<[u8; 32]>,
        before: Option<u64>,
    ) -> Result<AccessPage, StoreError> {
        let mut sessions = self.open_sessions().await?;
        // Their own first.
        sessions.sort_by_key(|(hash, _)| Some(*hash) != own);
        let sessions = sessions.into_iter().map(|(hash, known)| SessionRow {
            id: session::public_id(&hash),
            browser: browser_names(&known.agent),
            address: known.address.map(|address| address.to_string()),
            opened_at_ms: known.created_at_ms,
            used_at_ms: known.last_used_at_ms,
            is_own: Some(hash) == own,
        });
        let mut keys = self.store().keys().await?;
        keys.sort_by_key(|key| std::cmp::Reverse(key.created_at_ms));
        let keys = keys.into_iter().map(|key| KeyRow {
            name: wording::name(&key.name),
            scope: key.scope.word().to_owned(),
            made_at_ms: key.created_at_ms,
            revoked_at_ms: key.revoked_at_ms,
            public: key.public,
        });
        let notes = self.store().audit(before, LINES).await?;
        let last = notes.last().filter(|_| may_go_on(&notes, LINES));
        Ok(AccessPage {
            earlier: last.map(|last| format!("/settings/access?before={}", last.number)),
            sessions: sessions.collect(),
            keys: keys.collect(),
            audit: notes.iter().map(row).collect(),
        })
    }
}

fn row(NumberedNote { note, .. }: &NumberedNote) -> AuditRow {
    AuditRow { at_ms: note.at_ms, who: doer(&note.author), what: deed(note) }
}
