//! The 16-byte key of an event, made from its id.

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Identifies an event within the store.
///
/// Ids that begin with their time (UUIDv7, and the API's own `req_01...` request ids) keep their order, so
/// that recent keys are neighbours in the duplicate index and looking one up touches pages that are warm.
/// Ids of messages are the API's, too, and unique without a project: the results of a batch count once, whoever
/// fetches them. Other ids are hashed together with the project, within which they are unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventKey(pub [u8; 16]);

const REQUEST_ID_PREFIX: &str = "req_";
const MESSAGE_ID_PREFIX: &str = "msg_";
/// Of ids that Tacho assigns. With any other prefix, the prefix may be what tells two ids apart.
const ASSIGNED_PREFIX: &str = "evt_";
const BASE58: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

impl EventKey {
    /// The key of the event `id` reported for `project`.
    pub fn new(project: &str, id: &str) -> Self {
        if let Some(key) = id.strip_prefix(REQUEST_ID_PREFIX).and_then(from_base58) {
            return key;
        }
        if let Ok(uuid) = Uuid::try_parse(id.strip_prefix(ASSIGNED_PREFIX).unwrap_or(id))
            && uuid.get_version_num() == 7
        {
            return EventKey(uuid.into_bytes());
        }
        let is_message = id.strip_prefix(MESSAGE_ID_PREFIX).and_then(from_base58).is_some();
        let project = if is_message { "" } else { project };
        let mut hash = Sha256::new();
        hash.update(project.as_bytes());
        hash.update([0]);
        hash.update(id.as_bytes());
        let digest = hash.finalize();
        let mut key = [0; 16];
        key.copy_from_slice(&digest[..16]);
        EventKey(key)
    }
}

/// The 16 bytes behind an id of the API of the form `01` and 22 base-58 digits.
fn from_base58(text: &str) -> Option<EventKey> {
    let digits = text.strip_prefix("01").filter(|digits| digits.len() == 22)?;
    let mut value: u128 = 0;
    for digit in digits.bytes() {
        let digit = BASE58.iter().position(|known| *known == digit)? as u128;
        value = value.checked_mul(58)?.checked_add(digit)?;
    }
    Some(EventKey(value.to_be_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_begin_with_their_time_keep_their_order() {
        let earlier = EventKey::new("a", "req_011CSHoEeqs5C35K2UUqR7Fy");
        let later = EventKey::new("a", "req_011CSHoEfqs5C35K2UUqR7Fy");
        assert!(earlier < later);
        let earlier = EventKey::new("a", "01890a5d-ac96-774b-bcce-b302099a8057");
        let later = EventKey::new("a", "evt_01890a5d-ac97-774b-bcce-b302099a8057");
        assert!(earlier < later);
    }

    #[test]
    fn a_message_is_the_same_in_every_project() {
        let id = "msg_01XFDUDYJgAACzvnptvVoYEL";
        assert_eq!(EventKey::new("a", id), EventKey::new("b", id));
        assert_ne!(EventKey::new("a", id), EventKey::new("a", "msg_01XFDUDYJgAACzvnptvVoYEM"));
        assert_ne!(EventKey::new("a", id), EventKey::new("a", "req_01XFDUDYJgAACzvnptvVoYEL"));
        assert_ne!(EventKey::new("a", "msg_1"), EventKey::new("b", "msg_1"));
    }

    #[test]
    fn other_ids_are_unique_within_their_project() {
        assert_eq!(EventKey::new("a", "1"), EventKey::new("a", "1"));
        assert_ne!(EventKey::new("a", "1"), EventKey::new("b", "1"));
        assert_ne!(EventKey::new("a", "req_1"), EventKey::new("a", "req_2"));
        let uuid = "01890a5d-ac96-774b-bcce-b302099a8057";
        assert_ne!(EventKey::new("a", &format!("try0_{uuid}")), EventKey::new("a", &format!("try1_{uuid}")));
    }
}
