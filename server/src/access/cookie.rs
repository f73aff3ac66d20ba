//! The cookie that carries the id of a session.

use http::{HeaderMap, header};

use crate::secrets::session::LONGEST_MS;

/// How the name of the cookie begins over plain HTTP, and how that does which browsers let nobody set but this host itself
/// over TLS: a page of a host beside this one, or whoever stands in between where TLS is missing, could plant one of the
/// other name.
const PLAIN: &str = "tacho_session";
const HTTPS: &str = "__Host-tacho_session";
/// Of what tells the data of one Tacho from those of others, as much as is in the name.
const MARK_BYTES: usize = 4;

/// The cookie that carries the id of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    name: String,
    is_https: bool,
}

impl Cookie {
    /// The one of a Tacho that people's browsers reach over TLS, or not. Its name ends with the beginning of `mark`, which
    /// belongs to the data of this Tacho: browsers send the cookies of a host to all of its ports, where there may be others.
    pub fn new(is_https: bool, mark: [u8; 32]) -> Self {
        let begin = if is_https { HTTPS } else { PLAIN };
        let mark: String = mark.iter().take(MARK_BYTES).map(|byte| format!("{byte:02x}")).collect();
        Cookie { name: format!("{begin}_{mark}"), is_https }
    }

    /// What sets it.
    pub fn with(&self, id: &str) -> String {
        self.line(id, LONGEST_MS / 1_000)
    }

    /// What takes it away.
    pub fn none(&self) -> String {
        self.line("", 0)
    }

    /// The session id among a request's cookies.
    pub fn read(&self, headers: &HeaderMap) -> Option<String> {
        all_cookies(headers).find(|(name, _)| *name == self.name).map(|(_, id)| id.to_owned())
    }

    fn line(&self, id: &str, max_age_s: i64) -> String {
        let secure = if self.is_https { "; Secure" } else { "" };
        format!("{}={id}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_s}{secure}", self.name)
    }
}

/// The cookies of a request. Others on this host may have set some that are no text: those are no reason not to read the rest.
pub fn all_cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let lines = headers.get_all(header::COOKIE).into_iter();
    let pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    pairs.filter_map(|pair| std::str::from_utf8(pair).ok()?.trim().split_once('='))
}

/// Whether a cookie of this name may be read as one of ours or of another Tacho's, here or by a browser that is told to set
/// it. Prefixes are promises to browsers, whatever their case.
pub fn is_cookie(name: &[u8]) -> bool {
    let name = name.trim_ascii().to_ascii_lowercase();
    let start = name.iter().rposition(|byte| *byte == b'-').map_or(0, |dash| dash + 1);
    let (prefix, own) = name.split_at(start);
    let mark = own.strip_prefix(PLAIN.as_bytes());
    (prefix.is_empty() || prefix.starts_with(b"__"))
        && mark.is_some_and(|mark| mark.is_empty() || mark.starts_with(b"_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_comes_back_and_no_other_is_taken_for_it() {
        let mut headers = HeaderMap::new();
        let both = "theme=dark; tacho_session=before; tacho_session_01010102=of-another; tacho_session_01010101=plain; \
                    __Host-tacho_session_01010101=over-tls";
        headers.insert(header::COOKIE, both.parse().expect("a header"));
        for (is_https, id) in [(false, "plain"), (true, "over-tls")] {
            let cookie = Cookie::new(is_https, [1; 32]);
            assert_eq!(cookie.read(&headers).as_deref(), Some(id));
            for line in [cookie.with("abc"), cookie.none()] {
                assert!(
                    line.starts_with(&cookie.name) && line.contains("; Path=/; HttpOnly; SameSite=Lax"),
                    "{line}"
                );
                assert_eq!(
                    (line.ends_with("; Secure"), line.starts_with("__Host-")),
                    (is_https, is_https),
                    "{line}"
                );
            }
        }
        let beside = http::HeaderValue::from_bytes(b"who=Zo\xc3\xab; bad=\xff; tacho_session_01010101=mine")
            .expect("a header");
        headers.insert(header::COOKIE, beside);
        assert_eq!(Cookie::new(false, [1; 32]).read(&headers).as_deref(), Some("mine"));
        headers.insert(header::COOKIE, "tacho_session_01010101=planted".parse().expect("a header"));
        assert_eq!(Cookie::new(true, [1; 32]).read(&headers), None);
    }

    #[test]
    fn all_names_are_ours_in_every_spelling_a_browser_may_take_for_them() {
        for name in [
            "tacho_session",
            " Tacho_Session ",
            "__Host-tacho_session",
            "__HOST-TACHO_SESSION",
            "__Secure-tacho_session",
            "tacho_session_01010101",
            "__Host-Tacho_Session_01010101",
        ] {
            assert!(is_cookie(name.as_bytes()), "{name}");
        }
        for name in ["", "theme", "tacho_sessions", "my_tacho_session", "my-tacho_session_01", "tacho"] {
            assert!(!is_cookie(name.as_bytes()), "{name}");
        }
    }
}
