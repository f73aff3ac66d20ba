//! The body of a request, for the little of it that its response does not say again.

use std::io::{self, Read};

use super::Fault;
use super::decode::{Budget, Decoder};
use super::kept::Slot;
use super::walk::Walk;
use super::wanted::REQUEST;

/// A request is inflated to no more than this, in bytes: twice what the API takes of messages.
const MOST_BYTES: u64 = 64 << 20;
/// While it passes it must not hold up what else the program does: so little at once.
const PASSING: Budget = Budget { free: 1 << 20, per_byte: 200, most: MOST_BYTES, stages: 1 };
/// The same of one that is there and is read beside the rest of the program, where it does not matter where in it they are.
fn whole(body: &[u8]) -> Budget {
    let per_body = PASSING.per_byte.saturating_mul(body.len() as u64);
    Budget { free: PASSING.free.saturating_add(per_body), per_byte: 0, ..PASSING }
}
/// What is inflated at once of one that is there, in bytes.
const STEP_BYTES: usize = 256;

/// Reads the body of a request while it passes.
pub struct RequestReader {
    decoder: Option<Decoder>,
    walk: Walk,
}

/// What is known of a request so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The model asked for.
    pub model: Option<String>,
    pub max_tokens: Option<u64>,
    /// Whether a stream is asked for.
    pub stream: bool,
    /// Whether `temperature` is 0.
    pub is_deterministic: bool,
}

impl RequestReader {
    /// A reader for a body with this `Content-Encoding` header: Claude Code compresses large ones.
    pub fn new(content_encoding: Option<&str>) -> Self {
        let decoder = Decoder::new(content_encoding.unwrap_or_default(), PASSING).ok();
        RequestReader { decoder, walk: Walk::new(REQUEST) }
    }

    /// The next bytes of the body as they passed, cut anywhere. What cannot be decoded is unknown.
    pub fn feed(&mut self, bytes: &[u8]) {
        let RequestReader { decoder, walk } = self;
        let Some(stages) = decoder else { return };
        if stages.feed(bytes, &mut |plain| walk.feed(plain)).is_err() {
            *decoder = None;
        }
    }

    /// What is known so far.
    pub fn known(&self) -> Known {
        let kept = self.walk.kept();
        let zero = |raw: &str| raw.parse::<f64>().is_ok_and(|temperature| temperature == 0.0);
        Known {
            model: kept.word(Slot::Model),
            max_tokens: kept.raw(Slot::MaxTokens).and_then(|raw| raw.parse().ok()),
            stream: kept.raw(Slot::Stream) == Some("true"),
            is_deterministic: kept.raw(Slot::Temperature).is_some_and(zero),
        }
    }
}

/// The plain bytes behind a body that is all there.
pub struct Inflated<'a> {
    decoder: Decoder,
    rest: &'a [u8],
    plain: Vec<u8>,
    /// How many of the plain bytes were read.
    read: usize,
}

impl<'a> Inflated<'a> {
    /// Those of `body` with this `Content-Encoding`.
    pub fn new(content_encoding: &str, body: &'a [u8]) -> Result<Self, Fault> {
        Ok(Inflated {
            decoder: Decoder::new(content_encoding, whole(body))?,
            rest: body,
            plain: Vec::new(),
            read: 0,
        })
    }
}

impl Read for Inflated<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.read == self.plain.len() && !self.rest.is_empty() {
            self.plain.clear();
            self.read = 0;
            let (step, rest) = self.rest.split_at(STEP_BYTES.min(self.rest.len()));
            self.rest = rest;
            let plain = &mut self.plain;
            let fed = self.decoder.feed(step, &mut |bytes| plain.extend_from_slice(bytes));
            fed.map_err(|_| io::Error::other("it is not what its encoding says, or too large"))?;
        }
        let mut ready = self.plain.get(self.read..).unwrap_or_default();
        let count = ready.read(buffer)?;
        self.read += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const BODY: &str = r#"{"max_tokens":64,"messages":[{"role":"user","content":"model: \"x\", \"stream\":false"}],
        "temperature":0.0,"stream":true,"metadata":{"model":"no"},"model":"claude-sonnet-5-5"}"#;

    fn known() -> Known {
        Known {
            model: Some("claude-sonnet-5-5".to_owned()),
            max_tokens: Some(64),
            stream: true,
            is_deterministic: true,
        }
    }

    fn read(encoding: Option<&str>, bytes: &[u8], piece: usize) -> Known {
        let mut reader = RequestReader::new(encoding);
        bytes.chunks(piece).for_each(|chunk| reader.feed(chunk));
        reader.known()
    }

    #[test]
    fn a_request_says_what_it_asks_for_wherever_it_is_cut() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(BODY.as_bytes()).expect("written");
        let gzip = gzip.finish().expect("compressed");
        for piece in [1, 7, 1_000] {
            assert_eq!(read(None, BODY.as_bytes(), piece), known());
            assert_eq!(read(Some("gzip"), &gzip, piece), known());
        }
    }

    #[test]
    fn what_cannot_be_read_is_unknown() {
        for (encoding, body) in [(Some("lzma"), BODY), (Some("gzip"), BODY), (None, "not json"), (None, "")] {
            assert_eq!(read(encoding, body.as_bytes(), 9), Known::default(), "{encoding:?} {body}");
        }
        let odd = r#"{"model":7,"max_tokens":"many","stream":"true","temperature":null}"#;
        assert_eq!(read(None, odd.as_bytes(), 9), Known::default());
        assert!(!read(None, br#"{"temperature":0.1}"#, 9).is_deterministic);
    }
}
