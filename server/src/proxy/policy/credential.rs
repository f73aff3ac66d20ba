//! Whose call it is, for what policies remember: told apart by everything the API itself tells callers apart by.
//!
//! The fingerprint ([`super::super::fingerprint`]) is for people and does not serve here: all tokens of subscriptions
//! share one, and what it cannot read has none.

use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use sha2::Sha256;

/// The headers in which the API is told who calls.
const HEADERS: [&str; 2] = ["authorization", "x-api-key"];

/// A hash of what a call identifies itself with: good for comparing in this process, and for nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Credential([u8; 32]);

impl Credential {
    /// Its bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Makes [`Credential`]s with a secret that is new with every start and is written nowhere.
pub struct Credentials([u8; 32]);

impl Default for Credentials {
    fn default() -> Self {
        Credentials(rand::random())
    }
}

impl Credentials {
    /// Of a call with these headers; nothing when it has no credential.
    pub fn of(&self, headers: &HeaderMap) -> Option<Credential> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        let mut is_any = false;
        for name in HEADERS {
            for value in headers.get_all(name).iter().filter(|value| !value.is_empty()) {
                is_any = true;
                mac.update(name.as_bytes());
                mac.update(&(value.len() as u64).to_le_bytes());
                mac.update(value.as_bytes());
            }
        }
        is_any.then(|| Credential(mac.finalize().into_bytes().into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_credential_is_its_own_and_none_is_none() {
        let credentials = Credentials::default();
        let of = |pairs: &[(&'static str, &'static str)]| {
            let pair = |(name, value): &(&'static str, &'static str)| {
                (http::HeaderName::from_static(name), http::HeaderValue::from_static(value))
            };
            credentials.of(&pairs.iter().map(pair).collect())
        };
        let different = [
            of(&[("authorization", "Bearer sk-ant-oat01-a")]),
            of(&[("authorization", "Bearer sk-ant-oat01-b")]),
            of(&[("authorization", "bearer sk-ant-oat01-b")]),
            of(&[("authorization", "Basic dXNlcg==")]),
            of(&[("x-api-key", "a")]),
            of(&[("x-api-key", "b")]),
            of(&[("x-api-key", "b"), ("authorization", "a")]),
        ];
        for (index, one) in different.iter().enumerate() {
            assert!(one.is_some() && !different[..index].contains(one), "{index}");
        }
        assert_eq!(of(&[("x-api-key", "a")]), different[4], "known again");
        assert_eq!(of(&[("x-api-key", ""), ("x-tacho-user", "a")]), None);
        assert_ne!(
            Credentials::default().of(&HeaderMap::from_iter([(
                http::HeaderName::from_static("x-api-key"),
                http::HeaderValue::from_static("a")
            )])),
            different[4],
            "another process calls it otherwise"
        );
    }
}
