//! Calls that pages of other sites make in a browser (the Fetch standard, "CORS protocol").
//!
//! Without a setting the API decides about them where calls need a key, as it does without a proxy: its answers pass as
//! they are, and so do the preflights by which a browser asks first. They carry no key, so none is asked of them. Where
//! calls need no key, no page may call (`pages`). Where `allow_origins` names origins, Tacho decides: it answers preflights
//! itself, and its answers say that these origins may read them. What a call may do hangs on its keys in any case; cookies
//! open nothing here, and no answer allows them.

use axum::body::Body;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderName, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Body as HttpBody;

use super::refusal::CallRefusal;
use crate::secrets::without_credentials;

const ANY: HeaderValue = HeaderValue::from_static("*");
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
/// How long a browser need not ask again, in seconds: as long as Chromium remembers at most.
const MAX_AGE_S: u64 = 7_200;
const FAMILY: &str = "access-control-";
const REQUEST_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-request-private-network");
const ALLOW_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-allow-private-network");

/// What is no origin.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{0}` is no origin for [proxy] allow_origins: it has the form https://app.example.com, without a path or a slash at \
     its end; \"*\" allows every page there is"
)]
pub struct OriginError(String);

/// The origins whose pages may call the proxy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins {
    any: bool,
    named: Vec<HeaderValue>,
}

impl Origins {
    /// Those of a setting.
    pub fn new(written: &[String]) -> Result<Self, OriginError> {
        let mut origins = Origins::default();
        let named = |origin: &String| read(origin).ok_or_else(|| OriginError(without_credentials(origin)));
        for origin in written {
            match origin.as_str() {
                "*" => origins.any = true,
                _ => origins.named.push(named(origin)?),
            }
        }
        Ok(origins)
    }

    /// Whether Tacho decides, and not the API.
    pub fn decide(&self) -> bool {
        self.any || !self.named.is_empty()
    }

    /// Says in an answer who may read it: who was granted that, or, where Tacho decides, nobody.
    pub fn say(&self, granted: Option<Granted>, headers: &mut HeaderMap) {
        match granted {
            Some(granted) => granted.say(headers),
            None if self.decide() => {
                silence(headers);
                if !self.any {
                    headers.append(VARY, HeaderValue::from_name(ORIGIN));
                }
            }
            None => {}
        }
    }

    /// What answers to this request say of who may read them; nothing when no page of another site asks that may.
    pub fn granted(&self, headers: &HeaderMap) -> Option<Granted> {
        let origin = headers.get(ORIGIN)?;
        if self.any {
            return Some(Granted(ANY));
        }
        self.named.iter().find(|named| *named == origin).cloned().map(Granted)
    }

    /// The answer to a preflight where Tacho decides.
    pub fn answer(&self, headers: &HeaderMap) -> Result<Response<Body>, CallRefusal> {
        let granted = self.granted(headers).ok_or_else(|| {
            CallRefusal::forbidden(
                "origin_not_allowed",
                "pages of this origin may not call the proxy from a browser: name it in allow_origins under [proxy] \
                 (TACHO_PROXY_ALLOW_ORIGINS), or call from a server",
            )
        })?;
        let mut answer = Response::new(Body::empty());
        *answer.status_mut() = StatusCode::NO_CONTENT;
        let said = answer.headers_mut();
        granted.say(said);
        said.remove(ACCESS_CONTROL_EXPOSE_HEADERS);
        said.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        said.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from(MAX_AGE_S));
        // A `*` would leave out `authorization`.
        if let Some(asked) = headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
            said.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
            said.append(VARY, HeaderValue::from_name(ACCESS_CONTROL_REQUEST_HEADERS));
        }
        if headers.contains_key(REQUEST_PRIVATE_NETWORK) {
            said.insert(ALLOW_PRIVATE_NETWORK, HeaderValue::from_static("true"));
        }
        Ok(answer)
    }
}

/// An origin that may read answers, as they say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted(HeaderValue);

impl Granted {
    /// Says so in an answer, in place of what the API says.
    pub fn say(self, headers: &mut HeaderMap) {
        silence(headers);
        if self.0 != ANY {
            headers.append(VARY, HeaderValue::from_name(ORIGIN));
        }
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, self.0);
        // All of them: `request-id`, `retry-after`, `anthropic-*`, `x-tacho-*`. A `*` means so where no cookies go along.
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, ANY);
    }
}

/// Takes out what the API says of who may read an answer.
fn silence(headers: &mut HeaderMap) {
    let said: Vec<HeaderName> =
        headers.keys().filter(|name| name.as_str().starts_with(FAMILY)).cloned().collect();
    for name in said {
        headers.remove(name);
    }
}

/// Whether a browser asks if a page may make a call. It sends nothing else along.
pub fn is_preflight<B: HttpBody>(request: &Request<B>) -> bool {
    asks_for_page(request.method(), request.headers()) && request.body().is_end_stream()
}

/// The same, by the head of the request.
pub fn asks_for_page(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// An origin as browsers write it: a scheme, a host in small letters, and a port where it is not the scheme's own.
fn read(origin: &str) -> Option<HeaderValue> {
    let url = url::Url::parse(origin).ok()?;
    // Names are compared, not patterns: a star in one would be met by nobody.
    let is_as_browsers_write =
        !origin.contains('*') && url.origin().is_tuple() && url.origin().ascii_serialization() == origin;
    // Of extensions and of applications that are pages: `chrome-extension://...`, `app://obsidian.md`.
    let is_own_scheme = || {
        let is_web = matches!(url.scheme(), "http" | "https" | "ws" | "wss" | "ftp" | "file");
        let is_bare = origin.split('/').count() == 3 && url.has_host() && url.username().is_empty();
        !is_web && is_bare && !origin.contains(['*', '?', '#']) && origin == origin.to_ascii_lowercase()
    };
    (is_as_browsers_write || is_own_scheme()).then(|| HeaderValue::from_str(origin).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_as_browsers_write_them() {
        for origin in [
            "https://app.example",
            "http://localhost:5173",
            "http://[::1]:8080",
            "chrome-extension://abcdef",
            "app://obsidian.md",
            "tauri://localhost",
            "*",
        ] {
            assert!(Origins::new(&[origin.to_owned()]).is_ok(), "{origin}");
        }
        for origin in [
            "",
            "null",
            "app.example",
            "https://",
            "https://app.example/",
            "https://app.example/path",
            "https://App.example",
            "https://app.example:443",
            "https://me@app.example",
            "https://*.example",
            "file:///tmp",
            "app://Obsidian.md",
            "app://obsidian.md/vault",
            "app://*",
            "https://a.example https://b.example",
        ] {
            assert!(Origins::new(&[origin.to_owned()]).is_err(), "{origin}");
        }
    }

    #[test]
    fn nobody_is_granted_who_is_not_named() {
        let origins = Origins::new(&["https://app.example".to_owned()]).expect("origins");
        let granted = |origin: &'static str| {
            origins.granted(&HeaderMap::from_iter([(ORIGIN, HeaderValue::from_static(origin))]))
        };
        assert_eq!(
            granted("https://app.example"),
            Some(Granted(HeaderValue::from_static("https://app.example")))
        );
        for other in
            ["https://app.example.evil", "http://app.example", "https://app.example:8443", "null", "*", ""]
        {
            assert_eq!(granted(other), None, "{other}");
        }
        assert_eq!(origins.granted(&HeaderMap::new()), None);
    }
}
