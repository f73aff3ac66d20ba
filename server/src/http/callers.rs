//! What a handler needs of who calls it, said by an extractor: [`Ingester`], [`Viewer`] or [`Admin`]. A route without one
//! is open to everybody, and `tests/it/access.rs` lists those.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::Extensions;
use axum::http::request::Parts;

use super::error::HttpError;
use crate::access::gate::lacks;
use crate::access::{Caller, Gate};
use crate::secrets::{KeyScope, StoredKey};
use crate::store::Author;

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

/// May post events; holds the key, whose default dimensions fill what an event leaves out.
pub struct Ingester(pub StoredKey);
/// May read.
pub struct Viewer {
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
            Caller::Key(key) if key.scope.allows(KeyScope::Ingest) => Ok(Ingester(*key)),
            Caller::Key(_) | Caller::Session => Err(lacks(KeyScope::Ingest).into()),
        }
    }
}

impl<S> FromRequestParts<S> for Viewer
where
    S: Send + Sync,
    Arc<Gate>: FromRef<S>,
{
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let caller = allow(parts, state, KeyScope::Read).await?;
        // A person, or an administrator.
        let sees_receivers = match caller {
            Caller::Session => true,
            Caller::Key(key) => key.scope == KeyScope::Admin,
        };
        Ok(Viewer { sees_receivers })
    }
}

impl<S> FromRequestParts<S> for Admin
where
    S: Send + Sync,
    Arc<Gate>: FromRef<S>,
{
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpError> {
        let caller = allow(parts, state, KeyScope::Admin).await?;
        Ok(Admin { caller, address: Peer::of(parts) })
    }
}

/// Lets a caller through who may do what is needed. A person may.
async fn allow<S>(parts: &Parts, state: &S, needed: KeyScope) -> Result<Caller, HttpError>
where
    Arc<Gate>: FromRef<S>,
{
    match Arc::<Gate>::from_ref(state).caller(&parts.method, &parts.headers, Peer::of(parts)).await? {
        Caller::Key(key) if !key.scope.allows(needed) => Err(lacks(needed).into()),
        caller => Ok(caller),
    }
}
