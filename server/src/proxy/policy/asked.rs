//! A call as policies see it: read whole, so that they can look at it and it can be sent again, where that can be done.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method};
use tokio::sync::OwnedSemaphorePermit;

use super::credential::Credential;

/// Bytes of a request per token of input, roughly: a guess until the API has counted.
const BYTES_PER_TOKEN: u64 = 4;

/// What policies know of a call.
#[derive(Debug, Clone, Default)]
pub struct PolicedCall {
    pub method: Method,
    /// Path and query at the API.
    pub path_and_query: String,
    /// The headers, as the API is to see them.
    pub headers: HeaderMap,
    /// The body, as it is sent; nothing when it is not all there, and passes as it comes.
    pub body: Option<Bytes>,
    /// How long the body is, in bytes, or at least is.
    pub body_bytes: u64,
    /// What the body takes of the [`Room`](super::room::Room) for bodies.
    pub room: Option<Arc<OwnedSemaphorePermit>>,
    pub project: String,
    /// Whether it generates. Nothing else is looked after by policies, but for limits.
    pub generates: bool,
    /// The pool of its model; nothing when that is not known, so that it may be any.
    pub pool: Option<String>,
    pub user: String,
    pub session: String,
    /// What it identifies itself with at the API; nothing when it has nothing.
    pub credential: Option<Credential>,
    pub stream: bool,
    /// It asks for the likeliest answer: `temperature` is 0.
    pub is_deterministic: bool,
    /// `x-tacho-cache`: what the caller says about caching.
    pub cache_wish: Option<CacheWish>,
}

/// What a caller says about caching.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheWish {
    /// `allow`: an answer from the cache is as good, whatever the temperature.
    Allow,
    /// `no`: only a new answer is.
    No,
}

impl CacheWish {
    /// Reads the header.
    pub fn of(headers: &HeaderMap) -> Option<CacheWish> {
        match headers.get("x-tacho-cache")?.to_str().ok()?.trim() {
            "allow" => Some(CacheWish::Allow),
            "no" => Some(CacheWish::No),
            _ => None,
        }
    }
}

impl PolicedCall {
    /// The tokens of its input, roughly, until the API has counted them.
    pub fn input_tokens(&self) -> u64 {
        self.body_bytes.div_ceil(BYTES_PER_TOKEN)
    }
}
