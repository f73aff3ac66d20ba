//! On what terms the upstream serves.

use crate::clock::Clock;

/// What an organization may use, and what of it is remembered. Limits are per minute and per pool of models.
#[derive(Debug, Clone)]
pub struct Terms {
    /// RPM.
    pub requests_per_minute: u64,
    /// ITPM: uncached input and cache writes. Cache reads do not count.
    pub input_tokens_per_minute: u64,
    /// OTPM: tokens as they are generated.
    pub output_tokens_per_minute: u64,
    /// A limit of the workspace beside that of the organization: input of every kind, cache reads too.
    pub workspace_input_tokens_per_minute: Option<u64>,
    /// RPM of token counting, a pool of its own over all models.
    pub count_requests_per_minute: u64,
    /// RPM of message batches, a pool of its own over all models.
    pub batch_requests_per_minute: u64,
    /// How many requests may begin within one second of the clock; beyond it 429 `ramp_limit_exceeded`.
    pub ramp_requests_per_second: Option<u64>,
    /// What `anthropic-organization-id` says.
    pub organization: String,
    /// What `anthropic-workspace-id` says.
    pub workspace: String,
    /// How many exchanges are remembered; the oldest are forgotten first.
    pub keep_exchanges: usize,
    /// How many bytes of each body, received or sent, are remembered. Lengths and digests are always whole.
    pub keep_body_bytes: usize,
    /// The time that buckets refill by.
    pub clock: Clock,
}

impl Default for Terms {
    /// As generous as the tier Scale, with bodies up to 1 MiB remembered.
    fn default() -> Self {
        Terms {
            requests_per_minute: 10_000,
            input_tokens_per_minute: 10_000_000,
            output_tokens_per_minute: 2_000_000,
            workspace_input_tokens_per_minute: None,
            count_requests_per_minute: 20_000,
            batch_requests_per_minute: 4_000,
            ramp_requests_per_second: None,
            organization: "5d0e2e2a-6c5b-4b7e-9d55-0f3a6f1c9a01".to_owned(),
            workspace: "wrkspc_01JwQvzr7rXLA5AGx3HKfFUJ".to_owned(),
            keep_exchanges: 10_000,
            keep_body_bytes: 1 << 20,
            clock: Clock::machine(),
        }
    }
}
