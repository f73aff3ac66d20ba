//! The limits of an organization: which bucket a request draws from, what is refused, and the headers.

use std::collections::HashMap;

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp, Unit};

use crate::answer::set;
use crate::bucket::Bucket;
use crate::terms::Terms;

/// Which models share one limit: Opus 4.x, Sonnet 4.x and the Fables 5.x do, others stand alone.
pub(crate) fn pool(model: &str) -> String {
    for shared in ["claude-opus-4", "claude-sonnet-4", "claude-fable-5", "claude-mythos-5"] {
        if model.starts_with(shared) {
            return format!("{shared}.x");
        }
    }
    model.to_owned()
}

/// Why a request is refused, and when to come back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    /// The limit, in words of the API's message.
    pub limit: &'static str,
    pub code: Option<&'static str>,
    pub retry_after_s: i64,
}

/// The three buckets of a pool of models.
#[derive(Debug)]
struct Pool {
    requests: Bucket,
    input: Bucket,
    output: Bucket,
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
        })
    }

    /// Lets a request of a model begin, or refuses it. What is refused draws nothing.
    pub fn begin(&mut self, pool: &str, input_tokens: u64) -> Result<(), Refusal> {
        let now = self.terms.clock.now();
        self.ramp(now)?;
        let pool = self.pool(pool);
        for (bucket, tokens, limit) in [
            (&mut pool.requests, 1, "number of requests"),
            (&mut pool.input, input_tokens, "number of input tokens"),
            (&mut pool.output, 1, "number of output tokens"),
        ] {
            if let Some(wait) = bucket.wait(tokens, now) {
                return Err(Refusal { limit, code: None, retry_after_s: whole_seconds(wait) });
            }
        }
        pool.requests.take(1, now);
        pool.input.take(input_tokens, now);
        Ok(())
    }

    /// A sharp rise is refused, whatever the buckets hold.
    fn ramp(&mut self, now: Timestamp) -> Result<(), Refusal> {
        let Some(most) = self.terms.ramp_requests_per_second else { return Ok(()) };
        if self.second.0 != now.as_second() {
            self.second = (now.as_second(), 0);
        }
        if self.second.1 >= most {
            let code = Some("ramp_limit_exceeded");
            return Err(Refusal { limit: "acceleration of requests", code, retry_after_s: 1 });
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
            let limit = "number of requests";
            return Err(Refusal { limit, code: None, retry_after_s: whole_seconds(wait) });
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
    pub fn headers(&mut self, pool: &str, refused: Option<&str>, headers: &mut HeaderMap) {
        let now = self.terms.clock.now();
        let pool = self.pool(pool);
        let mut requests = Level::of(&mut pool.requests, now);
        let mut input = Level::of(&mut pool.input, now).rounded();
        let mut output = Level::of(&mut pool.output, now).rounded();
        match refused {
            Some("number of requests") => requests.remaining = 0,
            Some("number of input tokens") => input.remaining = 0,
            Some("number of output tokens") => output.remaining = 0,
            _ => {}
        }
        requests.write("anthropic-ratelimit-requests", headers);
        input.write("anthropic-ratelimit-input-tokens", headers);
        output.write("anthropic-ratelimit-output-tokens", headers);
        // No workspace limit applies here, so the most restrictive limit is the sum of both.
        let both = Level {
            limit: input.limit + output.limit,
            remaining: input.remaining + output.remaining,
            reset: input.reset.max(output.reset),
        };
        both.write("anthropic-ratelimit-tokens", headers);
    }

    /// `{prefix}-{input,output}-tokens-*`: what fast mode and Priority Tier say of pools of their own.
    pub fn token_headers(&mut self, prefix: &str, pool: &str, headers: &mut HeaderMap) {
        let now = self.terms.clock.now();
        let pool = self.pool(pool);
        let input = Level::of(&mut pool.input, now).rounded();
        input.write(&format!("{prefix}-input-tokens"), headers);
        Level::of(&mut pool.output, now).rounded().write(&format!("{prefix}-output-tokens"), headers);
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

    /// The API rounds tokens to the nearest 1,000.
    fn rounded(mut self) -> Self {
        self.remaining = (self.remaining + 500) / 1_000 * 1_000;
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
