//! Token counts of one event, in four disjoint kinds.

use serde::{Deserialize, Serialize};

/// What one event used. `None` is unknown, never 0.
///
/// The kinds do not overlap: the whole prompt is `input + cache_write_5m + cache_write_1h + cache_read`.
/// Source: the API's `usage` object, where `input_tokens` is only what follows the last cache breakpoint.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Uncached input.
    pub input_tokens: Option<u64>,
    /// Input written to the cache for five minutes.
    pub cache_write_5m_tokens: Option<u64>,
    /// Input written to the cache for an hour.
    pub cache_write_1h_tokens: Option<u64>,
    pub cache_read_tokens: Option<u64>,
    /// Generated tokens.
    pub output_tokens: Option<u64>,
    /// Web searches the server made for this event.
    pub web_search_requests: u64,
}

impl Usage {
    /// Nothing, and known to be nothing: what is free, and what never came to the API.
    pub fn nothing() -> Self {
        Usage { input_tokens: Some(0), output_tokens: Some(0), ..Usage::default() }
    }

    /// What an input-tokens-per-minute limit counts: uncached input and cache writes, no cache reads.
    pub fn itpm_tokens(&self) -> u64 {
        sum(&[self.input_tokens, self.cache_write_5m_tokens, self.cache_write_1h_tokens])
    }

    /// Both lifetimes of cache writes.
    pub fn cache_write_tokens(&self) -> u64 {
        sum(&[self.cache_write_5m_tokens, self.cache_write_1h_tokens])
    }

    /// The whole prompt, as price steps by prompt length count it.
    pub fn prompt_tokens(&self) -> u64 {
        self.itpm_tokens().saturating_add(self.cache_read_tokens.unwrap_or(0))
    }

    /// All four kinds.
    pub fn total_tokens(&self) -> u64 {
        self.prompt_tokens().saturating_add(self.output_tokens.unwrap_or(0))
    }

    /// Input or output is unknown, so every sum over this event is a lower bound.
    pub fn is_incomplete(&self) -> bool {
        self.input_tokens.is_none() || self.output_tokens.is_none()
    }
}

fn sum(kinds: &[Option<u64>]) -> u64 {
    kinds.iter().flatten().fold(0, |sum, tokens| sum.saturating_add(*tokens))
}
