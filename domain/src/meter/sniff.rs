//! What kind of body a response has, by its first bytes: its `Content-Type` may be missing, or another's.

use super::short::Short;

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Server-sent events.
    Stream,
    /// A JSON document.
    Document,
}

/// The fields that a line of a stream begins with. A line that begins with a colon is a comment.
const FIELDS: [&[u8]; 4] = [b"event", b"data", b"id", b"retry"];
const FIELD_BYTES: usize = "event:".len();

/// Waits for the first bytes that tell. Blanks and a byte order mark before them tell nothing and are passed over.
#[derive(Debug)]
pub(super) struct Sniff {
    seen: Short<FIELD_BYTES>,
    /// What it is taken for when its bytes leave it open.
    otherwise: Kind,
}

impl Sniff {
    /// For a response with this media type, to a request that asked for a stream or for none.
    pub fn new(media_type: &str, asks_for_stream: bool) -> Self {
        // A message in JSON would show by its first byte: its media type alone makes none of an answer.
        let is_stream = media_type.eq_ignore_ascii_case("text/event-stream") || asks_for_stream;
        Sniff { seen: Short::new(), otherwise: if is_stream { Kind::Stream } else { Kind::Document } }
    }

    /// The next bytes. Returns the kind once it is known, and which of the bytes were not looked at.
    pub fn feed<'a>(&mut self, bytes: &'a [u8]) -> Option<(Kind, &'a [u8])> {
        for (at, byte) in bytes.iter().enumerate() {
            let is_blank = matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0xef | 0xbb | 0xbf);
            if is_blank && self.seen.is_empty() {
                continue;
            }
            self.seen.push(&[*byte]);
            if let Some(kind) = self.kind() {
                return Some((kind, bytes.get(at + 1..).unwrap_or_default()));
            }
        }
        None
    }

    /// The bytes that were looked at, but for those that told nothing.
    pub fn seen(&self) -> &[u8] {
        self.seen.get().unwrap_or_default()
    }

    /// What it is taken for when no more bytes come.
    pub fn otherwise(&self) -> Kind {
        self.otherwise
    }

    fn kind(&self) -> Option<Kind> {
        let seen = self.seen();
        match seen {
            [b'{' | b'[', ..] => return Some(Kind::Document),
            [b':', ..] => return Some(Kind::Stream),
            _ => {}
        }
        if FIELDS.iter().any(|field| field.starts_with(seen)) {
            return None;
        }
        let is_field = matches!(seen, [field @ .., b':' | b'\r' | b'\n'] if FIELDS.contains(&field));
        Some(if is_field { Kind::Stream } else { self.otherwise })
    }
}
