//! What a browser says of how a request came about (the W3C's Fetch Metadata), and what tells older ones, and those that
//! reach Tacho over plain HTTP in a network: they say nothing of it.

use http::{HeaderMap, header};

/// What browsers say in place of `Sec-Purpose`, or did.
const PURPOSES: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];
/// What browsers alone send.
const OF_BROWSERS: [&str; 5] =
    ["sec-fetch-site", "sec-fetch-dest", "origin", "service-worker", "upgrade-insecure-requests"];

/// Whether a browser sends it. Programs send none of this; of Fetch Metadata, Node's `fetch` tells the mode `cors` alone.
pub fn is_of_browser(headers: &HeaderMap) -> bool {
    OF_BROWSERS.iter().any(|name| headers.contains_key(*name))
        || said(headers, "sec-fetch-mode").is_some_and(|mode| mode != b"cors")
        || accepts_pages(headers)
        || names_browser(headers)
}

/// Whether a browser shows or runs what is answered: as a page, a frame, an image, a script, a worker. What a script only
/// reads is the rest.
pub fn is_shown(headers: &HeaderMap) -> bool {
    said(headers, "sec-fetch-mode") == Some(b"navigate")
        || said(headers, "sec-fetch-dest").is_some_and(|destination| destination != b"empty")
        || headers.contains_key("service-worker")
}

/// Whether it may be somebody who opens a link: a page of its own in a window. Not what a page loads into itself,
/// wherever it lies, nor what a browser fetches before anybody has asked.
pub fn opens_page(headers: &HeaderMap) -> bool {
    if PURPOSES.iter().any(|name| headers.contains_key(*name)) || is_robot(headers) {
        return false;
    }
    let [site, mode, destination] =
        ["sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest"].map(|name| said(headers, name));
    let is_own = matches!(site, None | Some(b"same-origin" | b"none"));
    match (mode, destination) {
        (Some(b"navigate"), Some(b"document")) => true,
        (None, None) if site.is_none() => !names_browser(headers) || accepts_pages(headers),
        (None | Some(b"navigate"), None | Some(b"document")) => is_own,
        _ => false,
    }
}

/// What those call themselves that look at a link as soon as somebody has written it: chats, mail, search engines.
const ROBOTS: [&str; 12] = [
    "bot",
    "crawl",
    "spider",
    "preview",
    "facebookexternalhit",
    "facebookcatalog",
    "whatsapp",
    "slack",
    "telegram",
    "skype",
    "teams",
    "signal",
];

fn is_robot(headers: &HeaderMap) -> bool {
    let agent = said(headers, header::USER_AGENT.as_str()).unwrap_or_default().to_ascii_lowercase();
    let agent = String::from_utf8_lossy(&agent);
    ROBOTS.iter().any(|robot| agent.contains(robot))
}

/// Whether a browser sends it by its name.
pub fn names_browser(headers: &HeaderMap) -> bool {
    said(headers, header::USER_AGENT.as_str()).is_some_and(|agent| agent.starts_with(b"Mozilla/"))
}

fn accepts_pages(headers: &HeaderMap) -> bool {
    let is_page = |value: &[u8]| value.to_ascii_lowercase().windows(9).any(|part| part == b"text/html");
    headers.get_all(header::ACCEPT).iter().any(|value| is_page(value.as_bytes()))
}

fn said<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    headers.get(name).map(http::HeaderValue::as_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
            .collect()
    }

    const SAFARI: (&str, &str) =
        ("user-agent", "Mozilla/5.0 (Macintosh) AppleWebKit/605 Version/15.0 Safari/605");
    const PAGES: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
    const IMAGES: (&str, &str) = ("accept", "image/webp,image/png,*/*;q=0.8");

    #[test]
    fn browsers_are_told_from_programs() {
        for pairs in [
            &[("sec-fetch-site", "none")][..],
            &[("sec-fetch-dest", "image")],
            &[("sec-fetch-mode", "navigate")],
            &[("origin", "null")],
            &[SAFARI],
            &[PAGES],
        ] {
            assert!(is_of_browser(&headers(pairs)), "{pairs:?}");
        }
        for pairs in [
            &[][..],
            &[("user-agent", "claude-cli/2.0"), ("accept", "application/json")],
            &[
                ("user-agent", "node"),
                ("sec-fetch-mode", "cors"),
                ("accept", "*/*"),
                ("accept-language", "*"),
            ],
        ] {
            assert!(!is_of_browser(&headers(pairs)), "{pairs:?}");
        }
    }

    #[test]
    fn a_link_is_opened_in_a_window_of_its_own() {
        let fetch = |site, mode, destination| {
            headers(&[
                ("sec-fetch-site", site),
                ("sec-fetch-mode", mode),
                ("sec-fetch-dest", destination),
                SAFARI,
            ])
        };
        for site in ["none", "same-origin", "same-site", "cross-site"] {
            assert!(opens_page(&fetch(site, "navigate", "document")), "{site}");
            for (mode, destination) in [
                ("no-cors", "image"),
                ("no-cors", "script"),
                ("no-cors", "document"),
                ("navigate", "iframe"),
                ("navigate", "embed"),
                ("cors", "empty"),
            ] {
                assert!(!opens_page(&fetch(site, mode, destination)), "{site} {mode} {destination}");
            }
            let mut ahead = fetch(site, "navigate", "document");
            ahead.insert("sec-purpose", "prefetch;prerender".parse().expect("a value"));
            assert!(!opens_page(&ahead), "{site}");
        }
        assert!(!opens_page(&headers(&[("sec-fetch-site", "cross-site")])));
        assert!(!opens_page(&headers(&[("sec-fetch-mode", "cors"), ("user-agent", "node")])));
        assert!(!opens_page(&headers(&[SAFARI, IMAGES])));
        assert!(!opens_page(&headers(&[SAFARI, PAGES, ("purpose", "prefetch")])));
        for pairs in [&[][..], &[SAFARI, PAGES], &[("accept", "*/*"), ("user-agent", "curl/8.0")]] {
            assert!(opens_page(&headers(pairs)), "{pairs:?}");
        }
    }
}
