//! Compression ahead of time. Brotli is the smallest, but browsers offer it only over https and on
//! localhost; gzip serves the others, such as a dashboard on a home network.

use std::io::Write;

use anyhow::Result;
use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};

use super::Purpose;

/// The contents of a file as they are, and compressed where they are not yet, each with what its file name ends in.
pub fn encodings(name: &str, contents: &[u8], purpose: Purpose) -> Result<Vec<(&'static str, Vec<u8>)>> {
    let mut encodings = vec![("", contents.to_vec())];
    if !name.ends_with(".woff2") {
        encodings.push((".br", brotli(contents, purpose)?));
        encodings.push((".gz", gzip(contents, purpose)?));
    }
    Ok(encodings)
}

fn brotli(contents: &[u8], purpose: Purpose) -> Result<Vec<u8>> {
    let quality = match purpose {
        Purpose::Development => 5,
        Purpose::Release => 11,
    };
    let parameters = BrotliEncoderParams { quality, size_hint: contents.len(), ..Default::default() };
    let mut encoded = Vec::new();
    brotli::BrotliCompress(&mut &*contents, &mut encoded, &parameters)?;
    Ok(encoded)
}

fn gzip(contents: &[u8], purpose: Purpose) -> Result<Vec<u8>> {
    let level = match purpose {
        Purpose::Development => Compression::fast(),
        Purpose::Release => Compression::best(),
    };
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(contents)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn every_encoding_gives_the_contents_back() {
        let contents = b"one meter, one meter, one meter".repeat(20);
        let encodings = encodings("a.css", &contents, Purpose::Release).unwrap();
        let [(_, plain), (_, br), (_, gz)] = encodings.as_slice() else { panic!("three encodings") };
        assert_eq!(*plain, contents);

        let mut from_br = Vec::new();
        brotli::BrotliDecompress(&mut br.as_slice(), &mut from_br).unwrap();
        assert_eq!(from_br, contents);

        let mut from_gz = Vec::new();
        flate2::read::GzDecoder::new(gz.as_slice()).read_to_end(&mut from_gz).unwrap();
        assert_eq!(from_gz, contents);
    }
}
