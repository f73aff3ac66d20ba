//! API keys as they are shown: told apart, and of no use to anybody. So are Tacho's own keys and secrets, wherever somebody
//! has pasted one.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const KEY_PREFIX: &str = "sk-ant-";
const OWN_KEY_PREFIX: &str = "tch_";
/// Of the secret in a key for Tacho; a name that looks like the beginning of one may be shorter.
const SHORTEST_OWN_BYTES: usize = 6;
/// Begin other secrets of Tacho, whose bytes are base64 of some alphabet: a channel's signing secret, the cookie of a session,
/// a link to sign in.
const OWN_SECRET_PREFIXES: [&str; 4] = ["whsec_", "tch_id_", "tacho_session=", "sign-in?token="];
/// Of other secrets, without their prefix.
const SHORTEST_SECRET_BYTES: usize = 16;
/// `tch_adm_`, eight letters, `_`, and 32.
const WHOLE_OWN_KEY_BYTES: usize = 49;
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

    /// Of the key or secret in `text`, or of all of it: `key_`, twelve hexadecimal digits and the last four
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

    /// `value`, or a fingerprint in its place if it holds an Anthropic API key or a secret of Tacho. It is of the key alone, so that
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

/// Whether a text holds an API key, or a key or secret of Tacho.
pub fn holds_key(text: &str) -> bool {
    key_in(text).is_some()
}

/// The key or secret in a text.
fn key_in(text: &str) -> Option<&str> {
    let of_tacho = || OWN_SECRET_PREFIXES.iter().find_map(|prefix| own_secret_in(text, prefix));
    api_key_in(text).or_else(|| own_key_in(text)).or_else(of_tacho)
}

/// An API key begins at its prefix, unless that is only the end of a longer word (`task-ant-1`).
fn api_key_in(text: &str) -> Option<&str> {
    let starts = text.match_indices(KEY_PREFIX).map(|(start, _)| start);
    starts.filter(|start| !is_in_word(text, *start)).map(|start| run(&text[start..], is_key_byte)).next()
}

/// A key for Tacho: `tch_adm_`, the public part and the secret, or as much of it as there is. One that is whole begins
/// anywhere.
fn own_key_in(text: &str) -> Option<&str> {
    let keys = text.match_indices(OWN_KEY_PREFIX).map(|(start, _)| (start, run(&text[start..], is_key_byte)));
    let mut keys = keys.filter(|(_, key)| {
        let parts: Vec<&str> = key.splitn(4, '_').collect();
        let is = |part: &str, bytes: usize| part.len() == bytes && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        matches!(parts[..], [_, scope, public, secret] if is(scope, 3) && is(public, 8) && secret.len() >= SHORTEST_OWN_BYTES)
    });
    keys.find(|(start, key)| !is_in_word(text, *start) || key.len() >= WHOLE_OWN_KEY_BYTES)
        .map(|(_, key)| key)
}

fn own_secret_in<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let is_base64 = |byte: &u8| is_key_byte(byte) || matches!(byte, b'+' | b'/' | b'=' | b'%');
    let mut secrets = text.match_indices(prefix).map(|(start, _)| {
        let length = run(&text[start + prefix.len()..], is_base64).len();
        (&text[start..start + prefix.len() + length], length)
    });
    secrets.find(|(_, length)| *length >= SHORTEST_SECRET_BYTES).map(|(secret, _)| secret)
}

/// Whether a place in a text is within a word. A byte that is written as `%E9` is no part of one.
fn is_in_word(text: &str, place: usize) -> bool {
    let before = &text[..place];
    before.ends_with(|last: char| last.is_ascii_alphanumeric()) && !ends_escaped(before)
}

fn is_key_byte(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// The bytes that a text begins with, as long as they are such.
fn run(text: &str, is_within: impl Fn(&u8) -> bool) -> &str {
    &text[..text.bytes().take_while(is_within).count()]
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
        for name in [
            "tch_red_team",
            "tch_adm_",
            "watch_ing_service_of_the_shop",
            "tch_red_teamwork_of",
            "whsec_rotation",
            "tacho_session=",
            "sign-in?token=",
        ] {
            assert_eq!(Fingerprints::new([1; 32]).without_key(name.into()), name);
            assert_eq!(redacted(name.into()), name);
        }
    }
}
