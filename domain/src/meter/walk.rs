//! Walking over one JSON document while its bytes come, cut anywhere, in constant memory.
//!
//! Only the way to the wanted members is checked to be JSON. Of what is passed over, strings and brackets are
//! followed just so far that its end is found; what is kept is checked when it is read.

use memchr::memchr2;

use super::kept::{Kept, Slot};
use super::short::Short;
use super::wanted::{Members, Want};

/// The longest wanted name is written with this many bytes when all of it is escaped (`\u0070...`).
const NAME_BYTES: usize = "partial_json".len() * 6;

/// A walk over one document after another.
#[derive(Debug)]
pub(super) struct Walk {
    wanted: Members,
    /// The wanted objects around the next byte, the outermost first.
    within: Vec<Members>,
    state: State,
    name: Short<NAME_BYTES>,
    taking: Taking,
    /// Containers that are open within the value that is passed over or taken.
    depth: usize,
    escape: Escape,
    kept: Kept,
    text_bytes: u64,
}

/// What the next byte may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The document has not begun.
    Start,
    /// A name, or the end of an empty object.
    FirstName,
    /// A name, behind a comma.
    NextName,
    Name,
    Colon,
    Value,
    /// Within a string of a value.
    Text,
    /// Within a container of a value.
    Inside,
    /// Within a number or a literal.
    Scalar,
    /// A comma, or the end of an object.
    Next,
    Done,
    Broken,
}

/// What happens to the bytes of the current value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taking {
    Nothing,
    Raw(Slot),
    Count,
}

/// Where in an escape sequence of a string the next byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    None,
    Backslash,
    /// This many digits are to come; and the number so far.
    Unicode(u8, u32),
}

impl Walk {
    pub fn new(wanted: Members) -> Self {
        Walk {
            wanted,
            within: Vec::new(),
            state: State::Start,
            name: Short::new(),
            taking: Taking::Nothing,
            depth: 0,
            escape: Escape::None,
            kept: Kept::default(),
            text_bytes: 0,
        }
    }

    /// Makes ready for another document.
    pub fn reset(&mut self) {
        self.within.clear();
        self.state = State::Start;
        self.name.clear();
        self.taking = Taking::Nothing;
        self.depth = 0;
        self.escape = Escape::None;
        self.kept.clear();
        self.text_bytes = 0;
    }

    /// Nothing but blanks came so far.
    pub fn is_blank(&self) -> bool {
        self.state == State::Start
    }

    /// The document is closed.
    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// It is not JSON.
    pub fn is_broken(&self) -> bool {
        self.state == State::Broken
    }

    /// What was kept. Values that are not whole yet are not among it.
    pub fn kept(&self) -> &Kept {
        &self.kept
    }

    /// UTF-8 bytes of the text that was counted.
    pub fn text_bytes(&self) -> u64 {
        self.text_bytes
    }

    /// The next bytes of the document.
    pub fn feed(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some(byte) = rest.first() {
            let read = match self.state {
                State::Text => self.text(rest),
                State::Inside => self.inside(rest),
                State::Scalar => self.scalar(rest),
                State::Name => self.name(rest),
                State::Broken => return,
                _ => self.structure(*byte),
            };
            rest = rest.get(read..).unwrap_or_default();
        }
    }

    /// A byte between names and values. Returns how many were read, here and below.
    fn structure(&mut self, byte: u8) -> usize {
        if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            return 1;
        }
        match (self.state, byte) {
            (State::Start, b'{') => self.enter(self.wanted),
            // A byte order mark.
            (State::Start, 0xef | 0xbb | 0xbf) => {}
            (State::Start, _) => self.begin(Taking::Nothing, byte),
            (State::FirstName | State::NextName, b'"') => {
                self.name.clear();
                self.state = State::Name;
            }
            (State::FirstName | State::Next, b'}') => {
                self.within.pop();
                self.end_of_value();
            }
            (State::Next, b',') => self.state = State::NextName,
            (State::Colon, b':') => self.state = State::Value,
            (State::Value, _) => match (self.wanted(), byte) {
                (Some(Want::Within(members)), b'{') => self.enter(members),
                (Some(Want::Keep(slot)), _) => self.begin(Taking::Raw(*slot), byte),
                (Some(Want::Count), b'"') => self.begin(Taking::Count, byte),
                _ => self.begin(Taking::Nothing, byte),
            },
            _ => self.state = State::Broken,
        }
        1
    }

    /// What is wanted of the member whose name was read.
    fn wanted(&self) -> Option<&'static Want> {
        let name = self.name.get()?;
        let unescaped: String;
        let name = if name.contains(&b'\\') {
            let quoted = [b"\"", name, b"\""].concat();
            unescaped = serde_json::from_slice(&quoted).ok()?;
            unescaped.as_bytes()
        } else {
            name
        };
        let members = self.within.last()?;
        members.iter().find(|(wanted, _)| wanted.as_bytes() == name).map(|(_, want)| want)
    }

    fn enter(&mut self, members: Members) {
        self.within.push(members);
        self.state = State::FirstName;
    }

    /// The first byte of a value.
    fn begin(&mut self, taking: Taking, byte: u8) {
        self.taking = taking;
        if let Taking::Raw(slot) = taking {
            self.kept.begin(slot);
        }
        self.depth = usize::from(matches!(byte, b'{' | b'['));
        self.state = match byte {
            b'"' => State::Text,
            b'{' | b'[' => State::Inside,
            b',' | b':' | b'}' | b']' => State::Broken,
            _ => State::Scalar,
        };
        self.take(&[byte]);
    }

    fn end_of_value(&mut self) {
        if let Taking::Raw(slot) = self.taking {
            self.kept.end(slot);
        }
        self.taking = Taking::Nothing;
        self.state = if self.within.is_empty() { State::Done } else { State::Next };
    }

    fn take(&mut self, bytes: &[u8]) {
        if let Taking::Raw(_) = self.taking {
            self.kept.push(bytes);
        }
    }

    fn count(&mut self, bytes: usize) {
        if self.taking == Taking::Count {
            self.text_bytes = self.text_bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        }
    }

    fn name(&mut self, bytes: &[u8]) -> usize {
        let Some((read, ended)) = self.string(bytes, |walk, bytes| walk.name.push(bytes)) else { return 1 };
        if ended {
            self.state = State::Colon;
        }
        read
    }

    fn text(&mut self, bytes: &[u8]) -> usize {
        let Some((read, ended)) = self.string(bytes, Walk::take) else { return 1 };
        if ended {
            self.take(b"\"");
            if self.depth > 0 {
                self.state = State::Inside;
            } else {
                self.end_of_value();
            }
        }
        read
    }

    /// A piece of a string, up to its closing quote at most: how many bytes were read, and whether that quote
    /// was among them. Nothing when the string is broken.
    fn string(&mut self, bytes: &[u8], take: impl Fn(&mut Walk, &[u8])) -> Option<(usize, bool)> {
        let first = *bytes.first()?;
        match self.escape {
            Escape::None => {}
            Escape::Backslash => {
                self.escape = if first == b'u' { Escape::Unicode(4, 0) } else { Escape::None };
                self.count(usize::from(first != b'u'));
                take(self, &[first]);
                return Some((1, false));
            }
            Escape::Unicode(left, number) => {
                let Some(digit) = char::from(first).to_digit(16) else {
                    self.state = State::Broken;
                    return None;
                };
                let number = number << 4 | digit;
                self.escape = if left > 1 { Escape::Unicode(left - 1, number) } else { Escape::None };
                if left == 1 {
                    self.count(utf8_bytes(number));
                }
                take(self, &[first]);
                return Some((1, false));
            }
        }
        let plain = memchr2(b'"', b'\\', bytes).unwrap_or(bytes.len());
        let (text, rest) = bytes.split_at(plain);
        self.count(text.len());
        take(self, text);
        match rest.first() {
            Some(b'"') => Some((plain + 1, true)),
            Some(_) => {
                self.escape = Escape::Backslash;
                take(self, b"\\");
                Some((plain + 1, false))
            }
            None => Some((plain, false)),
        }
    }

    /// Containers, up to the next string, the end of a member or the end of the value.
    fn inside(&mut self, bytes: &[u8]) -> usize {
        let is_usage = self.taking == Taking::Raw(Slot::Usage);
        for (at, byte) in bytes.iter().enumerate() {
            if is_usage && self.depth == 1 && matches!(byte, b':' | b',' | b'}') {
                return self.between_members(bytes, at);
            }
            match byte {
                b'"' => self.state = State::Text,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => self.depth -= 1,
                _ => {}
            }
            if self.state == State::Text || self.depth == 0 {
                self.take(bytes.get(..=at).unwrap_or_default());
                if self.depth == 0 {
                    self.end_of_value();
                }
                return at + 1;
            }
        }
        self.take(bytes);
        bytes.len()
    }

    /// What is kept of a usage is bounded member by member. Returns how many bytes were read.
    fn between_members(&mut self, bytes: &[u8], at: usize) -> usize {
        let (before, byte) = (bytes.get(..at).unwrap_or_default(), bytes.get(at..=at).unwrap_or_default());
        self.take(before);
        if byte == b":" {
            self.take(byte);
            self.kept.begin_member();
        } else {
            self.kept.end_member();
            self.take(byte);
        }
        if byte == b"}" {
            self.depth = 0;
            self.end_of_value();
        }
        at + 1
    }

    /// A number or a literal, which ends before the byte that is none of it.
    fn scalar(&mut self, bytes: &[u8]) -> usize {
        let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
        let length = bytes.iter().position(ends);
        self.take(bytes.get(..length.unwrap_or(bytes.len())).unwrap_or_default());
        if length.is_some() {
            self.end_of_value();
        }
        length.unwrap_or(bytes.len())
    }
}

/// Bytes of a UTF-16 unit in UTF-8. Halves of a surrogate pair have two each: together they are four.
fn utf8_bytes(unit: u32) -> usize {
    match unit {
        0..0x80 => 1,
        0x80..0x800 | 0xd800..0xe000 => 2,
        _ => 3,
    }
}
