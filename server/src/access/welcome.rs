//! What a fresh start prints, and the link that lets a person in.

use crate::secrets::{Key, KeyScope, session};
use crate::store::{Access, Action, Author, Note, Store, StoreError};

/// How long a sign-in link works.
const SIGN_IN_MS: i64 = 15 * 60_000;

/// What a fresh start prints.
pub struct Welcome {
    /// One-time sign-in link.
    pub sign_in_link: String,
    pub ingest_key: String,
}

/// A one-time sign-in link.
pub async fn sign_in_link(store: &dyn Access, base_url: &str, now_ms: i64) -> Result<String, StoreError> {
    let token = session::new_id();
    store.put_sign_in(session::hash(&token), now_ms + SIGN_IN_MS).await?;
    Ok(format!("{base_url}/sign-in?token={token}"))
}

/// Makes what a fresh start prints, once.
pub async fn welcome(store: &dyn Store, base_url: &str, now_ms: i64) -> Result<Welcome, StoreError> {
    let key = Key::generate(KeyScope::Ingest);
    store.put_key(&key.stored("first start", now_ms)).await?;
    let note = Note {
        at_ms: now_ms,
        author: Author::first_start(),
        action: Action::KeyMade,
        subject: key.public().to_owned(),
        project: String::new(),
        before: String::new(),
        after: Some(
            serde_json::json!({ "name": "first start", "scope": KeyScope::Ingest.word() }).to_string(),
        ),
    };
    store.note(&note).await?;
    let sign_in_link = sign_in_link(store, base_url, now_ms).await?;
    store.note_greeting(now_ms).await?;
    Ok(Welcome { sign_in_link, ingest_key: key.reveal() })
}
