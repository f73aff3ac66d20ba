//! What is secret here, wherever it stands: keys, ids of sessions and of links, signing secrets of channels.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use percent_encoding::percent_decode;

/// How each begins, and of how many characters its parts are, which `_` joins.
const FORMS: [(&[u8], &[usize]); 6] = [
    (b"tch_ing_", &[8, 32]),
    (b"tch_prx_", &[8, 32]),
    (b"tch_red_", &[8, 32]),
    (b"tch_adm_", &[8, 32]),
    (b"tch_id_", &[43]),
    (b"whsec_", &[40]),
];
const BASIC: &[u8] = b"basic ";
/// How often a text may be percent-encoded for what is in it to be seen.
const MOST_ESCAPES: usize = 3;

/// Whether a text holds one, as it is, percent-encoded, or as `Basic` credentials.
pub fn is_in(text: &[u8]) -> bool {
    is_plainly_in(text) || is_escaped_in(text) || is_in_basic(text)
}

fn is_plainly_in(text: &[u8]) -> bool {
    let is_start = |byte: u8| FORMS.iter().any(|(beginning, _)| beginning.first() == Some(&byte));
    let starts = text.iter().enumerate().filter(|(_, byte)| is_start(**byte)).map(|(start, _)| start);
    starts.into_iter().any(|start| FORMS.iter().any(|form| begins(&text[start..], form)))
}

fn begins(text: &[u8], (beginning, parts): &(&[u8], &[usize])) -> bool {
    let Some(mut rest) = text.strip_prefix(*beginning) else { return false };
    for (place, length) in parts.iter().enumerate() {
        if place > 0 {
            let Some(next) = rest.strip_prefix(b"_") else { return false };
            rest = next;
        }
        let Some((part, next)) = rest.split_at_checked(*length) else { return false };
        if !part.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_+/".contains(byte)) {
            return false;
        }
        rest = next;
    }
    true
}

fn is_escaped_in(text: &[u8]) -> bool {
    let mut text = text.to_vec();
    for _ in 0..MOST_ESCAPES {
        if !text.contains(&b'%') {
            return false;
        }
        text = percent_decode(&text).collect();
        if is_plainly_in(&text) {
            return true;
        }
    }
    false
}

/// As a client makes them of a name and a password in an address.
fn is_in_basic(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let Some((scheme, rest)) = text.split_at_checked(BASIC.len()) else { return false };
    let encoded = rest.trim_ascii();
    scheme.eq_ignore_ascii_case(BASIC)
        && STANDARD
            .decode(encoded)
            .or_else(|_| STANDARD_NO_PAD.decode(encoded))
            .is_ok_and(|decoded| is_plainly_in(&decoded) || is_escaped_in(&decoded))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::signature::Secret;
    use crate::secrets::{Key, KeyScope, session};

    fn every_kind() -> Vec<String> {
        let keys = KeyScope::ALL.into_iter().map(|scope| Key::generate(scope).reveal());
        keys.chain([session::new_id(), Secret::generate().reveal().to_owned()]).collect()
    }

    #[test]
    fn every_secret_is_known_wherever_it_stands() {
        for secret in every_kind() {
            let escaped: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
            for text in [
                secret.clone(),
                format!("Bearer {secret}"),
                format!("a=1&key={secret}&b=2"),
                format!("x{secret}x"),
                secret.replace('_', "%5F"),
                secret.replace('_', "%255f"),
                escaped,
                format!("basic  {}", STANDARD.encode(format!("{secret}:"))),
                format!("Basic {}", STANDARD_NO_PAD.encode(format!("me:{secret}"))),
            ] {
                assert!(is_in(text.as_bytes()), "{text}");
            }
        }
    }

    #[test]
    fn nothing_else_is_one() {
        for text in [
            "",
            "sk-ant-api03-abcdefghijklmnopqrstuvwxyz-WXYZ",
            "batch_id_01",
            "tch_",
            "tch_prx_...",
            "tch_ing_short",
            "tch_xyz_abcdefgh_abcdefghijklmnopqrstuvwxyzabcdef_abcdef",
            "whsec_short",
            "100%",
            "Basic dXNlcjpwYXNz",
            "Basic !",
        ] {
            assert!(!is_in(text.as_bytes()), "{text}");
        }
    }
}
