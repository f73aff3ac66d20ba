//! API keys as they are shown: told apart, and of no use to anybody.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const KEY_PREFIX: &str = "sk-ant-";
const SUBSCRIPTION_PREFIX: &str = "sk-ant-oat";
/// Of a text that is shorter, four characters would be most of it.
const SHORTEST_SHOWN: usize = 16;

/// Makes fingerprints with the secret of this installation, so that who has a list of keys and a copy of what
/// Tacho shows still cannot tell which is which. A key has one, whichever way it came.
#[derive(Clone)]
pub struct Fingerprints([u8; 32]);

impl Fingerprints {
    /// Fingerprints made with `secret`.
    pub fn new(secret: [u8; 32]) -> Self {
        Fingerprints(secret)
    }

    /// Of the Anthropic API key in `text`, or of all of it: `key_`, twelve hexadecimal digits and the last four
    /// characters; `oauth` for a subscription, whose tokens change all the time.
    pub fn of_key(&self, text: &str) -> String {
        let key = key_in(text).unwrap_or(text);
        if key.starts_with(SUBSCRIPTION_PREFIX) {
            return "oauth".to_owned();
        }
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(key.as_bytes());
        let digest = mac.finalize().into_bytes();
        let digest: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        format!("key_{digest}..{}", end_of(key))
    }

    /// `value`, or a fingerprint in its place if it holds an Anthropic API key. It is of the key alone, so that
    /// `sk-ant-...` and `Bearer sk-ant-...` are the same.
    pub fn without_key(&self, value: String) -> String {
        if key_in(&value).is_some() { self.of_key(&value) } else { value }
    }
}

impl std::fmt::Debug for Fingerprints {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Fingerprints")
    }
}

/// As [`Fingerprints::without_key`], for words of the API, where a key has no business to be: what it was is not told.
pub fn redacted(value: String) -> String {
    match key_in(&value) {
        Some(key) => format!("key_..{}", end_of(key)),
        None => value,
    }
}

/// The key in a text. It begins at its prefix, unless that is only the end of a longer word (`task-ant-1`). A byte that
/// is written as `%E9` is no part of a word.
fn key_in(text: &str) -> Option<&str> {
    let mut starts = text.match_indices(KEY_PREFIX).map(|(start, _)| start);
    let is_in_word =
        |before: &str| before.ends_with(|last: char| last.is_ascii_alphanumeric()) && !ends_escaped(before);
    let start = starts.find(|start| !is_in_word(&text[..*start]))?;
    let key = &text[start..];
    let is_key_byte = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    Some(&key[..key.bytes().take_while(is_key_byte).count()])
}

/// Whether the last of a text is a byte as `%E9`.
fn ends_escaped(text: &str) -> bool {
    matches!(text.as_bytes(), [.., b'%', one, other] if one.is_ascii_hexdigit() && other.is_ascii_hexdigit())
}

/// As much of a key as is shown.
fn end_of(key: &str) -> &str {
    if key.len() < SHORTEST_SHOWN {
        return "";
    }
    key.char_indices().rev().nth(3).map_or(key, |(start, _)| &key[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz-WXYZ";

    #[test]
    fn a_key_becomes_its_fingerprint_wherever_it_stands() {
        let ours = Fingerprints::new([1; 32]);
        let fingerprint = ours.of_key(KEY);
        assert!(fingerprint.starts_with("key_") && fingerprint.ends_with("..WXYZ"), "{fingerprint}");
        assert_eq!(fingerprint.len(), 22);
        for value in [
            format!("Bearer {KEY}"),
            format!(" {KEY}\n"),
            format!("é{KEY}é"),
            format!("x={KEY}&y"),
            format!("%E9{KEY}"),
        ] {
            assert_eq!(ours.without_key(value.clone()), fingerprint);
            assert_eq!(ours.of_key(&value), fingerprint);
            assert_eq!(redacted(value), "key_..WXYZ");
        }
        assert_ne!(ours.without_key(format!("{KEY}0")), fingerprint);
        assert_ne!(Fingerprints::new([2; 32]).of_key(KEY), fingerprint);
        assert!(!format!("{ours:?}").contains('1'));
    }

    #[test]
    fn little_of_other_credentials_is_shown() {
        let ours = Fingerprints::new([1; 32]);
        assert_eq!(ours.of_key("sk-ant-oat01-secret"), "oauth");
        assert_eq!(ours.without_key("Bearer sk-ant-oat01-secret".into()), "oauth");
        let short = ours.of_key("short");
        assert!(short.ends_with("..") && !short.contains("short"), "{short}");
        assert_eq!(redacted("sk-ant-short".into()), "key_..");
        assert!(ours.of_key("a-key-of-another-kind-ÄÖÜß").ends_with("..ÄÖÜß"));
    }

    #[test]
    fn names_are_left_alone() {
        for name in [
            "",
            "production",
            "key_1",
            "task-ant-farm",
            "E9sk-ant-1",
            "%E9task-ant",
            "sk-and-others",
            "apikey_01Rj2N8SVvo6BePZj99NhmiT",
        ] {
            assert_eq!(Fingerprints::new([1; 32]).without_key(name.into()), name);
            assert_eq!(redacted(name.into()), name);
        }
    }
}
