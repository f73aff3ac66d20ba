//! What the request header `x-fake-scenario` asks for: `<word>[; key=value]*`. The API ignores headers it does not
//! know, and a proxy forwards them, so that a test can ask through the proxy.

use std::time::Duration;

use crate::error::{Fails, Failure};

/// The header's name.
pub const HEADER: &str = "x-fake-scenario";

/// How the answer differs from the ordinary one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Word {
    /// In nothing; for the sake of the keys.
    #[default]
    Plain,
    /// An error instead of an answer.
    Fails(Fails),
    /// `event: error` half way through a stream; without a stream, a 500.
    ErrorMidStream,
    /// `message_delta` three times, with cumulative usage.
    SeveralDeltas,
    /// `usage.iterations`: a compaction before the message, or with `kind=fallback` a fallback after a declined attempt.
    Iterations,
    /// A stream that ends without `message_delta` and `message_stop`.
    NoDelta,
    /// The connection breaks after `after` bytes of body; with `how=reset` by a TCP reset. A shorter answer is whole.
    Cut,
    /// Nothing more comes after `after` events.
    Silent,
    /// Nothing comes at all.
    SilentBeforeHeaders,
    /// A 413 after `after` bytes of the request's body, of which no more is read.
    Early,
    /// The call is not heard: the connection closes, or over HTTP/2 the stream is refused, and nothing is answered.
    Unheard,
    /// `ms` milliseconds pass before each event, or before an answer that is no stream. Limits count from the start.
    Slow,
    /// The headers of a subscription instead of the ordinary ones; with `retry-after` it is exhausted.
    Unified,
    /// Fast mode: `usage.speed` and the headers `anthropic-fast-*`.
    Fast,
    /// Priority Tier: `usage.service_tier` and the headers `anthropic-priority-*`.
    Priority,
}

/// How an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum End {
    #[default]
    Ordinary,
    /// All of it is sent, as much as was announced; but its end is not said.
    Never,
    /// No line break follows the last of the results of a batch.
    Bare,
}

const WORDS: &[(&str, Word)] = &[
    ("plain", Word::Plain),
    ("overloaded", Word::Fails(Fails::Overloaded)),
    ("rate_limited", Word::Fails(Fails::RateLimited)),
    ("ramp", Word::Fails(Fails::Ramp)),
    ("spend_cap", Word::Fails(Fails::SpendCap)),
    ("own_spend_limit", Word::Fails(Fails::OwnSpendLimit)),
    ("server_error", Word::Fails(Fails::ServerError)),
    ("bad_gateway", Word::Fails(Fails::BadGateway)),
    ("stalled_error", Word::Fails(Fails::Stalled)),
    ("error_mid_stream", Word::ErrorMidStream),
    ("several_deltas", Word::SeveralDeltas),
    ("iterations", Word::Iterations),
    ("no_delta", Word::NoDelta),
    ("cut", Word::Cut),
    ("silent", Word::Silent),
    ("silent_before_headers", Word::SilentBeforeHeaders),
    ("early", Word::Early),
    ("unheard", Word::Unheard),
    ("slow", Word::Slow),
    ("unified", Word::Unified),
    ("fast", Word::Fast),
    ("priority", Word::Priority),
];

/// A scenario with its keys.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Scenario {
    pub word: Word,
    pub words: Option<usize>,
    /// How many bytes of text, or of a file, to answer.
    pub bytes: Option<usize>,
    /// How many further headers to answer, and how many bytes each of their values has.
    pub further_headers: usize,
    pub header_bytes: usize,
    /// After how many bytes or events something happens.
    pub after: usize,
    pub pause: Duration,
    /// What `retry-after` says.
    pub retry_after_s: Option<i64>,
    /// Fails, or misbehaves, in as many attempts only.
    pub attempts: Option<u64>,
    /// `fallback` iterations instead of a compaction.
    pub fallback: bool,
    /// A TCP reset instead of an ordinary close.
    pub reset: bool,
    pub end: End,
    /// Headers of the answer in place of the ordinary ones, name and value: `header=retry-after: soon`.
    pub headers: Vec<(String, String)>,
}

impl Scenario {
    /// Reads the header.
    ///
    /// # Errors
    /// Says which word, key or value is not known.
    pub fn read(text: &str) -> Result<Self, Failure> {
        let mut parts = text.split(';').map(str::trim).filter(|part| !part.is_empty()).peekable();
        let mut scenario = Scenario::default();
        if let Some(word) = parts.next_if(|part| !part.contains('=')) {
            let known = WORDS.iter().find(|(name, _)| *name == word);
            let names = || WORDS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
            let unknown =
                || Failure::invalid(&format!("{HEADER}: no scenario `{word}`; there are {}", names()));
            scenario.word = known.ok_or_else(unknown)?.1;
        }
        for part in parts {
            let wrong = || Failure::invalid(&format!("{HEADER}: `{part}` is not understood"));
            let (key, value) = part.split_once('=').ok_or_else(wrong)?;
            let number = || value.parse::<u64>().map_err(|_| wrong());
            let size = || value.parse::<usize>().map_err(|_| wrong());
            match (key, value) {
                ("words", _) => scenario.words = Some(size()?),
                ("bytes", _) => scenario.bytes = Some(size()?),
                ("headers", _) => scenario.further_headers = size()?,
                ("header_bytes", _) => scenario.header_bytes = size()?,
                ("after", _) => scenario.after = size()?,
                ("ms", _) => scenario.pause = Duration::from_millis(number()?),
                ("retry-after" | "retry_after", _) => {
                    scenario.retry_after_s = Some(value.parse().map_err(|_| wrong())?);
                }
                ("attempts", _) => scenario.attempts = Some(number()?),
                ("kind", "fallback" | "compaction") => scenario.fallback = value == "fallback",
                ("how", "reset" | "close") => scenario.reset = value == "reset",
                ("end", "never") => scenario.end = End::Never,
                ("end", "bare") => scenario.end = End::Bare,
                ("header", _) => {
                    let (name, value) = value.split_once(':').ok_or_else(wrong)?;
                    scenario.headers.push((name.to_owned(), value.trim().to_owned()));
                }
                _ => return Err(wrong()),
            }
        }
        Ok(scenario)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_is_a_word_with_keys() {
        let scenario = Scenario::read("rate_limited; retry-after=0; attempts=2").unwrap();
        assert_eq!(scenario.word, Word::Fails(Fails::RateLimited));
        assert_eq!((scenario.retry_after_s, scenario.attempts), (Some(0), Some(2)));
        assert_eq!(Scenario::read("").unwrap(), Scenario::default());
        assert_eq!(Scenario::read("words=7").unwrap().words, Some(7));
        let date = ("retry-after".to_owned(), "Mon, 30 Nov 2026 00:14:19 GMT".to_owned());
        let scenario = Scenario::read("header=retry-after: Mon, 30 Nov 2026 00:14:19 GMT").unwrap();
        assert_eq!(scenario.headers, [date]);
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for wrong in ["melted", "slow; ms=soon", "cut; before=1", "cut; reset", "header=x"] {
            assert_eq!(Scenario::read(wrong).unwrap_err().status, 400, "{wrong}");
        }
    }
}
