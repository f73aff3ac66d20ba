//! The body of a request, for the little of it that its response does not say again.

use super::decode::Decoder;
use super::kept::Slot;
use super::walk::Walk;
use super::wanted::REQUEST;

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
    /// `max_tokens`
    pub max_tokens: Option<u64>,
    /// Whether a stream is asked for.
    pub stream: bool,
    /// Whether `temperature` is 0.
    pub is_deterministic: bool,
}

impl RequestReader {
    /// A reader for a body with this `Content-Encoding` header: Claude Code compresses large ones.
    pub fn new(content_encoding: Option<&str>) -> Self {
        let decoder = Decoder::new(content_encoding.unwrap_or_default()).ok();
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
