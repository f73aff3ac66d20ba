//! Undoing a body's encoding, within a bound that holds while inflating.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;
use zstd::stream::read::Decoder as ZstdDecoder;

use super::refusal::BodyError;

/// The window every zstd decoder has to support (RFC 8878), as a power of two.
const ZSTD_WINDOW_LOG: u32 = 23;
/// The largest window zstd knows without asking for more.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;

/// The body behind `encoding`, of at most `max` bytes. Inflating stops there, so memory is bounded by it
/// however small a body is that inflates to more.
///
/// A stream must be whole and alone: one that is cut off, or has anything behind it (a second gzip member
/// among them), is refused rather than stored in part.
pub fn inflate<'a>(encoding: Option<&str>, body: &'a [u8], max: usize) -> Result<Cow<'a, [u8]>, BodyError> {
    let encoding = encoding.unwrap_or_default().trim().to_ascii_lowercase();
    match encoding.as_str() {
        "" | "identity" if body.len() > max => Err(BodyError::TooLarge { max }),
        "" | "identity" => Ok(Cow::Borrowed(body)),
        "gzip" | "x-gzip" => gunzip(body, max).map(Cow::Owned),
        "zstd" => unzstd(body, max).map(Cow::Owned),
        _ => Err(BodyError::UnsupportedEncoding),
    }
}

fn gunzip(body: &[u8], max: usize) -> Result<Vec<u8>, BodyError> {
    let mut decoder = GzDecoder::new(body);
    let inflated = read_at_most(&mut decoder, max)?;
    alone(decoder.into_inner(), inflated)
}

fn unzstd(body: &[u8], max: usize) -> Result<Vec<u8>, BodyError> {
    // A window larger than the whole body buys nothing and costs that much memory.
    let window = max.checked_next_power_of_two().map_or(ZSTD_WINDOW_LOG_MAX, usize::ilog2);
    let mut decoder = ZstdDecoder::with_buffer(body).map_err(|error| why(&error))?.single_frame();
    decoder
        .window_log_max(window.clamp(ZSTD_WINDOW_LOG, ZSTD_WINDOW_LOG_MAX))
        .map_err(|error| why(&error))?;
    let inflated = read_at_most(&mut decoder, max)?;
    alone(decoder.finish(), inflated)
}

/// Everything there is to read, if it is no more than `max` bytes.
fn read_at_most(reader: impl Read, max: usize) -> Result<Vec<u8>, BodyError> {
    let mut inflated = Vec::new();
    // One byte more tells a body that fits from one that does not, and reaches the checksum of one that fits.
    let limit = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    reader.take(limit).read_to_end(&mut inflated).map_err(|error| why(&error))?;
    if inflated.len() > max { Err(BodyError::TooLarge { max }) } else { Ok(inflated) }
}

fn alone(mut rest: impl BufRead, inflated: Vec<u8>) -> Result<Vec<u8>, BodyError> {
    match rest.fill_buf() {
        Ok([]) => Ok(inflated),
        _ => Err(BodyError::TrailingBytes),
    }
}

fn why(error: &io::Error) -> BodyError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => BodyError::Truncated,
        _ => BodyError::Corrupt,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        ::zstd::encode_all(bytes, 3).unwrap()
    }

    #[test]
    fn every_encoding_is_undone() {
        let body = br#"{"model":"m"}"#;
        for (encoding, bytes) in [
            (None, body.to_vec()),
            (Some("identity"), body.to_vec()),
            (Some("gzip"), gzip(body)),
            (Some(" GZip "), gzip(body)),
            (Some("x-gzip"), gzip(body)),
            (Some("zstd"), zstd(body)),
        ] {
            assert_eq!(inflate(encoding, &bytes, 100).unwrap(), &body[..], "{encoding:?}");
        }
        for encoding in ["br", "deflate", "gzip, gzip", "zstd2"] {
            assert_eq!(inflate(Some(encoding), body, 100), Err(BodyError::UnsupportedEncoding));
        }
    }

    #[test]
    fn the_bound_is_exact() {
        for (encoding, encode) in
            [("identity", <[u8]>::to_vec as fn(&[u8]) -> Vec<u8>), ("gzip", gzip), ("zstd", zstd)]
        {
            for length in [0, 999, 1_000] {
                let body = encode(&vec![b'x'; length]);
                assert_eq!(
                    inflate(Some(encoding), &body, 1_000).unwrap().len(),
                    length,
                    "{encoding} {length}"
                );
            }
            let body = encode(&vec![b'x'; 1_001]);
            assert_eq!(inflate(Some(encoding), &body, 1_000), Err(BodyError::TooLarge { max: 1_000 }));
        }
    }

    #[test]
    fn a_bomb_is_given_up_at_the_bound() {
        let bomb = vec![0; 64 << 20];
        for (encoding, body) in [("gzip", gzip(&bomb)), ("zstd", zstd(&bomb))] {
            assert!(body.len() < 1 << 20);
            assert_eq!(inflate(Some(encoding), &body, 1 << 20), Err(BodyError::TooLarge { max: 1 << 20 }));
        }
        // Endless: returning at all shows that no more than the bound is read.
        assert_eq!(read_at_most(io::repeat(0), 1 << 20), Err(BodyError::TooLarge { max: 1 << 20 }));
    }

    #[test]
    fn a_stream_must_be_whole_and_alone() {
        let body = br#"{"model":"claude","usage":{"input_tokens":1}}"#;
        for (encoding, whole) in [("gzip", gzip(body)), ("zstd", zstd(body))] {
            for length in 1..whole.len() {
                let refused = inflate(Some(encoding), &whole[..length], 1_000);
                assert_eq!(refused, Err(BodyError::Truncated), "{encoding} cut to {length}");
            }
            for trailing in [&b"x"[..], &[0], &whole] {
                let body = [&whole, trailing].concat();
                assert_eq!(
                    inflate(Some(encoding), &body, 1_000),
                    Err(BodyError::TrailingBytes),
                    "{encoding}"
                );
            }
            assert_eq!(inflate(Some(encoding), body, 1_000), Err(BodyError::Corrupt), "{encoding}");
        }
        let mut damaged = gzip(body);
        let checksum = damaged.len() - 8;
        damaged[checksum] ^= 1;
        assert_eq!(inflate(Some("gzip"), &damaged, 1_000), Err(BodyError::Corrupt));
    }

    #[test]
    fn a_zstd_window_beyond_the_bound_is_refused() {
        let mut encoder = ::zstd::Encoder::new(Vec::new(), 3).unwrap();
        encoder.window_log(27).unwrap();
        encoder.write_all(b"small").unwrap();
        let body = encoder.finish().unwrap();
        assert_eq!(inflate(Some("zstd"), &body, 16 << 20), Err(BodyError::Corrupt));
    }
}
