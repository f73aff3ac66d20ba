//! Whether a request that changes something comes from Tacho's own pages. The algorithm is that of Go 1.25's
//! CrossOriginProtection: browsers say where a request comes from; programs say nothing and have no cookie.

use http::{HeaderMap, HeaderValue, Method, header};

/// False when a browser says that another site made it send this.
pub fn is_same_origin(method: &Method, headers: &HeaderMap) -> bool {
    if method.is_safe() {
        return true;
    }
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if let Some(site) = headers.get("sec-fetch-site") {
        return matches!(site.to_str(), Ok("same-origin" | "none"));
    }
    match (text(header::ORIGIN), headers.contains_key(header::ORIGIN)) {
        (None, present) => !present,
        (Some(origin), _) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text(header::HOST)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_sites_change_nothing() {
        let unsafe_methods = [Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
        for (site, origin, allowed) in [
            (Some("same-origin"), Some("http://tacho:8787"), true),
            (Some("none"), None, true),
            (Some("cross-site"), Some("http://evil"), false),
            (Some("same-site"), Some("http://sub.tacho:8787"), false),
            (None, Some("http://tacho:8787"), true),
            (None, Some("http://evil"), false),
            (None, Some("null"), false),
            (None, None, true),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "tacho:8787".parse().expect("a header"));
            if let Some(site) = site {
                headers.insert("sec-fetch-site", site.parse().expect("a header"));
            }
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().expect("a header"));
            }
            for method in &unsafe_methods {
                assert_eq!(is_same_origin(method, &headers), allowed, "{method} {site:?} {origin:?}");
            }
            assert!(is_same_origin(&Method::GET, &headers));
        }
    }
}
