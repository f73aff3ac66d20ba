//! What is summed.

use crate::words::words;

words! {
    /// A number summed over events.
    Measure {
        /// HTTP attempts.
        Requests = "requests",
        /// What the input-tokens-per-minute limit counts: uncached input and cache writes, no cache reads.
        ItpmTokens = "itpm_tokens",
        /// Uncached input tokens.
        InputTokens = "input_tokens",
        /// Tokens written to the cache, 5-minute and 1-hour together.
        CacheWriteTokens = "cache_write_tokens",
        CacheReadTokens = "cache_read_tokens",
        /// Generated tokens.
        OutputTokens = "output_tokens",
        /// All four kinds together.
        TotalTokens = "total_tokens",
        /// Money, in US dollars; events of unknown price are left out and counted as unpriced.
        CostUsd = "cost_usd",
        /// Events with a status of 400 or above, with an error in the answer, or whose answer never came to its end.
        Errors = "errors",
        /// Events with status 429.
        Throttled = "throttled",
    }
}

impl Measure {
    /// The unit of a value: `requests`, `tokens` or `usd`.
    pub fn unit(self) -> &'static str {
        match self {
            Measure::Requests | Measure::Errors | Measure::Throttled => "requests",
            Measure::CostUsd => "usd",
            _ => "tokens",
        }
    }

    /// How many events a sum of it leaves out, in whole or in part: of money those without a known price, of tokens those
    /// whose usage is not fully known.
    pub fn left_out(self, unpriced: u64, unknown_usage: u64) -> u64 {
        match self.unit() {
            "usd" => unpriced,
            "tokens" => unknown_usage,
            _ => 0,
        }
    }

    /// The name on screen.
    pub fn label(self) -> &'static str {
        match self {
            Measure::Requests => "Requests",
            Measure::ItpmTokens => "Input tokens (ITPM)",
            Measure::InputTokens => "Uncached input tokens",
            Measure::CacheWriteTokens => "Cache write tokens",
            Measure::CacheReadTokens => "Cache read tokens",
            Measure::OutputTokens => "Output tokens",
            Measure::TotalTokens => "Total tokens",
            Measure::CostUsd => "Cost",
            Measure::Errors => "Errors",
            Measure::Throttled => "Throttled",
        }
    }
}
