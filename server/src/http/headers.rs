//! Headers that answers carry for browsers: those of Tacho's own, and those of the API.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

const ALWAYS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    // Forms without JavaScript say by it which page they were on.
    ("referrer-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-frame-options", "DENY"),
];
/// What the API answers is nobody's page: it runs nothing, loads nothing, and has an origin of its own, which is not the
/// dashboard's.
const OF_API: [(&str, &str); 4] = [
    ("x-content-type-options", "nosniff"),
    (
        "content-security-policy",
        "sandbox; default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
];
/// A year.
const HTTPS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// What a page may load: its own files.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    font-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; \
    form-action 'self'; object-src 'none'";

/// What browsers are told with every answer.
#[derive(Debug, Clone, Copy)]
pub struct ForBrowsers {
    /// Whether they reach Tacho over TLS, and are not to come without it again.
    pub is_https: bool,
}

impl ForBrowsers {
    /// Adds what an answer of Tacho's own does not say itself.
    pub fn complete(self, headers: &mut HeaderMap) {
        for (name, value) in ALWAYS {
            headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
        }
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        let policy = HeaderValue::from_static(CONTENT_SECURITY_POLICY);
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
        self.keep_to_https(headers);
    }

    /// Keeps an answer of the API from being more than text and images to the browser that asked for it, whatever it says
    /// of itself. Programs are given answers as they are.
    pub fn confine(self, headers: &mut HeaderMap) {
        // It would be reported wherever the API says.
        headers.remove(header::CONTENT_SECURITY_POLICY_REPORT_ONLY);
        for (name, value) in OF_API {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        self.keep_to_https(headers);
    }

    fn keep_to_https(self, headers: &mut HeaderMap) {
        if self.is_https {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HTTPS_ONLY);
        }
    }
}
