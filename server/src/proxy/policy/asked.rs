//! A call that has been read whole, so that policies can look at it and it can be sent again.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures::{StreamExt, stream};
use http::{HeaderMap, Method};
use http_body_util::BodyExt;

use super::credential::Credential;

/// Calls up to this size are read whole, in bytes: as large as the API takes messages.
const MOST_BYTES: usize = 32 << 20;
/// Bytes of a request per token of input, roughly: a guess until the API has counted.
const BYTES_PER_TOKEN: u64 = 4;

/// What policies know of a call.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The method.
    pub method: Method,
    /// Path and query at the API.
    pub path_and_query: String,
    /// The headers, as the API is to see them.
    pub headers: HeaderMap,
    /// The body, as it is sent.
    pub body: Bytes,
    /// The project.
    pub project: String,
    /// The pool of its model.
    pub pool: String,
    /// The user.
    pub user: String,
    /// The session.
    pub session: String,
    /// What it identifies itself with at the API; nothing when it has nothing.
    pub credential: Option<Credential>,
    /// It asks for a stream.
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

impl Asked {
    /// The tokens of its input, roughly, until the API has counted them.
    pub fn input_tokens(&self) -> u64 {
        (self.body.len() as u64).div_ceil(BYTES_PER_TOKEN)
    }
}

/// Reads a body whole; one that is too large comes back as a stream, with what was read at its front.
pub async fn collect(body: Body) -> Result<Bytes, Body> {
    let mut body = body;
    let mut read = BytesMut::new();
    loop {
        match body.frame().await {
            None => return Ok(read.freeze()),
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    read.extend_from_slice(&data);
                }
            }
            // Who sends it has gone, or will hear of it from the API.
            Some(Err(error)) => {
                let front = stream::iter([Ok(read.freeze()), Err(error)]);
                return Err(Body::from_stream(front));
            }
        }
        if read.len() > MOST_BYTES {
            let front = stream::iter([Ok(read.freeze())]);
            return Err(Body::from_stream(front.chain(body.into_data_stream())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_too_large_is_passed_on_whole() {
        let small = collect(Body::from("hello")).await.expect("read");
        assert_eq!(small, "hello");
        let chunk = Bytes::from(vec![b'x'; 5 << 20]);
        let chunks = stream::iter((0..9).map(move |_| Ok::<_, std::io::Error>(chunk.clone())));
        let large = collect(Body::from_stream(chunks)).await.expect_err("a stream");
        assert_eq!(large.collect().await.expect("all").to_bytes().len(), 45 << 20);
    }
}
