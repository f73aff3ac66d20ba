//! Cache: an answer is given again to the same call of the same caller.
//!
//! Only to calls that are the same byte by byte, ask for no stream, and either for the likeliest answer (`temperature`
//! 0) or say `x-tacho-cache: allow`. The same caller is who shows the same credential to the API; without one nothing
//! is kept, since nobody but the API can tell whether it is good. Answers are kept in memory alone: what models say is written nowhere.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use moka::sync::Cache as Answers;
use sha2::{Digest, Sha256};

use super::asked::{CacheWish, PolicedCall};
use super::rules::CacheRule;

/// The largest answer that is kept, in bytes.
const MOST_BYTES: usize = 1 << 20;
/// What an answer takes beside its body, roughly, in bytes.
const OVERHEAD_BYTES: u32 = 1_024;
/// Headers that are about one exchange, not about what was answered.
const OF_ONE_EXCHANGE: [&str; 6] =
    ["date", "request-id", "retry-after", "set-cookie", "traceresponse", "x-should-retry"];

/// Answers by call.
#[derive(Clone)]
pub struct Cache {
    answers: Answers<[u8; 32], Kept>,
}

/// An answer that is given again.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its headers, without those of its one exchange.
    pub headers: HeaderMap,
    /// Its body, encoded as it was.
    pub body: Bytes,
    /// When it was kept, Unix milliseconds.
    pub at_ms: i64,
}

/// Where the answer of a call is kept, while it comes in.
pub struct CacheEntry {
    cache: Cache,
    key: [u8; 32],
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Cache {
    /// An empty cache.
    pub fn new(rule: &CacheRule) -> Self {
        let weight =
            |_: &[u8; 32], kept: &Kept| u32::try_from(kept.body.len()).unwrap_or(u32::MAX) + OVERHEAD_BYTES;
        let answers = Answers::builder()
            .weigher(weight)
            .max_capacity(rule.max_bytes)
            .time_to_live(Duration::from_secs(rule.ttl_s))
            .build();
        Cache { answers }
    }

    /// Under what a call is kept; nothing when it is not to be.
    pub fn key(&self, asked: &PolicedCall) -> Option<[u8; 32]> {
        let wanted = match asked.cache_wish {
            Some(CacheWish::Allow) => true,
            Some(CacheWish::No) => false,
            None => asked.is_deterministic,
        };
        if asked.stream || !wanted {
            return None;
        }
        let (credential, body) = (asked.credential.as_ref()?, asked.body.as_ref()?);
        let mut hash = Sha256::new();
        let mut add = |part: &[u8]| {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        };
        // Nobody is given what another's key has paid for.
        add(credential.bytes());
        add(asked.method.as_str().as_bytes());
        add(asked.path_and_query.as_bytes());
        for name in
            ["anthropic-version", "anthropic-beta", "accept-encoding", "content-encoding", "content-type"]
        {
            for value in asked.headers.get_all(name) {
                add(value.as_bytes());
            }
            add(name.as_bytes());
        }
        add(body);
        Some(hash.finalize().into())
    }

    /// The answer kept under a key.
    pub fn get(&self, key: &[u8; 32]) -> Option<Kept> {
        self.answers.get(key)
    }

    /// A place for an answer that begins so; nothing when it is not one to keep.
    pub fn place(&self, key: [u8; 32], status: StatusCode, headers: &HeaderMap) -> Option<CacheEntry> {
        if status != StatusCode::OK {
            return None;
        }
        let mut headers = headers.clone();
        let of_one_exchange = |name: &str| {
            OF_ONE_EXCHANGE.contains(&name) || name.starts_with("anthropic-") || name.starts_with("x-tacho-")
        };
        let names: Vec<_> = headers.keys().filter(|name| of_one_exchange(name.as_str())).cloned().collect();
        for name in names {
            headers.remove(name);
        }
        Some(CacheEntry { cache: self.clone(), key, headers, body: Vec::new() })
    }
}

impl CacheEntry {
    /// Bytes of the answer have passed. False when it has become too large.
    pub fn passed(&mut self, bytes: &[u8]) -> bool {
        self.body.extend_from_slice(bytes);
        self.body.len() <= MOST_BYTES
    }

    /// The answer is whole.
    pub fn keep(self, now_ms: i64) {
        let kept = Kept { headers: self.headers, body: self.body.into(), at_ms: now_ms };
        self.cache.answers.insert(self.key, kept);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::super::credential::{Credential, Credentials};
    use super::*;

    fn asked() -> PolicedCall {
        let credential = of("key_0");
        PolicedCall {
            body: Some(Bytes::from_static(b"{}")),
            is_deterministic: true,
            credential,
            ..PolicedCall::default()
        }
    }

    fn of(key: &'static str) -> Option<Credential> {
        static CREDENTIALS: LazyLock<Credentials> = LazyLock::new(Credentials::default);
        let headers = HeaderMap::from_iter([(
            http::HeaderName::from_static("x-api-key"),
            http::HeaderValue::from_static(key),
        )]);
        CREDENTIALS.of(&headers)
    }

    fn cache() -> Cache {
        Cache::new(&CacheRule { ttl_s: 60, max_bytes: 1 << 20 })
    }

    #[test]
    fn only_the_same_call_of_the_same_caller_is_the_same() {
        let cache = cache();
        let key = |asked: &PolicedCall| cache.key(asked).expect("a key");
        let one = key(&asked());
        assert_eq!(one, key(&asked()));
        let mut version = HeaderMap::new();
        version.insert("anthropic-version", "2026-10-21".parse().expect("a value"));
        for other in [
            PolicedCall { credential: of("key_1"), ..asked() },
            PolicedCall { method: http::Method::POST, ..asked() },
            PolicedCall { path_and_query: "/v1/messages".to_owned(), ..asked() },
            PolicedCall { headers: version, ..asked() },
            PolicedCall { body: Some(Bytes::from_static(b"{ }")), ..asked() },
        ] {
            assert_ne!(one, key(&other), "{other:?}");
        }
    }

    #[test]
    fn what_may_differ_next_time_is_not_kept() {
        let cache = cache();
        let allowed = |asked: PolicedCall| cache.key(&asked).is_some();
        assert!(!allowed(PolicedCall { stream: true, ..asked() }));
        assert!(!allowed(PolicedCall { is_deterministic: false, ..asked() }));
        assert!(allowed(PolicedCall {
            is_deterministic: false,
            cache_wish: Some(CacheWish::Allow),
            ..asked()
        }));
        assert!(!allowed(PolicedCall { cache_wish: Some(CacheWish::No), ..asked() }));
        assert!(!allowed(PolicedCall { credential: None, ..asked() }));
        assert!(!allowed(PolicedCall { body: None, ..asked() }));
        assert!(cache.place([0; 32], StatusCode::TOO_MANY_REQUESTS, &HeaderMap::new()).is_none());
    }

    #[test]
    fn an_answer_is_kept_without_what_was_of_its_moment() {
        let cache = cache();
        let pairs = [
            ("request-id", "req_1"),
            ("content-type", "application/json"),
            ("anthropic-ratelimit-requests-limit", "5"),
        ];
        let headers: HeaderMap =
            pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        let mut place = cache.place([1; 32], StatusCode::OK, &headers).expect("a place");
        assert!(place.passed(b"hel") && place.passed(b"lo"));
        place.keep(5);
        let kept = cache.get(&[1; 32]).expect("an answer");
        assert_eq!((kept.body.as_ref(), kept.at_ms, kept.headers.len()), (&b"hello"[..], 5, 1));
        let mut large = cache.place([2; 32], StatusCode::OK, &headers).expect("a place");
        assert!(!large.passed(&vec![0; MOST_BYTES + 1]));
    }
}
