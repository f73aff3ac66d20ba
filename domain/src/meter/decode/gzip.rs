//! `gzip` and `x-gzip` (RFC 1952): DEFLATE with a frame around it. Several members may follow one another.
//!
//! The frame is walked here, as flate2's own walk (`flate2::write::GzDecoder`, seen in 1.1.11) does not serve. It
//! refuses a header whose own checksum is wrong, which Chromium passes over. It holds a trailer against the plain bytes
//! only when something follows or it is told that this was the end, and then says the same of a trailer that is wrong
//! as of one that was cut off. It keeps names and comments. And it has no bound on members.

use flate2::{Crc, Decompress};

use super::super::Fault;
use super::deflate::inflate;
use super::{Inflate, Step};

const MAGIC: [u8; 2] = [0x1f, 0x8b];
const DEFLATE: u8 = 8;
/// Members that are read: each takes time, whether or not anything is in it. Files of several come in pieces of 64 KiB.
const MOST_MEMBERS: u32 = 4_096;
/// Bytes of a header before its optional parts.
const FIXED_BYTES: usize = 10;
/// The checksum of the plain bytes and how many there were, both 32 bits, least significant byte first.
const TRAILER_BYTES: usize = 8;

/// Bytes of a header's own checksum, which is passed over.
const HEADER_CRC_BYTES: usize = 2;

const HAS_HEADER_CRC: u8 = 1 << 1;
const HAS_EXTRA: u8 = 1 << 2;
const HAS_NAME: u8 = 1 << 3;
const HAS_COMMENT: u8 = 1 << 4;

pub(super) fn decoder() -> Result<Box<dyn Inflate>, Fault> {
    Ok(Box::new(Gzip {
        part: Part::Fixed,
        held: Vec::new(),
        flags: 0,
        state: Decompress::new(false),
        plain: Crc::new(),
        members: 0,
    }))
}

struct Gzip {
    part: Part,
    /// What came of a part of fixed length.
    held: Vec<u8>,
    /// Optional parts of the header that are still to come.
    flags: u8,
    state: Decompress,
    /// Checksum and length of the member's plain bytes.
    plain: Crc,
    /// Members that have come to their end.
    members: u32,
}

/// Where in a member the next byte is.
#[derive(Clone, Copy)]
enum Part {
    Fixed,
    ExtraLength,
    /// This many bytes are left of a part that is passed over.
    Skip(usize),
    /// A name or a comment, up to its zero byte.
    Text,
    Body,
    Trailer,
    /// Behind a member: another one, or something that is none of ours.
    Between,
    Ended,
}

impl Inflate for Gzip {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Fault> {
        if let Part::Body = self.part {
            let (step, ended) = inflate(&mut self.state, input, output)?;
            self.plain.update(output.get(..step.written).unwrap_or_default());
            if ended {
                self.part = Part::Trailer;
            }
            return Ok(step);
        }
        let mut read = 0;
        while let Some(byte) = input.get(read)
            && !matches!(self.part, Part::Body)
        {
            if matches!(self.part, Part::Between) {
                self.part = if *byte == MAGIC[0] { Part::Fixed } else { Part::Ended };
            }
            if matches!(self.part, Part::Ended) {
                return Ok(Step::past_the_end(input));
            }
            self.frame(*byte)?;
            read += 1;
        }
        Ok(Step { read, written: 0 })
    }
}

impl Gzip {
    /// One byte of the frame.
    fn frame(&mut self, byte: u8) -> Result<(), Fault> {
        match self.part {
            Part::Skip(left) if left > 1 => self.part = Part::Skip(left - 1),
            Part::Text if byte != 0 => {}
            Part::Skip(_) | Part::Text => self.next_part(),
            _ => {
                self.held.push(byte);
                self.fixed()?;
            }
        }
        Ok(())
    }

    /// Reads a part of fixed length once it is whole.
    fn fixed(&mut self) -> Result<(), Fault> {
        let held = std::mem::take(&mut self.held);
        match (self.part, held.as_slice()) {
            (Part::Fixed, [first, second, method, flags, rest @ ..]) if rest.len() + 4 == FIXED_BYTES => {
                if [*first, *second] != MAGIC || *method != DEFLATE {
                    return Err(Fault::Undecodable);
                }
                self.flags = *flags;
                self.next_part();
            }
            (Part::ExtraLength, [low, high]) => match usize::from(u16::from_le_bytes([*low, *high])) {
                0 => self.next_part(),
                left => self.part = Part::Skip(left),
            },
            (Part::Trailer, trailer) if trailer.len() == TRAILER_BYTES => self.check(trailer)?,
            _ => self.held = held,
        }
        Ok(())
    }

    /// Goes on to the first optional part of the header that is still to come, or to the body.
    fn next_part(&mut self) {
        let parts = [
            (HAS_EXTRA, Part::ExtraLength),
            (HAS_NAME, Part::Text),
            (HAS_COMMENT, Part::Text),
            (HAS_HEADER_CRC, Part::Skip(HEADER_CRC_BYTES)),
        ];
        let next = parts.into_iter().find(|(flag, _)| self.flags & flag != 0);
        let (flag, part) = next.unwrap_or((0, Part::Body));
        self.flags &= !flag;
        self.part = part;
    }

    /// Holds the trailer against what was inflated, and makes ready for another member.
    fn check(&mut self, trailer: &[u8]) -> Result<(), Fault> {
        let expected = [self.plain.sum().to_le_bytes(), self.plain.amount().to_le_bytes()];
        if trailer != expected.concat() {
            return Err(Fault::Undecodable);
        }
        self.members += 1;
        if self.members >= MOST_MEMBERS {
            return Err(Fault::TooLarge);
        }
        self.state.reset(false);
        self.plain.reset();
        self.part = Part::Between;
        Ok(())
    }
}
