//! What the domain takes for a secret of Tacho is what is made here.

use domain::usage::{Fingerprints, holds_key, redacted};

use super::{Key, KeyScope, session};
use crate::secrets::signature::Secret;

#[test]
fn secrets_of_tacho_are_told_by_their_end_alone() {
    let keys = KeyScope::ALL.map(|scope| Key::generate(scope).reveal());
    let secret = Secret::generate().reveal().to_owned();
    let id = session::new_id();
    let others = [secret, format!("tacho_session={id}"), format!("http://127.0.0.1:8787/sign-in?token={id}")];
    for own in keys.iter().chain(&others) {
        let end = &own[own.len() - 4..];
        for value in [
            own.clone(),
            format!("Bearer {own}"),
            format!("é{own} "),
            format!("a={own}&b"),
            format!("x_{own}\n"),
        ] {
            let fingerprint = Fingerprints::new([1; 32]).without_key(value.clone());
            assert!(fingerprint.starts_with("key_") && fingerprint.ends_with(&format!("..{end}")), "{value}");
            assert_eq!(fingerprint.len(), 22, "{value}");
            assert_eq!(redacted(value), format!("key_..{end}"));
        }
        // Cut off, or as the name of a header has it.
        let cut = &own[..own.len() - 8];
        assert!(holds_key(cut) && holds_key(&own.to_ascii_lowercase()), "{own}");
    }
    for key in &keys {
        assert!(holds_key(&format!("word{key}")), "a whole key is one wherever it begins");
    }
}
