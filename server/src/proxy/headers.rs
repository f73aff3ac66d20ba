//! Which headers travel on.
//!
//! Left behind are those that are about one connection only (RFC 9110, section 7.6.1), what `Connection` names,
//! credentials for a proxy, Tacho's own with its secrets, and what an answer says about the whole of the API's origin,
//! which a browser would take for Tacho's. Everything else goes on as it came: values, order and repetitions.

use http::header::{self, HeaderMap, HeaderName};

use super::cookies;
use crate::secrets::secret;
use crate::wire::values::drop_values;

/// What begins so is for Tacho.
pub const OWN: &str = "x-tacho-";

const OF_ONE_CONNECTION: [HeaderName; 6] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];
const UNREGISTERED: [&str; 2] = ["keep-alive", "proxy-connection"];
/// What holds for every page and request of the origin that says it. Said through Tacho it would clear the dashboard's
/// cookies, send browsers elsewhere for it, report their requests to others, or let a script answer in its place.
const OF_ORIGIN: [&str; 7] = [
    "alt-svc",
    "clear-site-data",
    "nel",
    "report-to",
    "reporting-endpoints",
    "service-worker-allowed",
    "strict-transport-security",
];

/// The headers of a request, as the API is to see them.
pub fn of_request(mut headers: HeaderMap) -> HeaderMap {
    strip(&mut headers);
    // Taken from the address; the one that came names Tacho.
    headers.remove(header::HOST);
    headers.remove(header::PROXY_AUTHORIZATION);
    let own: Vec<HeaderName> =
        headers.keys().filter(|name| name.as_str().starts_with(OWN)).cloned().collect();
    for name in own {
        headers.remove(name);
    }
    cookies::keep_own_from_api(&mut headers);
    drop_values(&mut headers, |value| secret::is_in(value.as_bytes()));
    headers
}

/// The headers of an answer, as the caller is to see them.
pub fn of_answer(mut headers: HeaderMap) -> HeaderMap {
    strip(&mut headers);
    for name in OF_ORIGIN {
        headers.remove(name);
    }
    cookies::keep_own_from_being_set(&mut headers);
    headers
}

fn strip(headers: &mut HeaderMap) {
    // Of two ways to say how long a body is, chunks count, and the other must not go on (RFC 9112, section 6.3).
    if headers.contains_key(header::TRANSFER_ENCODING) {
        headers.remove(header::CONTENT_LENGTH);
    }
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&OF_ONE_CONNECTION) {
        headers.remove(name);
    }
    for name in UNREGISTERED {
        headers.remove(name);
    }
}

/// What an answer says about limits: kept with its event, and nothing else is. One text of lines, as there are many
/// of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AboutLimits(String);

impl AboutLimits {
    /// Of the headers of an answer.
    pub fn of(headers: &HeaderMap) -> Self {
        let wanted =
            |name: &str| name.starts_with("anthropic-") || name == "retry-after" || name == "request-id";
        let said = headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let mut lines = String::with_capacity(USUAL_BYTES);
        for (name, value) in
            said.filter(|(name, value)| wanted(name) && value.len() <= LONGEST_VALUE).take(MOST)
        {
            for part in [name, SEPARATOR, value, "\n"] {
                lines.push_str(part);
            }
        }
        AboutLimits(lines)
    }

    /// Names and values.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.lines().filter_map(|line| line.split_once(SEPARATOR))
    }

    /// What they take in memory, in bytes.
    pub fn memory_bytes(&self) -> usize {
        self.0.capacity()
    }
}

/// No name has it, and no value that is text has a line's end.
const SEPARATOR: &str = ": ";
const USUAL_BYTES: usize = 1_024;
const LONGEST_VALUE: usize = 256;
const MOST: usize = 64;

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn what_is_about_one_connection_or_for_tacho_stays_behind() {
        let sent = headers(&[
            ("host", "127.0.0.1:8787"),
            ("connection", "keep-alive, X-Once"),
            ("x-once", "1"),
            ("keep-alive", "timeout=5"),
            ("te", "trailers"),
            ("upgrade", "h2c"),
            ("proxy-authorization", "Basic x"),
            ("x-tacho-user", "u"),
            ("x-tacho-key", "tch_prx_1"),
            ("x-api-key", "sk-ant-1"),
            ("anthropic-beta", "one"),
            ("anthropic-beta", "two"),
            ("accept-encoding", "gzip, br"),
            ("content-length", "7"),
        ]);
        let expected = headers(&[
            ("x-api-key", "sk-ant-1"),
            ("anthropic-beta", "one"),
            ("anthropic-beta", "two"),
            ("accept-encoding", "gzip, br"),
            ("content-length", "7"),
        ]);
        assert_eq!(of_request(sent), expected);
    }

    #[test]
    fn a_length_beside_chunks_stays_behind() {
        let both = headers(&[("content-length", "5"), ("transfer-encoding", "chunked")]);
        assert!(of_request(both.clone()).is_empty() && of_answer(both).is_empty());
    }

    #[test]
    fn answers_keep_what_their_reader_needs() {
        let answered = headers(&[
            ("connection", "close"),
            ("content-encoding", "br"),
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
            ("request-id", "req_1: 2"),
            ("retry-after", "7"),
            ("x-should-retry", "false"),
        ]);
        let kept = of_answer(answered);
        assert!(!kept.contains_key("connection"));
        assert_eq!(kept.len(), 6);
        assert_eq!(kept.get_all("set-cookie").iter().count(), 2);
        let about_limits = AboutLimits::of(&kept);
        let pairs: Vec<_> = about_limits.pairs().collect();
        assert_eq!(pairs, [("request-id", "req_1: 2"), ("retry-after", "7")]);
    }
}
