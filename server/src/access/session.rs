//! Sessions of people: a random id in a cookie, stored hashed.

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::random_bytes;

const COOKIE: &str = "tacho_session";
const HOUR_MS: i64 = 3_600_000;
/// A session ends after this long without use.
const IDLE_MS: i64 = 12 * HOUR_MS;
/// A session ends after this long in any case.
const LONGEST_MS: i64 = 30 * 24 * HOUR_MS;

/// A session as it is stored, beside the hash of its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// When it was opened, Unix milliseconds.
    pub created_at_ms: i64,
    /// When it was last used, Unix milliseconds.
    pub last_used_at_ms: i64,
}

/// A new random id of 256 bits, for a session, a sign-in link or a one-time page.
pub fn new_id() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes())
}

/// What is stored of an id.
pub fn hash(id: &str) -> [u8; 32] {
    Sha256::digest(id).into()
}

/// Whether a session still holds.
pub fn is_valid(session: &Session, now_ms: i64) -> bool {
    now_ms - session.last_used_at_ms < IDLE_MS && now_ms - session.created_at_ms < LONGEST_MS
}

/// Takes the cookie away.
pub const NO_COOKIE: &str = "tacho_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0";

/// The cookie that carries a session's id; with `secure` only over https.
pub fn cookie(id: &str, secure: bool) -> String {
    let secure = if secure { "; Secure" } else { "" };
    format!("{COOKIE}={id}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{secure}", LONGEST_MS / 1_000)
}

/// The session id among a request's cookies.
pub fn from_cookies(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, id)| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_end_by_idleness_and_by_age() {
        let session = Session { created_at_ms: 0, last_used_at_ms: LONGEST_MS - HOUR_MS };
        assert!(is_valid(&session, LONGEST_MS - 1));
        assert!(!is_valid(&session, LONGEST_MS));
        let idle = Session { created_at_ms: 0, last_used_at_ms: 0 };
        assert!(is_valid(&idle, IDLE_MS - 1));
        assert!(!is_valid(&idle, IDLE_MS));
    }

    #[test]
    fn the_cookie_comes_back() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "theme=dark; tacho_session=abc".parse().expect("a header"));
        assert_eq!(from_cookies(&headers).as_deref(), Some("abc"));
        assert!(cookie("abc", true).contains("; Secure"));
    }
}
