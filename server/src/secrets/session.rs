//! Sessions of people: a random id in a cookie, stored hashed.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::random_bytes;

const HOUR_MS: i64 = 3_600_000;
/// A session ends after this long without use.
const IDLE_MS: i64 = 12 * HOUR_MS;
/// A session ends after this long in any case.
pub const LONGEST_MS: i64 = 30 * 24 * HOUR_MS;

/// A session as it is stored, beside the hash of its id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Session {
    /// When it was opened, Unix milliseconds.
    pub created_at_ms: i64,
    /// When it was last used, Unix milliseconds.
    pub last_used_at_ms: i64,
    /// The address it was opened from: behind a reverse proxy the proxy's.
    pub address: Option<IpAddr>,
    /// What the browser calls itself.
    pub agent: String,
}

/// What names a session to people: the beginning of what is stored of its id, of no use for anything else.
pub fn public_id(hash: &[u8; 32]) -> String {
    hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// Sessions that were opened before the first of these times, or were last used before the second, have ended.
pub fn ended_before(now_ms: i64) -> (i64, i64) {
    (now_ms - LONGEST_MS, now_ms - IDLE_MS)
}

/// A new random id of 256 bits, for a session, a sign-in link or a one-time page. Like a key it says whose it is, so
/// that it is known where it has no business to be.
pub fn new_id() -> String {
    format!("tch_id_{}", URL_SAFE_NO_PAD.encode(random_bytes()))
}

/// What is stored of an id.
pub fn hash(id: &str) -> [u8; 32] {
    Sha256::digest(id).into()
}

/// Whether a session still holds.
pub fn is_valid(session: &Session, now_ms: i64) -> bool {
    now_ms - session.last_used_at_ms < IDLE_MS && now_ms - session.created_at_ms < LONGEST_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_end_by_idleness_and_by_age() {
        let session = Session { last_used_at_ms: LONGEST_MS - HOUR_MS, ..Session::default() };
        assert!(is_valid(&session, LONGEST_MS - 1));
        assert!(!is_valid(&session, LONGEST_MS));
        let idle = Session::default();
        assert!(is_valid(&idle, IDLE_MS - 1));
        assert!(!is_valid(&idle, IDLE_MS));
    }
}
