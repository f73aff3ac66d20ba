//! UTF-16 into UTF-8, as it is read.

use std::io::{self, Read};

/// Which half of a unit comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Endian {
    Little,
    Big,
}

/// Reads UTF-16 as UTF-8. Halves of surrogate pairs and of units become a byte that UTF-8 does not have, so that
/// whoever reads text refuses it as what it is.
pub(super) struct Utf16<R> {
    input: R,
    endian: Endian,
    /// Bytes that were read and are not decoded yet.
    pending: Vec<u8>,
    /// Text that was decoded and is not handed on yet.
    ready: io::Cursor<Vec<u8>>,
}

const CHUNK_BYTES: u64 = 8_192;
const NO_UTF8: u8 = 0xff;

impl<R: Read> Utf16<R> {
    pub fn new(input: R, endian: Endian) -> Self {
        Utf16 { input, endian, pending: Vec::new(), ready: io::Cursor::default() }
    }

    /// Decodes the next piece; false at the end.
    fn decode(&mut self) -> io::Result<bool> {
        let ended = self.input.by_ref().take(CHUNK_BYTES).read_to_end(&mut self.pending)? == 0;
        if self.pending.is_empty() {
            return Ok(false);
        }
        let unit = |bytes: &[u8]| match self.endian {
            Endian::Little => u16::from_le_bytes([bytes[0], bytes[1]]),
            Endian::Big => u16::from_be_bytes([bytes[0], bytes[1]]),
        };
        let mut units: Vec<u16> = self.pending.chunks_exact(2).map(unit).collect();
        // Half a pair at the end of a piece waits for the next.
        if !ended && units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit)) {
            units.pop();
        }
        let mut text = Vec::with_capacity(self.pending.len());
        for char in char::decode_utf16(units.iter().copied()) {
            match char {
                Ok(char) => text.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
                Err(_) => text.push(NO_UTF8),
            }
        }
        self.pending.drain(..units.len() * 2);
        if ended && !self.pending.is_empty() {
            self.pending.clear();
            text.push(NO_UTF8);
        }
        self.ready = io::Cursor::new(text);
        Ok(true)
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.ready.read(buffer)?;
            if read > 0 || buffer.is_empty() || !self.decode()? {
                return Ok(read);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        Utf16::new(bytes, Endian::Little).read_to_end(&mut text).unwrap();
        text
    }

    #[test]
    fn pairs_go_over_the_ends_of_pieces() {
        for before in 4_090..4_100 {
            let text = format!("{}😀é", "a".repeat(before));
            let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            assert_eq!(String::from_utf8(decoded(&bytes)).unwrap(), text);
        }
    }

    #[test]
    fn halves_are_no_text() {
        assert_eq!(decoded(b"a\0\x00\xd8b\0"), b"a\xffb");
        assert_eq!(decoded(b"a\0\x00\xd8"), b"a\xff");
        assert_eq!(decoded(b"a\0b"), b"a\xff");
    }
}
