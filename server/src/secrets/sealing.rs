//! Secrets as they are stored: sealed with a key that is kept elsewhere, so that a copy of the database gives none away.
//!
//! A value is sealed for its place. Moved to another row or column it does not open, and neither does one that was changed.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::random_bytes;

/// Begins what is sealed, with the version of its form: base64 of nonce, ciphertext and tag.
const PREFIX: &str = "sealed:v1:";
const KEY_BYTES: usize = 32;

/// Where a value stands: table, column, and the id of the row.
#[derive(Debug, Clone, Copy)]
pub struct StoredPlace<'a>(pub &'static str, pub &'static str, pub &'a str);

impl StoredPlace<'_> {
    /// No two places are the same text: tables and columns have no colon in their names.
    fn bound(&self) -> Aad<String> {
        Aad::from(format!("{}:{}:{}", self.0, self.1, self.2))
    }
}

/// What secrets are sealed with. It does not print itself.
pub struct SealingKey(LessSafeKey);

/// Why a value does not open or a text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Not the base64 or hexadecimal digits of 32 bytes.
    #[error("it does not hold the base64 or hexadecimal digits of 32 bytes")]
    NotAKey,
    /// Not sealed, or in a form of a later version.
    #[error("it is not sealed in a form that this version knows")]
    Form,
    /// Sealed with another key or for another place, or changed since.
    #[error("it was sealed with another key or for another row, or was changed since")]
    Closed,
}

impl SealingKey {
    /// A new key, as its file has it.
    pub fn generate() -> String {
        STANDARD.encode(random_bytes())
    }

    /// Reads the text of a key file.
    pub fn parse(text: &str) -> Result<Self, SealError> {
        let text = text.trim();
        let bytes = from_hex(text).or_else(|| {
            let alphabets = [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD];
            alphabets.iter().find_map(|alphabet| alphabet.decode(text).ok())
        });
        let key = bytes.and_then(|bytes| UnboundKey::new(&CHACHA20_POLY1305, &bytes).ok());
        Ok(SealingKey(LessSafeKey::new(key.ok_or(SealError::NotAKey)?)))
    }

    /// `value`, sealed for `place`. Nonces are random: of 2^32 values under one key, two have the same by a chance of
    /// 2^-33, and channels are few.
    pub fn seal(&self, place: StoredPlace<'_>, value: &[u8]) -> Result<String, SealError> {
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&random_bytes()[..NONCE_LEN]);
        let mut sealed = value.to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), place.bound(), &mut sealed)
            .map_err(|_| SealError::Closed)?;
        Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat())))
    }

    /// What was sealed for `place`.
    pub fn open(&self, place: StoredPlace<'_>, sealed: &str) -> Result<Vec<u8>, SealError> {
        let text = sealed.strip_prefix(PREFIX).ok_or(SealError::Form)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| SealError::Closed)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>().ok_or(SealError::Closed)?;
        let (nonce, mut opened) = (Nonce::assume_unique_for_key(*nonce), sealed.to_vec());
        let length =
            self.0.open_in_place(nonce, place.bound(), &mut opened).map_err(|_| SealError::Closed)?.len();
        opened.truncate(length);
        Ok(opened)
    }
}

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SealingKey")
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let is_hex = text.len() == 2 * KEY_BYTES && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let byte = |index: usize| u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok();
    is_hex.then(|| (0..KEY_BYTES).filter_map(byte).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HERE: StoredPlace<'_> = StoredPlace("channel", "url", "chn_1");

    fn new_key() -> SealingKey {
        SealingKey::parse(&SealingKey::generate()).expect("a key")
    }

    #[test]
    fn a_key_is_32_bytes_in_base64_or_hexadecimal_digits() {
        let sealed =
            SealingKey::parse(&STANDARD.encode([0xfb; 32])).expect("a key").seal(HERE, b"a").expect("sealed");
        for text in [
            format!("{}\n", STANDARD.encode([0xfb; 32])),
            STANDARD_NO_PAD.encode([0xfb; 32]),
            format!(" {}\r\n", URL_SAFE.encode([0xfb; 32])),
            URL_SAFE_NO_PAD.encode([0xfb; 32]),
            "fb".repeat(32),
            "FB".repeat(32),
        ] {
            let key = SealingKey::parse(&text).expect(&text);
            assert_eq!(key.open(HERE, &sealed).as_deref(), Ok(&b"a"[..]), "{text}");
        }
        for text in [
            "",
            "\n",
            "secret",
            &STANDARD.encode([1; 31]),
            &STANDARD.encode([1; 33]),
            &"f".repeat(63),
            &"é".repeat(32),
        ] {
            assert_eq!(SealingKey::parse(text).err(), Some(SealError::NotAKey), "{text}");
        }
        assert!(!format!("{:?}", new_key()).contains(':'));
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_in_its_place_and_nowhere_else(value in prop::collection::vec(any::<u8>(), 0..200), id in ".{0,20}") {
            let key = new_key();
            let place = StoredPlace("channel", "url", &id);
            let sealed = key.seal(place, &value).expect("sealed");
            prop_assert_eq!(key.open(place, &sealed), Ok(value.clone()));
            prop_assert_ne!(&key.seal(place, &value).expect("sealed"), &sealed, "the same nonce twice");
            let other = format!("{id}x");
            for elsewhere in [StoredPlace("channel", "secret", &id), StoredPlace("secret", "url", &id), StoredPlace("channel", "url", &other)] {
                prop_assert_eq!(key.open(elsewhere, &sealed), Err(SealError::Closed));
            }
            prop_assert_eq!(new_key().open(place, &sealed), Err(SealError::Closed));
        }

        #[test]
        fn whatever_is_changed_closes_it(value in ".{1,40}", at in any::<prop::sample::Index>(), bit in 0..8_u32, cut in any::<prop::sample::Index>()) {
            let key = new_key();
            let sealed = key.seal(HERE, value.as_bytes()).expect("sealed");
            let mut bytes = URL_SAFE_NO_PAD.decode(&sealed[PREFIX.len()..]).expect("base64");
            let length = bytes.len();
            bytes[at.index(length)] ^= 1 << bit;
            let changed = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(&bytes));
            prop_assert_eq!(key.open(HERE, &changed), Err(SealError::Closed));
            prop_assert!(key.open(HERE, &sealed[..cut.index(sealed.len())]).is_err());
            prop_assert_eq!(key.open(HERE, &value), Err(SealError::Form));
            let secret = value.as_bytes();
            prop_assert!(value.len() < 4 || !sealed.as_bytes().windows(secret.len()).any(|window| window == secret));
        }
    }
}
