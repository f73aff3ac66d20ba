//! Content encodings, both ways: what clients send, and what they accept.

use std::io::{self, Read, Write};

use brotli::CompressorWriter;
use flate2::write::{GzEncoder, ZlibEncoder};

/// An encoding of HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Identity,
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

impl Encoding {
    /// The first that a client accepts, by the order of its list; `q=0` is a no.
    pub fn accepted(accept_encoding: &str) -> Self {
        let accepted = accept_encoding.split(',').find_map(|item| {
            let (name, parameters) = item.split_once(';').unwrap_or((item, ""));
            let refused = parameters.trim().strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0));
            Self::named(name).filter(|_| !refused)
        });
        accepted.unwrap_or(Encoding::Identity)
    }

    /// The encoding of a name.
    pub fn named(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "identity" | "" => Some(Encoding::Identity),
            "gzip" | "x-gzip" => Some(Encoding::Gzip),
            "deflate" => Some(Encoding::Deflate),
            "br" => Some(Encoding::Brotli),
            "zstd" => Some(Encoding::Zstd),
            _ => None,
        }
    }

    /// As `content-encoding` says it; nothing for identity.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Encoding::Identity => None,
            Encoding::Gzip => Some("gzip"),
            Encoding::Deflate => Some("deflate"),
            Encoding::Brotli => Some("br"),
            Encoding::Zstd => Some("zstd"),
        }
    }

    /// What `bytes` hold, up to `most` bytes.
    pub fn decode(self, bytes: &[u8], most: u64) -> io::Result<Vec<u8>> {
        let reader: Box<dyn Read + '_> = match self {
            Encoding::Identity => Box::new(bytes),
            Encoding::Gzip => Box::new(flate2::read::MultiGzDecoder::new(bytes)),
            Encoding::Deflate => Box::new(flate2::read::ZlibDecoder::new(bytes)),
            Encoding::Brotli => Box::new(brotli::Decompressor::new(bytes, 4096)),
            Encoding::Zstd => Box::new(zstd::stream::read::Decoder::new(bytes)?),
        };
        let mut decoded = Vec::new();
        reader.take(most).read_to_end(&mut decoded)?;
        Ok(decoded)
    }

    /// Begins to encode.
    pub fn encoder(self) -> Encoder {
        let fast = flate2::Compression::fast();
        match self {
            Encoding::Identity => Encoder::Identity(Vec::new()),
            Encoding::Gzip => Encoder::Gzip(GzEncoder::new(Vec::new(), fast)),
            Encoding::Deflate => Encoder::Deflate(ZlibEncoder::new(Vec::new(), fast)),
            Encoding::Brotli => Encoder::Brotli(Box::new(CompressorWriter::new(Vec::new(), 4096, 4, 18))),
            Encoding::Zstd => {
                Encoder::Zstd(zstd::stream::write::Encoder::new(Vec::new(), 1).expect("a known level"))
            }
        }
    }
}

/// An encoding under way. What was written can be taken at any time, so that a stream stays alive.
pub(crate) enum Encoder {
    Identity(Vec<u8>),
    Gzip(GzEncoder<Vec<u8>>),
    Deflate(ZlibEncoder<Vec<u8>>),
    Brotli(Box<CompressorWriter<Vec<u8>>>),
    Zstd(zstd::stream::write::Encoder<'static, Vec<u8>>),
}

impl Encoder {
    /// Encodes `bytes` and takes all a reader needs to see them.
    pub fn flush(&mut self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        let writer: &mut dyn Write = match self {
            Encoder::Identity(writer) => writer,
            Encoder::Gzip(writer) => writer,
            Encoder::Deflate(writer) => writer,
            Encoder::Brotli(writer) => writer,
            Encoder::Zstd(writer) => writer,
        };
        writer.write_all(bytes)?;
        writer.flush()?;
        let written = match self {
            Encoder::Identity(writer) => writer,
            Encoder::Gzip(writer) => writer.get_mut(),
            Encoder::Deflate(writer) => writer.get_mut(),
            Encoder::Brotli(writer) => writer.get_mut(),
            Encoder::Zstd(writer) => writer.get_mut(),
        };
        Ok(std::mem::take(written))
    }

    /// Encodes the last `bytes` and ends.
    pub fn finish(mut self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        match &mut self {
            Encoder::Identity(writer) => writer.write_all(bytes)?,
            Encoder::Gzip(writer) => writer.write_all(bytes)?,
            Encoder::Deflate(writer) => writer.write_all(bytes)?,
            Encoder::Brotli(writer) => writer.write_all(bytes)?,
            Encoder::Zstd(writer) => writer.write_all(bytes)?,
        }
        Ok(match self {
            Encoder::Identity(written) => written,
            Encoder::Gzip(writer) => writer.finish()?,
            Encoder::Deflate(writer) => writer.finish()?,
            Encoder::Brotli(writer) => writer.into_inner(),
            Encoder::Zstd(writer) => writer.finish()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_acceptable_encoding_is_chosen() {
        for (accept, encoding) in [
            ("", Encoding::Identity),
            ("gzip, deflate, br, zstd", Encoding::Gzip),
            ("zstd;q=0, br;q=0.5, gzip", Encoding::Brotli),
            ("identity", Encoding::Identity),
            ("lzma, deflate", Encoding::Deflate),
        ] {
            assert_eq!(Encoding::accepted(accept), encoding, "{accept}");
        }
    }

    #[test]
    fn every_encoding_gives_back_what_went_in_flushed_or_not() {
        for name in ["identity", "gzip", "deflate", "br", "zstd"] {
            let encoding = Encoding::named(name).unwrap();
            let mut encoder = encoding.encoder();
            let mut encoded = encoder.flush(b"event: ping\n").unwrap();
            assert!(!encoded.is_empty(), "{name} keeps what was flushed");
            encoded.extend(encoder.flush(b"data: {}\n\n").unwrap());
            encoded.extend(encoder.finish(b"the end").unwrap());
            assert_eq!(encoding.decode(&encoded, 1 << 20).unwrap(), b"event: ping\ndata: {}\n\nthe end");
        }
    }
}
