//! Whose call it is, for what policies remember: told apart by everything the API itself tells callers apart by.
//!
//! The fingerprint ([`super::super::fingerprint`]) is for people and does not serve here: all tokens of subscriptions
//! share one, and what it cannot read has none.

use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use sha2::Sha256;

/// The headers in which the API is told who calls.
const HEADERS: [&str; 2] = ["authorization", "x-api-key"];

/// A hash of what a call identifies itself with: good for comparing in this process, and for nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Credential {
    whole: [u8; 32],
    each: Arc<[[u8; 32]]>,
}

impl Credential {
    /// Of all of it together.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.whole
    }

    /// Of each key and token alone: which of several the API goes by, and how it was written, makes no other caller.
    pub fn each(&self) -> &[[u8; 32]] {
        &self.each
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
        let mut each = Vec::new();
        for name in HEADERS {
            for value in headers.get_all(name).iter().filter(|value| !value.is_empty()) {
                mac.update(name.as_bytes());
                mac.update(&(value.len() as u64).to_le_bytes());
                mac.update(value.as_bytes());
                each.push(self.alone(value.as_bytes())?);
            }
        }
        (!each.is_empty())
            .then(|| Credential { whole: mac.finalize().into_bytes().into(), each: each.into() })
    }

    /// A key or token without the name of its scheme.
    fn alone(&self, value: &[u8]) -> Option<[u8; 32]> {
        let value = value.trim_ascii();
        let token = value.rsplit(u8::is_ascii_whitespace).next().unwrap_or(value);
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(token);
        Some(mac.finalize().into_bytes().into())
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
        // However it is written, and whatever stands beside it.
        let own = of(&[("authorization", "Bearer sk-ant-oat01-a")]).expect("a credential");
        for again in [
            of(&[("authorization", "bEaRer   sk-ant-oat01-a ")]),
            of(&[("authorization", "Bearer sk-ant-oat01-a"), ("x-api-key", "junk")]),
            of(&[("x-api-key", "sk-ant-oat01-a")]),
        ] {
            assert!(again.expect("a credential").each().contains(&own.each()[0]));
        }
        assert!(!different[1].as_ref().expect("a credential").each().contains(&own.each()[0]));
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
