//! The made-up Claude API of the tests, without its memory.

use std::future::pending;

use anyhow::{Context, Result};
use clap::Args;
use upstream::{Terms, Upstream};

use super::until_the_end;

/// Without numbers there is no limit that a benchmark could meet.
#[derive(Debug, Args)]
pub struct Api {
    /// RPM
    #[arg(long, default_value_t = 1_000_000_000)]
    pub requests_per_minute: u64,
    /// ITPM
    #[arg(long, default_value_t = 1_000_000_000_000)]
    pub input_tokens_per_minute: u64,
}

impl Api {
    /// Serves.
    pub async fn run(self) -> Result<()> {
        let terms = Terms {
            requests_per_minute: self.requests_per_minute,
            input_tokens_per_minute: self.input_tokens_per_minute,
            output_tokens_per_minute: 1_000_000_000_000,
            keep_exchanges: 0,
            ..Terms::default()
        };
        let upstream = Upstream::start(terms).await;
        let address = upstream.base_url.strip_prefix("http://").context("an address")?.parse()?;
        until_the_end(address, pending()).await
    }
}
