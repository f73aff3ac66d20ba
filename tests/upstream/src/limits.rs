//! The limits of an organization: which bucket a request draws from, what is refused, and the headers.

use std::collections::HashMap;

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp, Unit};

use crate::answer::set;
use crate::bucket::Bucket;
use crate::terms::Terms;
use crate::usage::Input;

/// Which models share one limit: Opus 4.x, Sonnet 4.x and the Fables 5.x do, others stand alone.
pub(crate) fn pool(model: &str) -> String {
    for shared in ["claude-opus-4", "claude-sonnet-4", "claude-fable-5", "claude-mythos-5"] {
        if model.starts_with(shared) {
            return format!("{shared}.x");
        }
    }
    model.to_owned()
}

/// How a request is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tier {
    Standard,
    /// Tokens come out of buckets of their own, requests out of those that all share.
    Fast,
    /// Tokens come out of committed capacity as well.
    Priority,
}

impl Tier {
    /// The pools whose tokens a request of a pool of models takes. The first may refuse it.
    pub fn pools(self, pool: &str) -> Vec<String> {
        match self {
            Tier::Standard => vec![pool.to_owned()],
            Tier::Fast => vec![format!("fast {pool}")],
            Tier::Priority => vec![pool.to_owned(), format!("priority {pool}")],
        }
    }
}

/// What can refuse a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    Requests,
    InputTokens,
    OutputTokens,
    WorkspaceInputTokens,
    Acceleration,
}

/// Why a request is refused, and when to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub limit: Limit,
    pub retry_after_s: i64,
}

impl Refusal {
    fn new(limit: Limit, wait: SignedDuration) -> Self {
        Refusal { limit, retry_after_s: whole_seconds(wait) }
    }
}

/// The buckets of a pool of models.
#[derive(Debug)]
struct Pool {
    requests: Bucket,
    input: Bucket,
    output: Bucket,
    workspace_input: Option<Bucket>,
}

/// Every bucket there is.
#[derive(Debug)]
pub(crate) struct Limits {
    terms: Terms,
    pools: HashMap<String, Pool>,
    count: Bucket,
    batch: Bucket,
    /// The clock's second, and how many requests began within it.
    second: (i64, u64),
}

/// The pools that are counted in requests alone.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RequestPool {
    Count,
    Batch,
}

impl Limits {
    pub fn new(terms: &Terms) -> Self {
        let now = terms.clock.now();
        Limits {
            terms: terms.clone(),
            pools: HashMap::new(),
            count: Bucket::new(terms.count_requests_per_minute, now),
            batch: Bucket::new(terms.batch_requests_per_minute, now),
            second: (0, 0),
        }
    }

    fn pool(&mut self, name: &str) -> &mut Pool {
        let (terms, now) = (&self.terms, self.terms.clock.now());
        self.pools.entry(name.to_owned()).or_insert_with(|| Pool {
            requests: Bucket::new(terms.requests_per_minute, now),
            input: Bucket::new(terms.input_tokens_per_minute, now),
            output: Bucket::new(terms.output_tokens_per_minute, now),
            workspace_input: terms.workspace_input_tokens_per_minute.map(|limit| Bucket::new(limit, now)),
        })
    }

    /// Lets a request of a model begin, or refuses it. What is refused draws nothing. The organization counts input
    /// without cache reads, a workspace with them.
    pub fn begin(&mut self, pool: &str, tier: Tier, input: &Input) -> Result<(), Refusal> {
        let now = self.terms.clock.now();
        self.ramp(now)?;
        let tokens_of = if tier == Tier::Fast { Tier::Fast.pools(pool).concat() } else { pool.to_owned() };
        let refuse = |limit, wait: Option<SignedDuration>| match wait {
            Some(wait) => Err(Refusal::new(limit, wait)),
            None => Ok(()),
        };
        let shared = self.pool(pool);
        refuse(Limit::Requests, shared.requests.wait(1, now))?;
        let workspace_wait =
            shared.workspace_input.as_mut().and_then(|bucket| bucket.wait(input.total(), now));
        let tokens = self.pool(&tokens_of);
        refuse(Limit::InputTokens, tokens.input.wait(input.counted(), now))?;
        refuse(Limit::WorkspaceInputTokens, workspace_wait)?;
        refuse(Limit::OutputTokens, tokens.output.wait(1, now))?;
        tokens.input.take(input.counted(), now);
        let shared = self.pool(pool);
        shared.requests.take(1, now);
        if let Some(bucket) = &mut shared.workspace_input {
            bucket.take(input.total(), now);
        }
        if tier == Tier::Priority {
            self.pool(&format!("priority {pool}")).input.take(input.burned(), now);
        }
        Ok(())
    }

    /// A sharp rise is refused, whatever the buckets hold.
    fn ramp(&mut self, now: Timestamp) -> Result<(), Refusal> {
        let Some(most) = self.terms.ramp_requests_per_second else { return Ok(()) };
        if self.second.0 != now.as_second() {
            self.second = (now.as_second(), 0);
        }
        if self.second.1 >= most {
            return Err(Refusal { limit: Limit::Acceleration, retry_after_s: 1 });
        }
        self.second.1 += 1;
        Ok(())
    }

    /// Counts output as it is generated.
    pub fn generated(&mut self, pool: &str, output_tokens: u64) {
        let now = self.terms.clock.now();
        self.pool(pool).output.take(output_tokens, now);
    }

    /// Lets a request begin that is counted in requests alone.
    pub fn begin_request(&mut self, pool: RequestPool) -> Result<(), Refusal> {
        let now = self.terms.clock.now();
        let bucket = self.request_bucket(pool);
        if let Some(wait) = bucket.wait(1, now) {
            return Err(Refusal::new(Limit::Requests, wait));
        }
        bucket.take(1, now);
        Ok(())
    }

    fn request_bucket(&mut self, pool: RequestPool) -> &mut Bucket {
        match pool {
            RequestPool::Count => &mut self.count,
            RequestPool::Batch => &mut self.batch,
        }
    }

    /// `anthropic-ratelimit-requests-*` of a pool that is counted in requests alone.
    pub fn request_headers(&mut self, pool: RequestPool, headers: &mut HeaderMap) {
        let now = self.terms.clock.now();
        let bucket = self.request_bucket(pool);
        let level = Level::of(bucket, now);
        level.write("anthropic-ratelimit-requests", headers);
    }

    /// `anthropic-ratelimit-{requests,input-tokens,output-tokens,tokens}-*` of a pool. `refused` names the limit
    /// that is exhausted: nothing is left of it, though some tokens may be too few for the request.
    pub fn headers(&mut self, pool: &str, refused: Option<Limit>, headers: &mut HeaderMap) {
        let now = self.terms.clock.now();
        let pool = self.pool(pool);
        let mut requests = Level::of(&mut pool.requests, now);
        let mut input = Level::of(&mut pool.input, now).rounded();
        let mut output = Level::of(&mut pool.output, now).rounded();
        match refused {
            Some(Limit::Requests) => requests.remaining = 0,
            Some(Limit::InputTokens) => input.remaining = 0,
            Some(Limit::OutputTokens) => output.remaining = 0,
            Some(Limit::WorkspaceInputTokens | Limit::Acceleration) | None => {}
        }
        requests.write("anthropic-ratelimit-requests", headers);
        input.write("anthropic-ratelimit-input-tokens", headers);
        output.write("anthropic-ratelimit-output-tokens", headers);
        // The most restrictive limit of tokens: a workspace's where there is one, else the sum of both.
        let most_restrictive = match &mut pool.workspace_input {
            Some(bucket) if refused == Some(Limit::WorkspaceInputTokens) => {
                Level { remaining: 0, ..Level::of(bucket, now) }
            }
            Some(bucket) => Level::of(bucket, now).rounded(),
            None => Level {
                limit: input.limit + output.limit,
                remaining: input.remaining + output.remaining,
                reset: input.reset.max(output.reset),
            },
        };
        most_restrictive.write("anthropic-ratelimit-tokens", headers);
    }

    /// `{prefix}-{input,output}-tokens-*`: what fast mode and Priority Tier say of pools of their own.
    pub fn token_headers(
        &mut self,
        prefix: &str,
        pool: &str,
        refused: Option<Limit>,
        headers: &mut HeaderMap,
    ) {
        let now = self.terms.clock.now();
        let pool = self.pool(pool);
        let mut input = Level::of(&mut pool.input, now).rounded();
        let mut output = Level::of(&mut pool.output, now).rounded();
        match refused {
            Some(Limit::InputTokens) => input.remaining = 0,
            Some(Limit::OutputTokens) => output.remaining = 0,
            _ => {}
        }
        input.write(&format!("{prefix}-input-tokens"), headers);
        output.write(&format!("{prefix}-output-tokens"), headers);
    }
}

/// What the headers say of one bucket.
struct Level {
    limit: u64,
    remaining: u64,
    reset: Timestamp,
}

impl Level {
    fn of(bucket: &mut Bucket, now: Timestamp) -> Self {
        Level { limit: bucket.limit(), remaining: bucket.remaining(now), reset: bucket.full_at(now) }
    }

    /// The API rounds tokens to the nearest 1,000; never is more left than there may be.
    fn rounded(mut self) -> Self {
        self.remaining = ((self.remaining + 500) / 1_000 * 1_000).min(self.limit);
        self
    }

    fn write(&self, prefix: &str, headers: &mut HeaderMap) {
        set(headers, &format!("{prefix}-limit"), &self.limit.to_string());
        set(headers, &format!("{prefix}-remaining"), &self.remaining.to_string());
        set(headers, &format!("{prefix}-reset"), &second(self.reset));
    }
}

/// RFC 3339 with whole seconds, never before the instant itself.
fn second(instant: Timestamp) -> String {
    let up = instant + SignedDuration::from_nanos(999_999_999);
    let whole = Timestamp::from_second(up.as_second()).unwrap_or(instant);
    whole.round(Unit::Second).unwrap_or(whole).to_string()
}

/// Seconds, rounded up.
fn whole_seconds(wait: SignedDuration) -> i64 {
    wait.as_secs() + i64::from(wait.subsec_nanos() > 0)
}
