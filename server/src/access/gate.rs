//! Who is asking, and what they may do.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use http::{HeaderMap, HeaderValue, header};
use tokio_util::sync::CancellationToken;
use vocabulary::{Problem, ProblemKind};

use super::cookie::Cookie;
use super::origin;
use super::refusals::Refusals;
use crate::clock::Clock;
use crate::secrets::{KeyScope, Session, StoredKey, key, session};
use crate::store::{Store, StoreError};

/// A key is looked up at most this often: a revoked key works no longer than that.
const KEY_MEMORY_MS: i64 = 5_000;
/// A session's last use is noted at most this often.
const SESSION_NOTE_MS: i64 = 60_000;

/// Checks keys and sessions.
pub struct Gate {
    store: Arc<dyn Store>,
    clock: Clock,
    cookie: Cookie,
    /// Keys seen lately, by their public part, with when they were looked up.
    keys: Mutex<HashMap<String, (StoredKey, i64)>>,
    refusals: Refusals,
}

/// Who is asking.
pub enum Caller {
    /// A program with a key.
    Key(Box<StoredKey>),
    /// A person with a browser.
    Session,
}

impl Gate {
    /// A gate over the keys and sessions of `store`, whose ids come in `cookie`.
    pub fn new(store: Arc<dyn Store>, clock: Clock, cookie: Cookie) -> Self {
        Gate { store, clock, cookie, keys: Mutex::new(HashMap::new()), refusals: Refusals::default() }
    }

    /// Who was refused.
    pub fn refusals(&self) -> &Refusals {
        &self.refusals
    }

    /// Tells the audit log who was refused, until the end.
    pub async fn tell_refusals(self: Arc<Self>, end: CancellationToken) {
        self.refusals.tell(&*self.store, &self.clock, &end).await;
    }

    /// The caller of a request.
    pub async fn caller(
        &self,
        method: &http::Method,
        headers: &HeaderMap,
        address: Option<IpAddr>,
    ) -> Result<Caller, Problem> {
        if let Some(text) = presented_key(headers)? {
            let key = self.key(text).await;
            if key.as_ref().is_err_and(|error| error.kind == ProblemKind::Unauthenticated) {
                let public = key::parse(text).ok().map(|key| key.public().to_owned());
                self.refusals.note("invalid_key", public.as_deref(), address);
            }
            return key.map(|key| Caller::Key(Box::new(key)));
        }
        if !self.has_session(headers).await? {
            return Err(Problem::new(
                ProblemKind::Unauthenticated,
                "unauthenticated",
                "send a key as `Authorization: Bearer tch_...` or `x-tacho-key: tch_...`; make one with \
                 `tacho keys create --scope ingest --name my-app`",
            ));
        }
        if !origin::is_same_origin(method, headers) {
            return Err(cross_origin());
        }
        Ok(Caller::Session)
    }

    /// Whether the request carries a session that is still valid.
    pub async fn has_session(&self, headers: &HeaderMap) -> Result<bool, StoreError> {
        let Some((hash, known)) = self.session(headers).await? else { return Ok(false) };
        let now_ms = self.clock.now_ms();
        if now_ms - known.last_used_at_ms > SESSION_NOTE_MS
            && let Err(error) = self.store.note_session_use(hash, now_ms).await
        {
            // Reading goes on where nothing can be written.
            tracing::warn!(error = %error, "Could not note the use of a session");
        }
        Ok(true)
    }

    /// Whether who sent a request that was let through, and is still being answered, would be let through now. It asks
    /// nothing new, and so is no use of a session.
    pub async fn still_reads(&self, headers: &HeaderMap) -> Result<bool, Problem> {
        match presented_key(headers)? {
            Some(text) => match self.key(text).await {
                Ok(key) => Ok(key.scope.allows(KeyScope::Read)),
                Err(error) if error.kind == ProblemKind::Unauthenticated => Ok(false),
                Err(error) => Err(error),
            },
            None => Ok(self.session(headers).await?.is_some()),
        }
    }

    /// The hash of the session that a request carries, whether or not there is one of it.
    pub fn session_hash(&self, headers: &HeaderMap) -> Option<[u8; 32]> {
        self.cookie.read(headers).map(|id| session::hash(&id))
    }

    /// What carries the ids of sessions.
    pub fn cookie(&self) -> &Cookie {
        &self.cookie
    }

    /// The session that a request carries, under its hash, while it is valid.
    async fn session(&self, headers: &HeaderMap) -> Result<Option<([u8; 32], Session)>, StoreError> {
        let Some(hash) = self.session_hash(headers) else { return Ok(None) };
        let known = self.store.session(hash).await?;
        let now_ms = self.clock.now_ms();
        Ok(known.filter(|known| session::is_valid(known, now_ms)).map(|known| (hash, known)))
    }

    /// The key with this text.
    pub async fn key(&self, text: &str) -> Result<StoredKey, Problem> {
        let refused = |message: &str| Problem::new(ProblemKind::Unauthenticated, "invalid_key", message);
        let presented = key::parse(text).map_err(|error| refused(&error.to_string()))?;
        let stored =
            self.look_up(presented.public()).await?.filter(|stored| presented.matches(stored)).ok_or_else(
                || refused("this key is not known here; `tacho keys list` shows those that are"),
            )?;
        if stored.revoked_at_ms.is_some() {
            return Err(refused("this key was revoked; make another with `tacho keys create`"));
        }
        Ok(stored)
    }

    async fn look_up(&self, public: &str) -> Result<Option<StoredKey>, StoreError> {
        let now_ms = self.clock.now_ms();
        if let Some((key, seen_ms)) = self.remembered().get(public)
            && now_ms - seen_ms < KEY_MEMORY_MS
        {
            return Ok(Some(key.clone()));
        }
        let found = self.store.key(public).await?;
        let mut keys = self.remembered();
        match &found {
            Some(key) => keys.insert(public.to_owned(), (key.clone(), now_ms)),
            None => keys.remove(public),
        };
        Ok(found)
    }

    fn remembered(&self) -> std::sync::MutexGuard<'_, HashMap<String, (StoredKey, i64)>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn presented_key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let (name, value) = match (headers.get("x-tacho-key"), headers.get(header::AUTHORIZATION)) {
        (Some(value), _) => ("x-tacho-key", value),
        // What a proxy before Tacho asks a browser for.
        (None, Some(value)) if is_basic(value) => return Ok(None),
        (None, Some(value)) => ("Authorization", value),
        (None, None) => return Ok(None),
    };
    let text = value.to_str().ok().map(|text| text.strip_prefix("Bearer ").unwrap_or(text).trim());
    text.map(Some).ok_or_else(|| {
        Problem::new(
            ProblemKind::Unauthenticated,
            "invalid_key",
            format!("the header `{name}` is not plain text"),
        )
    })
}

fn is_basic(value: &HeaderValue) -> bool {
    value.as_bytes().get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"basic "))
}

/// A browser says that another site made it send this.
pub fn cross_origin() -> Problem {
    let message = "this request came from another site; use the interface itself, or a key";
    Problem::new(ProblemKind::Forbidden, "cross_origin", message)
}

/// Why a key that is known may not.
pub fn lacks(needed: KeyScope) -> Problem {
    Problem::new(
        ProblemKind::Forbidden,
        "scope",
        format!(
            "this needs a key of scope `{0}`: `tacho keys create --scope {0} --name my-app`",
            needed.word()
        ),
    )
}
