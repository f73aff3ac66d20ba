//! The recording: when calls came, and how large they were.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use jiff::civil::DateTime;

/// One call of the recording.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recorded {
    /// When it came, since the beginning of the part.
    pub at: Duration,
    /// Tokens of its prompt.
    pub input_tokens: usize,
    /// Tokens of its answer.
    pub output_tokens: usize,
}

/// The calls of some minutes, in the order in which they came.
pub fn calls(from_minute: u32, minutes: u32) -> Result<Vec<Recorded>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/csv/azure-llm-2023.csv");
    let mut reader =
        csv::Reader::from_path(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let (begin, length) = (minute(from_minute), minute(minutes));
    let mut first = None;
    let mut calls = Vec::new();
    for row in reader.deserialize() {
        let (time, input_tokens, output_tokens): (DateTime, usize, usize) = row?;
        let since = time.duration_since(*first.get_or_insert(time));
        let Some(at) = Duration::try_from(since)?.checked_sub(begin) else { continue };
        if at < length {
            calls.push(Recorded { at, input_tokens, output_tokens });
        }
    }
    ensure!(!calls.is_empty(), "there is no call in these minutes of {}", file.display());
    Ok(calls)
}

fn minute(count: u32) -> Duration {
    Duration::from_secs(60) * count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hour_is_cut_by_minutes() {
        assert_eq!(calls(0, 60).unwrap().len(), 8_819);
        let peak = calls(14, 1).unwrap();
        assert_eq!(peak.len(), 632);
        assert!(peak.iter().all(|call| call.at < Duration::from_secs(60)));
        assert!(calls(60, 1).is_err());
    }
}
