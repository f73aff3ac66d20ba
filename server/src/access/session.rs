//! Sessions of people: a random id in a cookie, stored hashed.

use std::net::IpAddr;

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::random_bytes;

/// What the cookie is called over plain HTTP, and what browsers let nobody set but this host itself over TLS: a page of
/// a host beside this one, or whoever stands in between where TLS is missing, could plant one of the other name.
const PLAIN: &str = "tacho_session";
const HTTPS: &str = "__Host-tacho_session";
const HOUR_MS: i64 = 3_600_000;
/// A session ends after this long without use.
const IDLE_MS: i64 = 12 * HOUR_MS;
/// A session ends after this long in any case.
const LONGEST_MS: i64 = 30 * 24 * HOUR_MS;

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

/// As much of what a browser calls itself is kept, in bytes.
const LONGEST_AGENT: usize = 256;

/// What a browser calls itself, as it is kept.
pub fn agent(headers: &HeaderMap) -> String {
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    agent.chars().take(LONGEST_AGENT).collect()
}

/// `Firefox on Linux`, as far as it can be told: browsers name others before themselves.
pub fn agent_in_words(agent: &str) -> String {
    let first = |known: &[(&str, &'static str)]| {
        known.iter().find(|(part, _)| agent.contains(part)).map(|(_, word)| *word)
    };
    let browser = first(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "an iPhone"),
        ("iPad", "an iPad"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    let browser = browser.unwrap_or("an unknown browser");
    system.map_or_else(|| browser.to_owned(), |system| format!("{browser} on {system}"))
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

/// The cookie that carries the id of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cookie {
    is_https: bool,
}

impl Cookie {
    /// The one of a Tacho that people's browsers reach over TLS, or not.
    pub fn new(is_https: bool) -> Self {
        Cookie { is_https }
    }

    /// What sets it.
    pub fn with(self, id: &str) -> String {
        self.line(id, LONGEST_MS / 1_000)
    }

    /// What takes it away.
    pub fn none(self) -> String {
        self.line("", 0)
    }

    /// The session id among a request's cookies.
    pub fn read(self, headers: &HeaderMap) -> Option<String> {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        cookies
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == self.name())
            .map(|(_, id)| id.to_owned())
    }

    fn name(self) -> &'static str {
        if self.is_https { HTTPS } else { PLAIN }
    }

    fn line(self, id: &str, max_age_s: i64) -> String {
        let secure = if self.is_https { "; Secure" } else { "" };
        format!("{}={id}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_s}{secure}", self.name())
    }
}

/// Whether a cookie of this name may be read as one of ours, here or by a browser that is told to set it. Prefixes are
/// promises to browsers, whatever their case.
pub fn is_cookie(name: &[u8]) -> bool {
    let name = name.trim_ascii().to_ascii_lowercase();
    let prefix = name.strip_suffix(PLAIN.as_bytes());
    prefix.is_some_and(|prefix| prefix.is_empty() || prefix.starts_with(b"__") && prefix.ends_with(b"-"))
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

    #[test]
    fn browsers_are_told_apart() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
        for (agent, words) in [
            (chrome.to_owned(), "Chrome on Linux"),
            (format!("{chrome} Edg/140.0"), "Edge on Linux"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19 like Mac OS X) Safari/604.1".to_owned(),
                "Safari on an iPhone",
            ),
            ("curl/8.5".to_owned(), "an unknown browser"),
        ] {
            assert_eq!(agent_in_words(&agent), words);
        }
    }

    #[test]
    fn the_cookie_comes_back_and_no_other_is_taken_for_it() {
        let mut headers = HeaderMap::new();
        let both = "theme=dark; tacho_session=plain; __Host-tacho_session=over-tls";
        headers.insert(header::COOKIE, both.parse().expect("a header"));
        for (is_https, id) in [(false, "plain"), (true, "over-tls")] {
            let cookie = Cookie::new(is_https);
            assert_eq!(cookie.read(&headers).as_deref(), Some(id));
            for line in [cookie.with("abc"), cookie.none()] {
                assert!(
                    line.starts_with(cookie.name()) && line.contains("; Path=/; HttpOnly; SameSite=Lax"),
                    "{line}"
                );
                assert_eq!(
                    (line.ends_with("; Secure"), line.starts_with("__Host-")),
                    (is_https, is_https),
                    "{line}"
                );
            }
        }
        headers.insert(header::COOKIE, "tacho_session=planted".parse().expect("a header"));
        assert_eq!(Cookie::new(true).read(&headers), None);
    }

    #[test]
    fn both_names_are_ours_in_every_spelling_a_browser_may_take_for_them() {
        for name in [
            "tacho_session",
            " Tacho_Session ",
            "__Host-tacho_session",
            "__HOST-TACHO_SESSION",
            "__Secure-tacho_session",
        ] {
            assert!(is_cookie(name.as_bytes()), "{name}");
        }
        for name in ["", "theme", "tacho_sessions", "my_tacho_session", "my-tacho_session", "tacho"] {
            assert!(!is_cookie(name.as_bytes()), "{name}");
        }
    }
}
