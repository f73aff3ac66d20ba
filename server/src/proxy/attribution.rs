//! Who and what a call is for, from what comes with it.

use domain::read::bounds::Bounds;
use domain::usage::{Dimensions, Fingerprints, RemarkCode, Remarks, name, redacted};
use http::{HeaderMap, HeaderValue};

use super::fingerprint::of_caller;
use super::route::Route;

/// Claude Code's own headers.
const CLAUDE_CODE_SESSION: &str = "x-claude-code-session-id";
const CLAUDE_CODE_AGENT: &str = "x-claude-code-agent-id";
/// What the header of a label begins with.
const LABEL: &str = "x-tacho-label-";

/// What a call says of itself: headers for Tacho first, then the path, then what Claude Code sends. What it leaves out
/// is filled in from the defaults of its key.
///
/// Headers for Tacho are UTF-8, percent-encoded or not, as the path is; others are taken as they come. A call is never
/// refused for what it is called: what is too long is cut, bytes that are no text stand as such, and the event says so.
pub fn dimensions(
    route: &Route,
    headers: &HeaderMap,
    keys: &Fingerprints,
    bounds: &Bounds,
) -> (Dimensions, Remarks) {
    let mut said = Said { headers, keys, remarks: Remarks::default() };
    let most = bounds.dimension_bytes;
    let project = said.own("x-tacho-project", most).or_else(|| said.in_path("project", route.project, most));
    let feature = said.own("x-tacho-feature", most).or_else(|| said.in_path("feature", route.feature, most));
    let user = said.own("x-tacho-user", most);
    let session = said.own("x-tacho-session", most);
    let session = session.or_else(|| said.by_claude_code(CLAUDE_CODE_SESSION, most));
    let mut dimensions = Dimensions {
        project: project.unwrap_or_default(),
        feature: feature.unwrap_or_default(),
        user: user.unwrap_or_default(),
        session: session.unwrap_or_default(),
        api_key: of_caller(keys, headers),
        ..Dimensions::default()
    };
    for header in headers.keys().map(http::HeaderName::as_str) {
        let Some(label) = header.strip_prefix(LABEL) else { continue };
        let label = said.kept(name::unescaped(label.as_bytes()), header, bounds.label_key_bytes);
        let Some(value) = said.own(header, bounds.label_value_bytes) else { continue };
        match label.is_empty() {
            true => said.remarks.note(RemarkCode::AttributionUnreadable, LABEL),
            false => {
                dimensions.labels.entry(label).or_insert(value);
            }
        }
    }
    if let Some(agent) = said.by_claude_code(CLAUDE_CODE_AGENT, bounds.label_value_bytes) {
        dimensions.labels.entry("claude_code_agent".to_owned()).or_insert(agent);
    }
    if dimensions.cut_labels(bounds.labels) {
        said.remarks.note(RemarkCode::Cut, LABEL);
    }
    (dimensions, said.remarks)
}

/// Reads names, and remarks on those that cannot be taken as they came.
struct Said<'a> {
    headers: &'a HeaderMap,
    keys: &'a Fingerprints,
    remarks: Remarks,
}

impl Said<'_> {
    /// A name in a header for Tacho.
    fn own(&mut self, header: &str, most_bytes: usize) -> Option<String> {
        let value = self.first(header)?;
        Some(self.kept(name::unescaped(value.as_bytes()), header, most_bytes))
    }

    /// A name in a header of Claude Code, which encodes nothing.
    fn by_claude_code(&mut self, header: &str, most_bytes: usize) -> Option<String> {
        let value = self.first(header)?;
        Some(self.kept(name::text(value.as_bytes()), header, most_bytes))
    }

    /// A name in the path.
    fn in_path(&mut self, place: &str, encoded: &str, most_bytes: usize) -> Option<String> {
        let is_named = !encoded.is_empty();
        is_named.then(|| self.kept(name::unescaped(encoded.as_bytes()), place, most_bytes))
    }

    /// The first value of a header. Another one names somebody else.
    fn first(&mut self, header: &str) -> Option<HeaderValue> {
        let mut values = self.headers.get_all(header).iter().filter(|value| !value.is_empty());
        let first = values.next()?;
        if values.any(|other| other != first) {
            self.remark(RemarkCode::AttributionUnreadable, header);
        }
        Some(first.clone())
    }

    /// As much of a name as is kept, without keys in it.
    fn kept(&mut self, (text, is_text): (String, bool), field: &str, most_bytes: usize) -> String {
        let (name, was_cut) = name::kept(text, most_bytes, self.keys);
        if !is_text {
            self.remark(RemarkCode::AttributionUnreadable, field);
        }
        if was_cut {
            self.remark(RemarkCode::Cut, field);
        }
        name
    }

    /// The name of a label is its caller's, and might hold a key.
    fn remark(&mut self, code: RemarkCode, field: &str) {
        self.remarks.note(code, &redacted(field.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(uri: &'static str, pairs: &[(&'static str, &[u8])]) -> (Dimensions, Vec<(RemarkCode, String)>) {
        let uri = http::Uri::from_static(uri);
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_bytes(value).expect("a value"));
        }
        let route = Route::of(&uri).expect("a route");
        let (dimensions, remarks) =
            dimensions(&route, &headers, &Fingerprints::new([0; 32]), &Bounds::default());
        (dimensions, remarks.iter().map(|remark| (remark.code, remark.field.clone())).collect())
    }

    fn unreadable(fields: &[&str]) -> Vec<(RemarkCode, String)> {
        fields.iter().map(|field| (RemarkCode::AttributionUnreadable, (*field).to_owned())).collect()
    }

    #[test]
    fn headers_speak_before_the_path_and_claude_code_last() {
        let path = "/proxy/p/shop/f/search/v1/messages";
        let (by_path, _) =
            read(path, &[("x-claude-code-session-id", b"s1"), ("x-claude-code-agent-id", b"a1")]);
        assert_eq!((by_path.project.as_str(), by_path.feature.as_str()), ("shop", "search"));
        assert_eq!(by_path.session, "s1");
        assert_eq!(by_path.labels.get("claude_code_agent").map(String::as_str), Some("a1"));
        let (by_header, remarks) = read(
            path,
            &[
                ("x-tacho-project", b"other"),
                ("x-tacho-user", b"u_42"),
                ("x-tacho-session", b"s2"),
                ("x-tacho-label-env", b"prod"),
                ("x-claude-code-session-id", b"s1"),
            ],
        );
        assert_eq!((by_header.project.as_str(), by_header.feature.as_str()), ("other", "search"));
        assert_eq!((by_header.user.as_str(), by_header.session.as_str()), ("u_42", "s2"));
        assert_eq!((by_header.labels.len(), remarks), (1, vec![]));
    }

    #[test]
    fn a_name_in_any_script_is_the_same_in_a_header_and_in_the_path() {
        let (by_path, remarks) = read("/proxy/p/Zo%C3%AB/f/100%25%20off/v1/messages", &[]);
        assert_eq!((by_path.project.as_str(), by_path.feature.as_str()), ("Zoë", "100% off"));
        assert_eq!(remarks, []);
        for (project, feature) in [("Zoë".as_bytes(), b"100% off".as_slice()), (b"Zo%c3%ab", b"100%25%20off")]
        {
            let pairs =
                [("x-tacho-project", project), ("x-tacho-feature", feature), ("x-tacho-label-who", project)];
            let (by_header, remarks) = read("/proxy/v1/messages", &pairs);
            assert_eq!((&by_header.project, &by_header.feature), (&by_path.project, &by_path.feature));
            assert_eq!((by_header.labels["who"].as_str(), remarks), ("Zoë", vec![]));
        }
        let (by_claude_code, _) = read("/proxy/v1/messages", &[("x-claude-code-session-id", b"a%20b")]);
        assert_eq!(by_claude_code.session, "a%20b", "it encodes nothing");
    }

    #[test]
    fn what_is_no_text_still_tells_callers_apart_and_is_remarked() {
        let (found, remarks) = read(
            "/proxy/p/%FF/f/%FE/v1/messages",
            &[
                ("x-tacho-user", b"Zo\xeb"),
                ("x-tacho-label-env", b"\xff"),
                ("x-claude-code-session-id", b"\xfe"),
            ],
        );
        assert_eq!((found.project.as_str(), found.feature.as_str()), ("%FF", "%FE"));
        assert_eq!((found.user.as_str(), found.session.as_str()), ("Zo%EB", "%FE"));
        assert_eq!(found.labels["env"], "%FF");
        let fields = ["project", "feature", "x-tacho-user", "x-claude-code-session-id", "x-tacho-label-*"];
        assert_eq!(remarks, unreadable(&fields));
    }

    #[test]
    fn of_a_name_that_is_said_twice_the_first_counts_and_the_other_is_remarked() {
        let (found, remarks) = read(
            "/proxy/v1/messages",
            &[
                ("x-tacho-user", b""),
                ("x-tacho-user", b"a"),
                ("x-tacho-user", b"b"),
                ("x-tacho-feature", b"same"),
                ("x-tacho-feature", b"same"),
            ],
        );
        assert_eq!((found.user.as_str(), found.feature.as_str()), ("a", "same"));
        assert_eq!(remarks, unreadable(&["x-tacho-user"]));
    }

    #[test]
    fn nothing_is_refused_and_no_key_is_kept() {
        let long = "é".repeat(300);
        let key = "sk-ant-api03-secret-WXYZ";
        let far = format!("{}{key}", "-".repeat(240));
        let (found, remarks) = read(
            "/proxy/v1/messages",
            &[
                ("x-tacho-user", long.as_bytes()),
                ("x-tacho-feature", key.as_bytes()),
                ("x-tacho-session", far.as_bytes()),
                ("x-tacho-label-", b"x"),
                ("x-tacho-label-sk-ant-api03-secret", b"\xff"),
            ],
        );
        assert!(found.user.len() <= 256 && found.user.starts_with("éé"));
        assert!(found.feature.starts_with("key_") && found.session == found.feature);
        assert_eq!(found.labels.len(), 1);
        let said = format!("{found:?} {remarks:?}");
        assert!(!said.contains("secret"), "{said}");
        assert!(remarks.contains(&(RemarkCode::Cut, "x-tacho-user".to_owned())));
        assert!(remarks.contains(&unreadable(&["x-tacho-label-"])[0]));
    }

    #[test]
    fn of_very_many_labels_the_first_by_name_are_kept() {
        let mut headers = HeaderMap::new();
        for number in (0..40).rev() {
            let name: http::HeaderName = format!("x-tacho-label-n{number:02}").parse().expect("a name");
            headers.append(name, HeaderValue::from_static("v"));
        }
        let uri = http::Uri::from_static("/proxy/v1/messages");
        let route = Route::of(&uri).expect("a route");
        let (found, remarks) = dimensions(&route, &headers, &Fingerprints::new([0; 32]), &Bounds::default());
        let labels: Vec<_> = found.labels.into_keys().collect();
        assert_eq!((labels.len(), labels[0].as_str(), labels[31].as_str()), (32, "n00", "n31"));
        assert_eq!(remarks.iter().map(|remark| remark.code).collect::<Vec<_>>(), [RemarkCode::Cut]);
    }
}
