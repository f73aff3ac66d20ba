//! `br` (RFC 7932), with windows of at most 16 MiB: the larger ones of its extension are not for HTTP.

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};

use super::super::Fault;
use super::{Inflate, Step};

pub(super) fn decoder() -> Result<Box<dyn Inflate>, Fault> {
    let alloc = StandardAlloc::default;
    Ok(Box::new(Brotli { state: BrotliState::new_strict(alloc(), alloc(), alloc()), ended: false }))
}

struct Brotli {
    state: BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
    ended: bool,
}

impl Inflate for Brotli {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Fault> {
        if self.ended {
            return Ok(Step::past_the_end(input));
        }
        let (mut read, mut written, mut total) = (0, 0, 0);
        let (mut left, mut room) = (input.len(), output.len());
        let result = BrotliDecompressStream(
            &mut left,
            &mut read,
            input,
            &mut room,
            &mut written,
            output,
            &mut total,
            &mut self.state,
        );
        match result {
            BrotliResult::ResultFailure => return Err(Fault::Undecodable),
            BrotliResult::ResultSuccess => self.ended = true,
            BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => {}
        }
        Ok(Step { read, written })
    }
}
