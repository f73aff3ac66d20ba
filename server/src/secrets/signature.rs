//! Signatures of messages, by Standard Webhooks 1.0.0: HMAC-SHA256 over `id.timestamp.body`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::secrets::random_bytes;

const PREFIX: &str = "whsec_";
/// Lengths of a key that the specification allows, in bytes.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// A channel's signing secret. It is not printed by accident: there is no way but [`Secret::reveal`].
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    text: String,
    key: Vec<u8>,
}

/// A secret that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a signing secret is `whsec_` and the base64 of 24 to 64 bytes")]
pub struct SecretError;

impl Secret {
    /// A new secret of 32 random bytes.
    pub fn generate() -> Self {
        let key = random_bytes().to_vec();
        Secret { text: format!("{PREFIX}{}", STANDARD.encode(&key)), key }
    }

    /// Reads `whsec_...`.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let key =
            text.strip_prefix(PREFIX).and_then(|base64| STANDARD.decode(base64).ok()).ok_or(SecretError)?;
        if !KEY_BYTES.contains(&key.len()) {
            return Err(SecretError);
        }
        Ok(Secret { text: text.to_owned(), key })
    }

    /// The secret itself: to show it once, and to store it.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// Its last four characters, to tell secrets apart.
    pub fn hint(&self) -> String {
        self.text.chars().skip(self.text.chars().count().saturating_sub(4)).collect()
    }

    /// The `webhook-signature` of a message.
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    pub fn sign(&self, message_id: &str, timestamp_s: i64, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("a key of any length");
        mac.update(format!("{message_id}.{timestamp_s}.").as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secret(..{})", self.hint())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_official_vectors_hold() {
        for (secret, id, timestamp_s, body, signature) in [
            (
                "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
                "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
                1_649_367_553,
                r#"{"email":"test@example.com","username":"test_user"}"#,
                "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
            ),
            (
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                r#"{"test": 2432232314}"#,
                "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ),
        ] {
            let secret = Secret::parse(secret).expect("an official secret");
            assert_eq!(secret.sign(id, timestamp_s, body.as_bytes()), signature);
        }
    }

    #[test]
    fn a_secret_does_not_print_itself() {
        let secret = Secret::generate();
        assert!(!format!("{secret:?}").contains(&secret.reveal()[..20]));
        assert_eq!(Secret::parse(secret.reveal()), Ok(secret));
        assert_eq!(Secret::parse("whsec_c2hvcnQ="), Err(SecretError));
    }

    proptest! {
        #[test]
        fn other_implementations_agree(body in "\\PC*") {
            let secret = Secret::generate();
            let now_s = 1_700_000_000;
            let ours = secret.sign("evt_1", now_s, body.as_bytes());
            let theirs = standardwebhooks::Webhook::new(secret.reveal()).expect("a secret");
            prop_assert_eq!(theirs.sign("evt_1", now_s, body.as_bytes()).expect("a signature"), ours);
        }
    }
}
