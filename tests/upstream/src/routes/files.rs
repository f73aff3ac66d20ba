//! The content of files: bytes that are no text.

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::answer::{Answer, Step};
use crate::call::Call;

/// How large a file is unless the scenario says `bytes`.
const ORDINARY_BYTES: usize = 64 << 10;

/// Bytes that depend on the id alone, in which every value occurs.
pub(super) fn content(call: &Call, id: &str) -> Answer {
    let bytes = call.scenario.bytes.unwrap_or(ORDINARY_BYTES);
    let mut content = Vec::with_capacity(bytes + 32);
    while content.len() < bytes {
        let part = Sha256::new_with_prefix(id).chain_update((content.len() as u64).to_le_bytes());
        content.extend_from_slice(&part.finalize());
    }
    content.truncate(bytes);
    Answer::new(200, "application/octet-stream", [Step::send(Bytes::from(content))])
}
