//! One form for every spelling of a path, so that no spelling is another endpoint than the one that is counted.
//!
//! What goes on to the API stays as it came. Servers differ in what they make of `//`, `%6d`, `;x=1` or a slash at the
//! end, so that here they are all read as the server that reads most into them would.

use std::borrow::Cow;

use percent_encoding::percent_decode;

/// Encodings within encodings that are undone. Nobody has a reason for two.
const MOST_ROUNDS: usize = 8;

/// The path as an endpoint is known by it: decoded until nothing is encoded, in lower case, with single slashes and
/// none at the end, without parameters of segments. Nothing when it may lead to several places: with `.` or `..`
/// between slashes, control characters, bytes that are no UTF-8, or encodings within encodings without end.
pub fn canonical(path: &str) -> Option<Cow<'_, str>> {
    if is_plain(path) {
        return Some(Cow::Borrowed(path));
    }
    let decoded = decoded(path)?.replace('\\', "/");
    // `%u002e`, which is no encoding, and is undone by some servers all the same.
    if decoded.to_ascii_lowercase().contains("%u") {
        return None;
    }
    let mut plain = String::with_capacity(decoded.len());
    for segment in decoded.split('/') {
        // Some servers take blanks off as well.
        let segment = segment.split(';').next().unwrap_or_default().trim();
        if matches!(segment, "." | "..") {
            return None;
        }
        if !segment.is_empty() {
            plain.push('/');
            plain.push_str(&segment.to_ascii_lowercase());
        }
    }
    Some(Cow::Owned(plain))
}

/// Whether a path is in its canonical form as it stands; nearly all are.
fn is_plain(path: &str) -> bool {
    let is_usual = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b':' | b'/');
    path.starts_with('/')
        && path.as_bytes().iter().all(is_usual)
        && !path.contains("//")
        && !path.ends_with('/')
}

fn decoded(path: &str) -> Option<String> {
    let mut bytes = Cow::Borrowed(path.as_bytes());
    for _ in 0..MOST_ROUNDS {
        match Cow::from(percent_decode(&bytes)) {
            Cow::Borrowed(_) => {
                let text = std::str::from_utf8(&bytes).ok()?;
                return (!text.contains(char::is_control)).then(|| text.to_owned());
            }
            Cow::Owned(once) => bytes = Cow::Owned(once),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_path_has_one_form() {
        for path in [
            "/v1/messages",
            "/v1/messages/",
            "/v1//messages",
            "//v1/messages//",
            "/v1/%6dessages",
            "/v1/%256dessages",
            "/v1/%25256Dessages",
            "/V1/Messages",
            "/v1/messages;x=1",
            "/v1;a/messages;b/;c",
            "/v1/messages%3Bx=1",
            "/v1\\messages",
            "/v1%5cmessages",
            "/v1%2fmessages",
            "/v1/%2Fmessages%2f",
            "/v1/messages%20",
        ] {
            assert_eq!(canonical(path).as_deref(), Some("/v1/messages"), "{path}");
        }
        assert_eq!(canonical("/v1/files/File_01/100%").as_deref(), Some("/v1/files/file_01/100%"));
        assert_eq!(canonical("/v1/m%C3%A9").as_deref(), Some("/v1/mé"));
    }

    #[test]
    fn what_may_lead_to_several_places_has_none() {
        let deep = format!("/v1/%{}6dessages", "25".repeat(9));
        for path in [
            "/v1/../x",
            "/v1/./messages",
            "/v1/files/%2e%2E/messages",
            "/v1/files/%252e%252e/messages",
            "/v1/files/x%2f..%2f..%2fmessages",
            "/v1/files\\..\\messages",
            "/v1/files%5c..%5cmessages",
            "/v1/files/..;/messages",
            "/v1/files/..%20/messages",
            "/v1/messages/..",
            "/v1/messages%00",
            "/v1/files/%u002e%u002e/messages",
            "/v1/%U006dessages",
            "/v1/messages%0d%0ax:%20y",
            "/v1/files/%c0%ae%c0%ae/messages",
            deep.as_str(),
        ] {
            assert_eq!(canonical(path), None, "{path}");
        }
    }

    proptest::proptest! {
        #[test]
        fn the_form_of_a_form_is_itself(path in "/[a-zA-Z0-9%;./\\\\ 256dfD]{0,24}") {
            if let Some(form) = canonical(&path) {
                let again = canonical(&form);
                proptest::prop_assert_eq!(again.as_deref(), Some(&*form));
            }
        }
    }
}
