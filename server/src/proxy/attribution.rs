//! Who and what a call is for, from what comes with it.

use http::HeaderMap;

use super::fingerprint::of_caller;
use super::headers::OWN;
use super::route::Route;
use crate::ingest::bounds::Bounds;
use crate::usage::{Dimensions, Fingerprints};

/// Claude Code's own headers.
const CLAUDE_CODE_SESSION: &str = "x-claude-code-session-id";
const CLAUDE_CODE_AGENT: &str = "x-claude-code-agent-id";

/// What a call says of itself: headers for Tacho first, then the path, then what Claude Code sends. What it leaves out
/// is filled in from the defaults of its key.
///
/// A call is never refused for what it is called: what is too long is cut, and what is no text is left out.
pub fn dimensions(route: &Route, headers: &HeaderMap, keys: &Fingerprints, bounds: &Bounds) -> Dimensions {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let value = |candidates: &[&str]| {
        let said = candidates.iter().find(|candidate| !candidate.is_empty());
        tidy(said.copied().unwrap_or_default(), bounds.dimension_bytes, keys)
    };
    let mut dimensions = Dimensions {
        project: value(&[text("x-tacho-project"), &route.project]),
        feature: value(&[text("x-tacho-feature"), &route.feature]),
        user: value(&[text("x-tacho-user")]),
        session: value(&[text("x-tacho-session"), text(CLAUDE_CODE_SESSION)]),
        api_key: of_caller(keys, headers),
        ..Dimensions::default()
    };
    let labels = headers.iter().filter_map(|(name, value)| {
        let label = name.as_str().strip_prefix(OWN)?.strip_prefix("label-")?;
        Some((label, value.to_str().ok()?))
    });
    let agent = Some(("claude_code_agent", text(CLAUDE_CODE_AGENT)));
    for (label, value) in labels.chain(agent).filter(|(label, value)| !label.is_empty() && !value.is_empty())
    {
        if dimensions.labels.len() < bounds.labels {
            let value = tidy(value, bounds.label_value_bytes, keys);
            dimensions.labels.entry(tidy(label, bounds.label_key_bytes, keys)).or_insert(value);
        }
    }
    dimensions
}

/// As much of a value as is kept, without keys in it.
fn tidy(value: &str, most_bytes: usize, keys: &Fingerprints) -> String {
    let value = keys.without_key(value.to_owned());
    value[..value.floor_char_boundary(most_bytes)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(uri: &'static str, pairs: &[(&'static str, &str)]) -> Dimensions {
        let uri = http::Uri::from_static(uri);
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().expect("a value"));
        }
        dimensions(
            &Route::of(&uri).expect("a route"),
            &headers,
            &Fingerprints::new([0; 32]),
            &Bounds::default(),
        )
    }

    #[test]
    fn headers_speak_before_the_path_and_claude_code_last() {
        let path = "/proxy/p/shop/f/search/v1/messages";
        let by_path = read(path, &[("x-claude-code-session-id", "s1"), ("x-claude-code-agent-id", "a1")]);
        assert_eq!((by_path.project.as_str(), by_path.feature.as_str()), ("shop", "search"));
        assert_eq!(by_path.session, "s1");
        assert_eq!(by_path.labels.get("claude_code_agent").map(String::as_str), Some("a1"));
        let by_header = read(
            path,
            &[
                ("x-tacho-project", "other"),
                ("x-tacho-user", "u_42"),
                ("x-tacho-session", "s2"),
                ("x-tacho-label-env", "prod"),
                ("x-claude-code-session-id", "s1"),
            ],
        );
        assert_eq!((by_header.project.as_str(), by_header.feature.as_str()), ("other", "search"));
        assert_eq!((by_header.user.as_str(), by_header.session.as_str()), ("u_42", "s2"));
        assert_eq!(by_header.labels.len(), 1);
    }

    #[test]
    fn nothing_is_refused_and_no_key_is_kept() {
        let long = "é".repeat(300);
        let encoded: String = long.chars().map(|_| 'x').collect();
        let read = read(
            "/proxy/v1/messages",
            &[
                ("x-tacho-user", &encoded),
                ("x-tacho-feature", "sk-ant-api03-secret-WXYZ"),
                ("x-tacho-label-", "x"),
            ],
        );
        assert_eq!(read.user.len(), 256);
        assert!(read.feature.starts_with("key_") && !read.feature.contains("secret"));
        assert!(read.labels.is_empty());
        assert_eq!(tidy(&long, 255, &Fingerprints::new([0; 32])).len(), 254);
    }
}
