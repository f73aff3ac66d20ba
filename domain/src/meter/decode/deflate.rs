//! `deflate`: a zlib stream by its definition (RFC 9110), a bare DEFLATE stream as some servers send it.

use flate2::{Decompress, FlushDecompress, Status};

use super::super::Fault;
use super::{Inflate, Step};

/// The compression method in the low half of the first byte of a zlib stream (RFC 1950). A bare stream would
/// begin with a stored block and a set bit of padding to look like that.
const ZLIB_METHOD: u8 = 8;

pub(super) fn decoder() -> Result<Box<dyn Inflate>, Fault> {
    Ok(Box::new(Deflate::Unknown))
}

enum Deflate {
    /// Nothing came yet to tell by.
    Unknown,
    Within(Decompress),
    Ended,
}

impl Inflate for Deflate {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Fault> {
        if let (Deflate::Unknown, Some(first)) = (&self, input.first()) {
            *self = Deflate::Within(Decompress::new(first & 0x0f == ZLIB_METHOD));
        }
        let Deflate::Within(state) = self else { return Ok(Step::past_the_end(input)) };
        let (step, ended) = inflate(state, input, output)?;
        if ended {
            *self = Deflate::Ended;
        }
        Ok(step)
    }
}

/// One step of a DEFLATE or zlib stream, and whether it ended with that.
pub(super) fn inflate(
    state: &mut Decompress,
    input: &[u8],
    output: &mut [u8],
) -> Result<(Step, bool), Fault> {
    let (read, written) = (state.total_in(), state.total_out());
    let status = state.decompress(input, output, FlushDecompress::None).map_err(|_| Fault::Undecodable)?;
    let moved = |before: u64, after: u64| usize::try_from(after - before).unwrap_or(usize::MAX);
    let step = Step { read: moved(read, state.total_in()), written: moved(written, state.total_out()) };
    Ok((step, status == Status::StreamEnd))
}
