//! API keys as they are shown: told apart, and of no use to anybody.

use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use sha2::Sha256;

/// Makes fingerprints with the secret of this installation, so that who has a list of keys and a copy of what
/// Tacho shows still cannot tell which is which.
#[derive(Clone)]
pub struct Fingerprints([u8; 32]);

impl Fingerprints {
    /// Fingerprints made with `secret`.
    pub fn new(secret: [u8; 32]) -> Self {
        Fingerprints(secret)
    }

    /// Whose call it is: `key_`, twelve hexadecimal digits and the last four characters of an API key; `oauth` for a
    /// subscription, whose tokens change all the time; empty without any.
    pub fn of(&self, headers: &HeaderMap) -> String {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        // Names of schemes are the same in capitals (RFC 9110, section 11.1).
        let bearer = || {
            let (scheme, token) = text("authorization")?.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(token)
        };
        match text("x-api-key").or_else(bearer).map(str::trim) {
            None | Some("") => String::new(),
            Some(token) if token.starts_with("sk-ant-oat") => "oauth".to_owned(),
            Some(key) => self.of_key(key),
        }
    }

    fn of_key(&self, key: &str) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(key.as_bytes());
        let digest = mac.finalize().into_bytes();
        let digest: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        let mut last: Vec<char> = key.chars().rev().take(4).collect();
        last.reverse();
        // Of a text that short, four characters would be most of it.
        let last = if key.len() < SHORTEST_SHOWN { String::new() } else { last.into_iter().collect() };
        format!("key_{digest}..{last}")
    }
}

const SHORTEST_SHOWN: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn of(secret: u8, name: &'static str, value: &'static str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(name, http::HeaderValue::from_static(value));
        Fingerprints::new([secret; 32]).of(&headers)
    }

    #[test]
    fn a_key_is_known_again_and_not_given_away() {
        let key = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz-WXYZ";
        let fingerprint = of(1, "x-api-key", key);
        assert!(
            fingerprint.starts_with("key_") && fingerprint.ends_with("..WXYZ") && fingerprint.len() == 22
        );
        assert_eq!(of(1, "x-api-key", key), fingerprint);
        assert_eq!(
            of(1, "authorization", "Bearer sk-ant-api03-abcdefghijklmnopqrstuvwxyz-WXYZ"),
            fingerprint
        );
        assert_ne!(of(2, "x-api-key", key), fingerprint);
        assert_ne!(of(1, "x-api-key", "sk-ant-api03-abcdefghijklmnopqrstuvwxyz-0XYZ"), fingerprint);
    }

    #[test]
    fn other_credentials_say_nothing() {
        assert_eq!(of(1, "authorization", "Bearer sk-ant-oat01-secret"), "oauth");
        assert_eq!(of(1, "authorization", "bearer  sk-ant-oat01-secret"), "oauth");
        assert_eq!(of(1, "authorization", "Basic dXNlcg=="), "");
        assert_eq!(of(1, "x-api-key", " "), "");
        assert!(!of(1, "x-api-key", "short").contains("short"));
        assert!(of(1, "x-api-key", "short").ends_with(".."));
    }
}
