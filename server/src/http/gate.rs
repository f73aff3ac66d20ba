//! Who is asking, and what they may do.
//!
//! A handler says what it needs by an extractor: [`Ingester`], [`Reader`] or [`Admin`]. A route without one
//! is open to everybody, and `tests/it/access.rs` lists those.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, header};

use tokio_util::sync::CancellationToken;

use super::error::HttpError;
use super::refusals::Refusals;
use crate::access::{Scope, Session, StoredKey, key, origin, session};
use crate::clock::Clock;
use crate::store::{Author, Store, StoreError};

/// A key is looked up at most this often: a revoked key works no longer than that.
const KEY_MEMORY_MS: i64 = 5_000;
/// A session's last use is noted at most this often.
const SESSION_NOTE_MS: i64 = 60_000;

/// Checks keys and sessions.
pub struct Gate {
    store: Arc<dyn Store>,
    clock: Clock,
    cookie: session::Cookie,
    /// Keys seen lately, by their public part, with when they were looked up.
    keys: Mutex<HashMap<String, (StoredKey, i64)>>,
    refusals: Refusals,
}

/// Where a request comes from. Behind a reverse proxy that is the proxy.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

impl Peer {
    /// The address that a request came from.
    pub fn of(parts: &Parts) -> Option<IpAddr> {
        Peer::among(&parts.extensions)
    }

    /// The same, of what is noted with a request.
    pub fn among(extensions: &Extensions) -> Option<IpAddr> {
        extensions.get::<Peer>().map(|peer| peer.0)
    }
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
    pub fn new(store: Arc<dyn Store>, clock: Clock, cookie: session::Cookie) -> Self {
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
    ) -> Result<Caller, HttpError> {
        if let Some(text) = presented_key(headers)? {
            let key = self.key(text).await;
            if key.as_ref().is_err_and(|error| error.status == StatusCode::UNAUTHORIZED) {
                let public = key::parse(text).ok().map(|key| key.public().to_owned());
                self.refusals.note("invalid_key", public.as_deref(), address);
            }
            return key.map(|key| Caller::Key(Box::new(key)));
        }
        if !self.has_session(headers).await? {
            return Err(HttpError::new(
                StatusCode::UNAUTHORIZED,
                "unauthenticated",
                "send a key as `Authorization: Bearer tch_...` or `x-tacho-key: tch_...`; make one with \
                 `tacho keys create --scope ingest --name my-app`",
            ));
        }
        if !origin::is_same_origin(method, headers) {
            return Err(HttpError::cross_origin());
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
    pub async fn still_reads(&self, headers: &HeaderMap) -> Result<bool, HttpError> {
        match presented_key(headers)? {
            Some(text) => match self.key(text).await {
                Ok(key) => Ok(key.scope.allows(Scope::Read)),
                Err(error) if error.status == StatusCode::UNAUTHORIZED => Ok(false),
                Err(error) => Err(error),
            },
            None => Ok(self.session(headers).await?.is_some()),
        }
    }

    /// The session that a request carries, under its hash, while it is valid.
    async fn session(&self, headers: &HeaderMap) -> Result<Option<([u8; 32], Session)>, StoreError> {
        let Some(id) = self.cookie.read(headers) else { return Ok(None) };
        let hash = session::hash(&id);
        let known = self.store.session(hash).await?;
        let now_ms = self.clock.now_ms();
        Ok(known.filter(|known| session::is_valid(known, now_ms)).map(|known| (hash, known)))
    }

    /// The key with this text.
    pub async fn key(&self, text: &str) -> Result<StoredKey, HttpError> {
        let refused = |message: &str| HttpError::new(StatusCode::UNAUTHORIZED, "invalid_key", message);
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

fn presented_key(headers: &HeaderMap) -> Result<Option<&str>, HttpError> {
    let (name, value) = match (headers.get("x-tacho-key"), headers.get(header::AUTHORIZATION)) {
        (Some(value), _) => ("x-tacho-key", value),
        // What a proxy before Tacho asks a browser for.
        (None, Some(value)) if is_basic(value) => return Ok(None),
        (None, Some(value)) => ("Authorization", value),
        (None, None) => return Ok(None),
    };
    let text = value.to_str().ok().map(|text| text.strip_prefix("Bearer ").unwrap_or(text).trim());
    text.map(Some).ok_or_else(|| {
        HttpError::new(
            StatusCode::UNAUTHORIZED,
            "invalid_key",
            format!("the header `{name}` is not plain text"),
        )
    })
}

fn is_basic(value: &HeaderValue) -> bool {
    value.as_bytes().get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"basic "))
}

/// May post events; holds the key, whose default dimensions fill what an event leaves out.
pub struct Ingester(pub StoredKey);
/// May read.
pub struct Reader {
    /// Also what only people and administrators see: receivers' addresses and answers.
    pub sees_receivers: bool,
}
/// May change everything; holds who it is.
pub struct Admin {
    caller: Caller,
    address: Option<IpAddr>,
}

impl Admin {
    /// Who it is, for the audit log.
    pub fn author(self) -> Author {
        let address = self.address;
        match self.caller {
            Caller::Key(key) => Author { key_public: key.public, key_name: key.name, address },
            Caller::Session => Author::person(address),
        }
    }
}

impl<S> FromRequestParts<S> for Ingester
where
    S: Send + Sync,
    Arc<Gate>: FromRef<S>,
{
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        match Arc::<Gate>::from_ref(state).caller(&parts.method, &parts.headers, Peer::of(parts)).await? {
            Caller::Key(key) if key.scope.allows(Scope::Ingest) => Ok(Ingester(*key)),
            Caller::Key(_) | Caller::Session => Err(lacks(Scope::Ingest)),
        }
    }
}

impl<S> FromRequestParts<S> for Reader
where
    S: Send + Sync,
    Arc<Gate>: FromRef<S>,
{
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let caller = allow(parts, state, Scope::Read).await?;
        // A person, or an administrator.
        let sees_receivers = match caller {
            Caller::Session => true,
            Caller::Key(key) => key.scope == Scope::Admin,
        };
        Ok(Reader { sees_receivers })
    }
}

impl<S> FromRequestParts<S> for Admin
where
    S: Send + Sync,
    Arc<Gate>: FromRef<S>,
{
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let caller = allow(parts, state, Scope::Admin).await?;
        Ok(Admin { caller, address: Peer::of(parts) })
    }
}

/// Lets a caller through who may do what is needed. A person may.
async fn allow<S>(parts: &Parts, state: &S, needed: Scope) -> Result<Caller, HttpError>
where
    Arc<Gate>: FromRef<S>,
{
    match Arc::<Gate>::from_ref(state).caller(&parts.method, &parts.headers, Peer::of(parts)).await? {
        Caller::Key(key) if !key.scope.allows(needed) => Err(lacks(needed)),
        caller => Ok(caller),
    }
}

fn lacks(needed: Scope) -> HttpError {
    HttpError::new(
        StatusCode::FORBIDDEN,
        "scope",
        format!(
            "this needs a key of scope `{0}`: `tacho keys create --scope {0} --name my-app`",
            needed.word()
        ),
    )
}
