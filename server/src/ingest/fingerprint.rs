//! Keys that reached us by mistake: known again by their fingerprint, never kept.

use sha2::{Digest, Sha256};

const KEY_PREFIX: &str = "sk-ant-";

/// `value`, or a fingerprint in its place if it holds an Anthropic API key: `key_`, twelve hexadecimal digits
/// of the key's SHA-256, and its last four characters.
///
/// The fingerprint is of the key alone, so that `sk-ant-...` and `Bearer sk-ant-...` are the same.
pub(crate) fn without_key(value: String) -> String {
    let Some(start) = start_of_key(&value) else { return value };
    let key = &value[start..];
    let length = key.bytes().take_while(|byte| is_key_byte(*byte)).count();
    let key = &key[..length];
    let digest: String = Sha256::digest(key).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("key_{digest}..{}", &key[key.len().saturating_sub(4)..])
}

/// Where a key begins: at its prefix, unless that is only the end of a longer word (`task-ant-1`).
fn start_of_key(value: &str) -> Option<usize> {
    let mut starts = value.match_indices(KEY_PREFIX).map(|(start, _)| start);
    starts.find(|start| !value[..*start].ends_with(|before: char| before.is_ascii_alphanumeric()))
}

fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_becomes_its_fingerprint() {
        let key = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz-WXYZ";
        let fingerprint = without_key(key.into());
        assert_eq!(fingerprint, "key_41dbc23b0d1b..WXYZ");
        for value in [format!("Bearer {key}"), format!(" {key}\n"), format!("é{key}é"), format!("x={key}&y")]
        {
            assert_eq!(without_key(value), fingerprint);
        }
        assert_ne!(without_key(format!("{key}0")), fingerprint);
    }

    #[test]
    fn names_are_left_alone() {
        for name in
            ["", "production", "key_1", "task-ant-farm", "sk-and-others", "apikey_01Rj2N8SVvo6BePZj99NhmiT"]
        {
            assert_eq!(without_key(name.into()), name);
        }
    }
}
