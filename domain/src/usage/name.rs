//! Names: what a call says of who and what it is for. Whichever way one comes, it means the same.
//!
//! A name never costs its event. One that is no text stands with its bytes as `%EB`, so that it is still told from
//! others; one that is too long is cut, and ends in what tells it from others that begin so.

use std::borrow::Cow;

use percent_encoding::percent_decode;
use sha2::{Digest, Sha256};

use super::Fingerprints;
use crate::rollup::OVERFLOW;

/// Between the beginning of a name that was cut and its mark.
const ELLIPSIS: char = '…';
/// Hexadecimal digits of the mark: 32 bits of a hash of the whole name.
const MARK_DIGITS: usize = 8;
/// What a cut puts behind the beginning of a name, in bytes.
const TAIL_BYTES: usize = ELLIPSIS.len_utf8() + MARK_DIGITS;

/// Bytes as text, and whether they are: those that are no UTF-8 stand as `%EB`. Nothing is replaced by a sign that
/// would make two names one.
pub fn text(bytes: &[u8]) -> (String, bool) {
    let mut text = String::with_capacity(bytes.len());
    let mut is_text = true;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            is_text = false;
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    (text, is_text)
}

/// As [`text`], once percent-encoding is undone. A `%` that begins no escape stands for itself, as in `100% off`.
pub fn unescaped(bytes: &[u8]) -> (String, bool) {
    text(&Cow::from(percent_decode(bytes)))
}

/// As much of a name as is kept, and whether that is less than all of it.
///
/// Its API keys become fingerprints first, so that no cut leaves half of one. What is cut ends in `…` and a hash of the
/// whole: names that differ stay different, and the same one is always the same.
pub fn kept(name: String, most_bytes: usize, keys: &Fingerprints) -> (String, bool) {
    cut(keys.without_key(name), most_bytes)
}

/// As [`kept`], for what holds no keys. The name that Tacho itself gives to many together, [`OVERFLOW`], is marked as one that
/// is too long: nobody hides behind it.
pub fn cut(name: String, most_bytes: usize) -> (String, bool) {
    if name.len() <= most_bytes && name != OVERFLOW {
        return (name, false);
    }
    let mark: String =
        Sha256::digest(&name).iter().take(MARK_DIGITS / 2).map(|byte| format!("{byte:02x}")).collect();
    let end = name.floor_char_boundary(most_bytes.saturating_sub(TAIL_BYTES));
    (format!("{}{ELLIPSIS}{mark}", &name[..end]), true)
}

/// Whether a name ends as [`cut`] makes it.
pub fn is_cut(name: &str) -> bool {
    let is_mark = |mark: &str| mark.len() == MARK_DIGITS && mark.bytes().all(|byte| byte.is_ascii_hexdigit());
    name.rsplit_once(ELLIPSIS).is_some_and(|(_, mark)| is_mark(mark))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: &str = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz-WXYZ";

    #[test]
    fn nobody_is_called_what_many_are_called_together() {
        let (kept, was_cut) = cut(OVERFLOW.to_owned(), 256);
        assert!(was_cut && is_cut(&kept) && kept.starts_with("(other)…"), "{kept}");
        assert_eq!(cut(kept.clone(), 256), (kept, false));
    }

    #[test]
    fn names_are_text_in_any_script_and_what_is_none_is_still_told_apart() {
        for (bytes, name, is_text) in [
            ("김민수".as_bytes(), "김민수", true),
            (b"Zo%C3%AB", "Zoë", true),
            (b"100% off", "100% off", true),
            (b"100%25 off", "100% off", true),
            (b"%", "%", true),
            (b"%zz%4", "%zz%4", true),
            (b"Zo\xeb", "Zo%EB", false),
            (b"Zo%EB", "Zo%EB", false),
            (b"\xb1\xe8%C3%AB", "%B1%E8ë", false),
            (b"", "", true),
        ] {
            assert_eq!(unescaped(bytes), (name.to_owned(), is_text));
        }
        assert_eq!(text(b"Zo%C3%AB"), ("Zo%C3%AB".to_owned(), true), "as it came");
    }

    #[test]
    fn the_same_name_is_cut_the_same_by_the_hooks() {
        // tests/fixtures/names.json holds what the hooks are held to, too.
        let cases = include_str!("../../../tests/fixtures/names.json");
        let cases: serde_json::Value = serde_json::from_str(cases).expect("JSON");
        for case in cases["cut"].as_array().expect("cases") {
            let given = case["repeat"].as_str().expect("text");
            let given =
                given.repeat(usize::try_from(case["times"].as_u64().expect("times")).expect("a size"));
            let most = usize::try_from(case["most"].as_u64().expect("a bound")).expect("a size");
            assert_eq!(cut(given, most).0, case["kept"].as_str().expect("text"), "{case}");
        }
    }

    proptest! {
        #[test]
        fn a_name_is_kept_within_its_bound_and_stays_itself(
            begins in "\\PC{0,40}", one in "\\PC{0,40}", other in "\\PC{0,40}", most in 11_usize..300, times in 1_usize..20,
        ) {
            let begins = begins.repeat(times);
            let whole = |end: &str| format!("{begins}{end}");
            let (kept, was_cut) = cut(whole(&one), most);
            prop_assert!(kept.len() <= most);
            prop_assert_eq!(was_cut, whole(&one).len() > most);
            prop_assert_eq!(&cut(kept.clone(), most), &(kept.clone(), false), "cut once is cut");
            prop_assert!(!was_cut || is_cut(&kept));
            prop_assert_eq!(kept == cut(whole(&other), most).0, one == other);
        }

        #[test]
        fn no_bytes_are_lost_in_a_name(one in prop::collection::vec(any::<u8>(), 0..30), other in prop::collection::vec(any::<u8>(), 0..30)) {
            // A name that says `%EB` itself, and one that holds that byte, are the only two that may meet.
            let (one, other): (Vec<u8>, Vec<u8>) = (
                one.into_iter().filter(|byte| *byte != b'%').collect(),
                other.into_iter().filter(|byte| *byte != b'%').collect(),
            );
            prop_assert_eq!(text(&one) == text(&other), one == other);
        }

        #[test]
        fn no_cut_leaves_half_a_key(before in " {0,300}", after in " {0,300}", most in 22_usize..300) {
            let (kept, was_cut) = kept(format!("{before}{KEY}{after}"), most, &Fingerprints::new([1; 32]));
            prop_assert_eq!(kept, Fingerprints::new([1; 32]).of_key(KEY));
            prop_assert!(!was_cut);
        }
    }
}
