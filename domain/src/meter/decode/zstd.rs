//! `zstd` (RFC 8878), with windows of at most 8 MiB, as HTTP asks for (RFC 9659).

use zstd::stream::raw::{DParameter, Decoder, Operation, Status};

use super::super::Fault;
use super::{Inflate, Step};

/// The largest window, as a power of two.
const WINDOW_LOG_MAX: u32 = 23;

pub(super) fn decoder() -> Result<Box<dyn Inflate>, Fault> {
    let mut decoder = Decoder::new().map_err(|_| Fault::Undecodable)?;
    decoder.set_parameter(DParameter::WindowLogMax(WINDOW_LOG_MAX)).map_err(|_| Fault::Undecodable)?;
    Ok(Box::new(Zstd(decoder)))
}

struct Zstd(Decoder<'static>);

impl Inflate for Zstd {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Fault> {
        let status = self.0.run_on_buffers(input, output).map_err(|_| Fault::Undecodable)?;
        let Status { bytes_read: read, bytes_written: written, .. } = status;
        Ok(Step { read, written })
    }
}
