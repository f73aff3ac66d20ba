//! The few values of a JSON document that are kept while it passes, as raw JSON.

use crate::read::fields::unquote;
use crate::read::tokens;
use crate::usage::{ApiFailure, name, redacted};

/// A `usage` object, in bytes. Most have some 500, and some 200 more for each attempt.
const MOST_USAGE_BYTES: usize = 576 << 10;
/// How much of that its members may fill. The rest is for those behind a large one.
const MOST_MEMBERS_BYTES: usize = 512 << 10;
/// One of its members that nobody reads, and what any may have of the rest.
const SMALL_MEMBER_BYTES: usize = 4 << 10;
/// Any other value. They are words.
const MOST_VALUE_BYTES: usize = 64 << 10;
/// What stands in the place of a member that is too large: none of what `usage` holds.
const TOO_LARGE: &[u8] = b"false";
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
    taking: Taking,
    /// A usage was too large to be kept.
    has_lost_usage: bool,
}

/// The value that is being taken.
#[derive(Debug, Clone, Copy, Default)]
struct Taking {
    /// Where it began.
    start: usize,
    /// How far it may go.
    end: usize,
    /// It went further.
    is_lost: bool,
    /// Where the last of its members ended, if it is an object.
    between: usize,
    member: Option<Member>,
}

/// A member of the object that is being taken.
#[derive(Debug, Clone, Copy)]
struct Member {
    start: usize,
    end: usize,
    is_lost: bool,
}

impl Kept {
    /// Begins to take a value.
    pub fn begin(&mut self, slot: Slot) {
        let start = self.bytes.len();
        let most = if slot == Slot::Usage { MOST_USAGE_BYTES } else { MOST_VALUE_BYTES };
        self.taking = Taking { start, end: start + most, between: start, ..Taking::default() };
    }

    /// More of the value.
    pub fn push(&mut self, bytes: &[u8]) {
        let end = self.bytes.len() + bytes.len();
        if self.taking.is_lost || self.taking.member.is_some_and(|member| member.is_lost) {
            return;
        }
        match &mut self.taking.member {
            Some(member) if end > member.end => {
                member.is_lost = true;
                self.bytes.truncate(member.start);
                self.bytes.extend_from_slice(TOO_LARGE);
            }
            _ if end > self.taking.end => {
                self.taking.is_lost = true;
                self.bytes.truncate(self.taking.start);
            }
            _ => self.bytes.extend_from_slice(bytes),
        }
    }

    /// Of the object that is being taken, a name and its colon were the last that was pushed: its member begins.
    pub fn begin_member(&mut self) {
        let Taking { start: object, between, .. } = self.taking;
        let name =
            self.bytes.get(between..).and_then(|name| std::str::from_utf8(name).ok()).unwrap_or_default();
        let name =
            name.trim_start_matches(|byte: char| byte.is_ascii_whitespace() || matches!(byte, '{' | ','));
        let is_read =
            tokens::is_read(name.trim_end_matches(|byte: char| byte.is_ascii_whitespace() || byte == ':'));
        let start = self.bytes.len();
        let small = start + SMALL_MEMBER_BYTES;
        let end = if is_read { small.max(object + MOST_MEMBERS_BYTES) } else { small };
        self.taking.member = Some(Member { start, end, is_lost: false });
    }

    /// The member has come to its end.
    pub fn end_member(&mut self) {
        self.taking.member = None;
        self.taking.between = self.bytes.len();
    }

    /// The value is whole.
    pub fn end(&mut self, slot: Slot) {
        let Taking { start, is_lost, .. } = self.taking;
        self.places[slot as usize] = (!is_lost).then_some((start, self.bytes.len()));
        self.has_lost_usage |= is_lost && slot == Slot::Usage;
    }

    /// A usage was too large to be kept.
    pub fn has_lost_usage(&self) -> bool {
        self.has_lost_usage
    }

    pub fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(MOST_VALUE_BYTES);
        self.places = [None; SLOTS];
        self.taking = Taking::default();
        self.has_lost_usage = false;
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
