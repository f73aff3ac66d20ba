//! The few values of a JSON document that are kept while it passes, as raw JSON.

use crate::ingest::fields::unquote;
use crate::usage::{ApiFailure, name, redacted};

/// All that is kept of one document, in bytes. A `usage` object has some 500.
const MOST_BYTES: usize = 64 << 10;
/// The longest model id or other word of the API, in bytes, as for events that are posted.
const WORD_BYTES: usize = 256;

/// What is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// The `type` of the document.
    Kind,
    MessageId,
    Model,
    StopReason,
    Usage,
    FailureKind,
    FailureCode,
    /// How a request of a batch ended.
    Outcome,
    MaxTokens,
    Stream,
    Temperature,
}

const SLOTS: usize = Slot::Temperature as usize + 1;

/// The kept values of one document. Each is the last of its name.
#[derive(Debug, Default)]
pub(super) struct Kept {
    bytes: Vec<u8>,
    places: [Option<(usize, usize)>; SLOTS],
    /// Where the value that is being taken began.
    start: usize,
    overflowed: bool,
}

impl Kept {
    /// Begins to take a value.
    pub fn begin(&mut self) {
        self.start = self.bytes.len();
    }

    /// More of the value.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.bytes.len() + bytes.len() > MOST_BYTES {
            self.overflowed = true;
        } else if !self.overflowed {
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// The value is whole.
    pub fn end(&mut self, slot: Slot) {
        if !self.overflowed {
            self.places[slot as usize] = Some((self.start, self.bytes.len()));
        }
    }

    /// Something was too large to be kept.
    pub fn has_overflowed(&self) -> bool {
        self.overflowed
    }

    pub fn clear(&mut self) {
        self.bytes.clear();
        self.places = [None; SLOTS];
        self.overflowed = false;
    }

    /// A value as raw JSON. Null counts as left out.
    pub fn raw(&self, slot: Slot) -> Option<&str> {
        let (start, end) = self.places[slot as usize]?;
        let raw = std::str::from_utf8(self.bytes.get(start..end)?).ok()?;
        (raw != "null").then_some(raw)
    }

    /// A word of the API. Other values than text, and empty text, are unknown; what is longer than any word is cut.
    pub fn word(&self, slot: Slot) -> Option<String> {
        let word = unquote(self.raw(slot)?)?;
        let is_word = !word.is_empty() && !word.contains(char::is_control);
        is_word.then(|| name::cut(redacted(word.into_owned()), WORD_BYTES).0)
    }

    /// The API's error object, when there is one.
    pub fn failure(&self) -> Option<ApiFailure> {
        let kind = self.word(Slot::FailureKind);
        if kind.is_none() && self.word(Slot::Kind).as_deref() != Some("error") {
            return None;
        }
        let code = self.word(Slot::FailureCode).unwrap_or_default();
        Some(ApiFailure { kind: kind.unwrap_or_default(), code })
    }
}
