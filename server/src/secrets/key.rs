//! Keys: `tch_<kind>_<8 public>_<32 secret>_<6 checksum>`.
//!
//! The prefix and the checksum let scanners find a leaked key and tell a mistyped one without asking anybody.
//! Only the public part and a hash of the secret are stored; with 190 random bits a plain SHA-256 is enough.

use domain::usage::Dimensions;
use rand::seq::IndexedRandom;
use sha2::{Digest, Sha256};

use super::KeyScope;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PUBLIC_LENGTH: usize = 8;
const SECRET_LENGTH: usize = 32;
const CHECKSUM_LENGTH: usize = 6;

/// A key in clear: just made, or just presented.
#[derive(Clone)]
pub struct Key {
    scope: KeyScope,
    public: String,
    secret: String,
}

/// A key as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredKey {
    /// The part that names it.
    pub public: String,
    /// SHA-256 of the secret part.
    pub hash: [u8; 32],
    /// What it may do.
    pub scope: KeyScope,
    /// What it is for.
    pub name: String,
    /// Values that fill what an event leaves out.
    pub defaults: Dimensions,
    /// Values that stand whatever an event says.
    pub bound: Dimensions,
    /// When it was made, Unix milliseconds.
    pub created_at_ms: i64,
    /// When it was revoked, Unix milliseconds.
    pub revoked_at_ms: Option<i64>,
}

/// A text that is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It does not look like one.
    #[error("this is no Tacho key; one looks like tch_ing_..., and `tacho keys create` makes one")]
    Form,
    /// A character is wrong or missing.
    #[error("this key is mistyped or cut off: its checksum is wrong; copy it again")]
    Checksum,
}

impl Key {
    /// A new key.
    pub fn generate(scope: KeyScope) -> Self {
        Key { scope, public: random(PUBLIC_LENGTH), secret: random(SECRET_LENGTH) }
    }

    /// The part that names it.
    pub fn public(&self) -> &str {
        &self.public
    }

    /// The whole key: to show it once.
    pub fn reveal(&self) -> String {
        let body = format!("tch_{}_{}_{}", word(self.scope), self.public, self.secret);
        let checksum = checksum(&body);
        format!("{body}_{checksum}")
    }

    /// What to store of it.
    pub fn stored(&self, name: &str, now_ms: i64) -> StoredKey {
        StoredKey {
            public: self.public.clone(),
            hash: self.hash(),
            scope: self.scope,
            name: name.to_owned(),
            defaults: Dimensions::default(),
            bound: Dimensions::default(),
            created_at_ms: now_ms,
            revoked_at_ms: None,
        }
    }

    /// Whether it is the stored one. Takes as long whether it is or not.
    pub fn matches(&self, stored: &StoredKey) -> bool {
        let difference = self.hash().iter().zip(&stored.hash).fold(0, |seen, (a, b)| seen | (a ^ b));
        difference == 0 && self.scope == stored.scope
    }

    fn hash(&self) -> [u8; 32] {
        Sha256::digest(&self.secret).into()
    }
}

/// Reads a presented key.
pub fn parse(text: &str) -> Result<Key, KeyError> {
    let (body, checked) = text.rsplit_once('_').ok_or(KeyError::Form)?;
    let mut parts = body.split('_');
    let (prefix, kind, public, secret) = (parts.next(), parts.next(), parts.next(), parts.next());
    let scope = kind.and_then(|kind| KeyScope::ALL.into_iter().find(|scope| word(*scope) == kind));
    match (prefix, scope, public, secret, parts.next()) {
        (Some("tch"), Some(scope), Some(public), Some(secret), None) => {
            let whole = public.len() == PUBLIC_LENGTH && secret.len() == SECRET_LENGTH;
            if !whole || checksum(body) != checked {
                return Err(KeyError::Checksum);
            }
            Ok(Key { scope, public: public.to_owned(), secret: secret.to_owned() })
        }
        _ => Err(KeyError::Form),
    }
}

fn word(scope: KeyScope) -> &'static str {
    match scope {
        KeyScope::Ingest => "ing",
        KeyScope::Proxy => "prx",
        KeyScope::Read => "red",
        KeyScope::Admin => "adm",
    }
}

fn random(length: usize) -> String {
    let mut rng = rand::rng();
    (0..length).filter_map(|_| ALPHABET.choose(&mut rng)).map(|letter| char::from(*letter)).collect()
}

fn checksum(body: &str) -> String {
    let mut rest = crc32fast::hash(body.as_bytes());
    let mut digits = [b'0'; CHECKSUM_LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    digits.into_iter().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_recognised_and_a_mistyped_one_is_not() {
        for scope in KeyScope::ALL {
            let key = Key::generate(scope);
            let text = key.reveal();
            let read = parse(&text).expect("a key");
            let stored = key.stored("test", 1);
            assert!(read.matches(&stored));
            assert!(!Key::generate(scope).matches(&stored));
            let last = if text.ends_with('x') { 'y' } else { 'x' };
            let mistyped = format!("{}{last}", &text[..text.len() - 1]);
            assert_eq!(parse(&mistyped).err(), Some(KeyError::Checksum));
        }
        assert_eq!(parse("sk-ant-api03-abc").err(), Some(KeyError::Form));
        assert_eq!(parse("").err(), Some(KeyError::Form));
        assert_eq!(parse("tch_ing_short_x_y").err(), Some(KeyError::Checksum));
    }
}
