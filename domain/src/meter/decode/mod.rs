//! Undoing a response's encodings as its bytes pass, with bounded buffers.
//!
//! To add an encoding: write `decode/<encoding>.rs` with an [`Inflate`], then list it in [`ENCODINGS`].
//!
//! An [`Inflate`] steps from one buffer into another, which every library offers, so that no more than a buffer is ever
//! held and the budget is asked after each. Their writers (`write::ZlibDecoder`, `DecompressorWriter`,
//! `zstd::stream::write::Decoder`) need no less code and hold more: an answer would need somewhere to put what one
//! write hands on, which of Brotli is all that its bytes inflate to, 56 MiB behind 101 bytes when it was tried.

mod brotli;
mod deflate;
mod gzip;
mod zstd;

use super::Fault;

/// Makes the decoder of one encoding.
type Make = fn() -> Result<Box<dyn Inflate>, Fault>;

/// Every encoding that is undone, by its name in `Content-Encoding`.
const ENCODINGS: &[(&str, Make)] = &[
    ("gzip", gzip::decoder),
    ("x-gzip", gzip::decoder),
    ("deflate", deflate::decoder),
    ("br", brotli::decoder),
    ("zstd", zstd::decoder),
];

/// More encodings than this around one another are not undone.
const MOST_STAGES: usize = 4;
/// What a stage hands on at once, in bytes.
const BUFFER_BYTES: usize = 16 << 10;
/// Inflated bytes that are read whatever they came from.
const FREE_BYTES: u64 = 16 << 20;
/// Inflated bytes that are read beyond those for every byte that came in. Text seldom reaches 50.
const MOST_PER_BYTE: u64 = 200;

/// One encoding, undone step by step.
trait Inflate: Send {
    /// Reads from `input`, of which some may be left for the next step, and writes to `output`, which it fills
    /// when it has that much.
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, Fault>;
}

/// How far a step came, in bytes.
struct Step {
    read: usize,
    written: usize,
}

impl Step {
    /// What comes after the end of a stream is passed over.
    fn past_the_end(input: &[u8]) -> Step {
        Step { read: input.len(), written: 0 }
    }
}

struct Stage {
    inflate: Box<dyn Inflate>,
    output: Box<[u8]>,
}

/// Undoes all encodings of one response.
pub(super) struct Decoder {
    /// In the order in which they are undone, the last applied first.
    stages: Vec<Stage>,
    /// Inflated bytes that may still come.
    budget: u64,
    /// How many more of them each byte that comes in brings.
    per_byte: u64,
    /// How many may come in all.
    left: u64,
}

/// How much may be inflated, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    /// Whatever it comes from.
    pub free: u64,
    /// Beyond that, for every byte that came in.
    pub per_byte: u64,
    /// In all.
    pub most: u64,
    /// Encodings around one another. Each multiplies what a byte may become, and no client has a reason for two.
    pub stages: usize,
}

impl Budget {
    /// Of an answer, which may be endless.
    pub const ANSWER: Budget =
        Budget { free: FREE_BYTES, per_byte: MOST_PER_BYTE, most: u64::MAX, stages: MOST_STAGES };
}

impl Decoder {
    /// The decoder for a `Content-Encoding`, which lists encodings in the order in which they were applied.
    pub fn new(content_encoding: &str, budget: Budget) -> Result<Self, Fault> {
        let mut stages = Vec::new();
        for name in content_encoding.rsplit(',').map(str::trim) {
            if name.is_empty() || name.eq_ignore_ascii_case("identity") {
                continue;
            }
            if stages.len() == budget.stages {
                return Err(Fault::UnknownEncoding);
            }
            let known = ENCODINGS.iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
            let (_, make) = known.ok_or(Fault::UnknownEncoding)?;
            stages.push(Stage { inflate: make()?, output: vec![0; BUFFER_BYTES].into() });
        }
        let Budget { free, per_byte, most, .. } = budget;
        Ok(Decoder { stages, budget: free.min(most), per_byte, left: most })
    }

    /// Hands the plain bytes behind `bytes` to `sink`, in pieces. After a fault nothing more must be fed.
    pub fn feed(&mut self, bytes: &[u8], sink: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
        let fed = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.budget = self.budget.saturating_add(fed.saturating_mul(self.per_byte)).min(self.left);
        let before = self.budget;
        let passed = pass(&mut self.stages, bytes, &mut self.budget, sink);
        self.left = self.left.saturating_sub(before.saturating_sub(self.budget));
        passed
    }
}

fn pass(
    stages: &mut [Stage],
    mut input: &[u8],
    budget: &mut u64,
    sink: &mut dyn FnMut(&[u8]),
) -> Result<(), Fault> {
    let Some((Stage { inflate, output }, rest)) = stages.split_first_mut() else {
        sink(input);
        return Ok(());
    };
    loop {
        let Step { read, written } = inflate.step(input, output)?;
        input = input.get(read..).unwrap_or_default();
        if read == 0 && written == 0 && !input.is_empty() {
            return Err(Fault::Undecodable);
        }
        let inflated = u64::try_from(written).unwrap_or(u64::MAX);
        *budget = budget.checked_sub(inflated).ok_or(Fault::TooLarge)?;
        if written > 0 {
            pass(rest, output.get(..written).unwrap_or_default(), budget, sink)?;
        }
        // A full buffer may have left more to write.
        if input.is_empty() && written < output.len() {
            return Ok(());
        }
    }
}
