//! What a pool holds, as far as one line can tell.

use domain::limits::{Refill, TokenBucket};
use http::HeaderMap;

/// The buckets of a pool that answers have told of.
#[derive(Debug, Clone, Default)]
pub struct PoolPace {
    requests: Option<TokenBucket>,
    input: Option<TokenBucket>,
    output: Option<TokenBucket>,
    /// Until then nothing is sent, Unix milliseconds: the API has said so.
    closed_until_ms: i64,
}

/// What was let through since a call was sent, and may not be in what its answer says yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Since {
    pub requests: u64,
    /// Their input, as estimated.
    pub input_tokens: u64,
}

impl PoolPace {
    /// Lets a call of so many input tokens through, or says in how many milliseconds to ask again.
    pub fn take(&mut self, input_tokens: u64, now_ms: i64) -> Result<(), u64> {
        let closed_ms = self.closed_until_ms.saturating_sub(now_ms);
        if closed_ms > 0 {
            return Err(closed_ms.unsigned_abs());
        }
        let mut wait_ms = 0;
        let asks = [(&self.requests, 1), (&self.input, input_tokens), (&self.output, 1)];
        for (bucket, tokens) in asks {
            let Some(bucket) = bucket else { continue };
            // What is larger than the bucket goes when that is full: the API refuses it or does not.
            let tokens = tokens.min(bucket.capacity());
            if let Err(short) = bucket.clone().take(tokens, now_ms) {
                wait_ms = wait_ms.max(short.retry_after_ms.unwrap_or(LONGEST_PAUSE_MS));
            }
        }
        if wait_ms > 0 {
            return Err(wait_ms.min(LONGEST_PAUSE_MS));
        }
        for (bucket, tokens) in [(&mut self.requests, 1), (&mut self.input, input_tokens)] {
            if let Some(bucket) = bucket {
                let _ = bucket.take(tokens.min(bucket.capacity()), now_ms);
            }
        }
        Ok(())
    }

    /// Takes up what an answer says. Its headers were true at `at_ms`, which may be long ago: what was let
    /// through since its call is taken off, and what has come in since is added.
    ///
    /// Of requests the count here is exact, so that an answer can only lower it: it tells of the traffic of others. Of
    /// tokens it is a guess, which an answer puts right in either direction.
    pub fn correct(&mut self, headers: &HeaderMap, since: Since, at_ms: i64, now_ms: i64) {
        let number =
            |name: &str| headers.get(name).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        let buckets = [
            (&mut self.requests, "requests", since.requests),
            (&mut self.input, "input-tokens", since.input_tokens),
            (&mut self.output, "output-tokens", 0),
        ];
        for (bucket, limiter, since) in buckets {
            let limit = number(&format!("anthropic-ratelimit-{limiter}-limit"));
            let remaining = number(&format!("anthropic-ratelimit-{limiter}-remaining"));
            if let (Some(limit), Some(remaining)) = (limit, remaining) {
                let mut told = TokenBucket::holding(limit, Refill::per_minute(limit), remaining, at_ms);
                told.spend(since, now_ms);
                let known =
                    bucket.as_ref().filter(|known| limiter == "requests" && known.capacity() == limit);
                if known.is_none_or(|known| told.remaining(now_ms) < known.remaining(now_ms)) {
                    *bucket = Some(told);
                }
            }
        }
    }

    /// The API wants to be left alone for so long.
    pub fn close(&mut self, for_ms: u64, now_ms: i64) {
        self.closed_until_ms = self.closed_until_ms.max(now_ms.saturating_add_unsigned(for_ms));
    }

    /// Calls a minute that the pool takes in the long run; nothing when no answer has said so.
    pub fn requests_per_minute(&self) -> Option<u64> {
        self.requests.as_ref().map(TokenBucket::capacity)
    }
}

/// Asked again at least so often, in milliseconds.
const LONGEST_PAUSE_MS: u64 = 60_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(limiter: &str, limit: u64, remaining: u64) -> HeaderMap {
        let name = |what: &str| format!("anthropic-ratelimit-{limiter}-{what}").parse().expect("a name");
        let pairs: [(http::HeaderName, u64); 2] = [(name("limit"), limit), (name("remaining"), remaining)];
        pairs.into_iter().map(|(name, number)| (name, number.into())).collect()
    }

    #[test]
    fn calls_pass_as_the_bucket_has_room() {
        let mut pace = PoolPace::default();
        assert_eq!(pace.take(1_000, 0), Ok(()), "nothing is known yet");
        pace.correct(&headers("requests", 60, 2), Since { requests: 1, input_tokens: 0 }, 0, 0);
        pace.correct(&headers("requests", 60, 50), Since::default(), 0, 0);
        assert_eq!(pace.take(1_000, 0), Ok(()));
        assert_eq!(pace.take(1_000, 0), Err(1_000));
        assert_eq!(pace.take(1_000, 999), Err(1));
        assert_eq!(pace.take(1_000, 1_000), Ok(()));
    }

    #[test]
    fn the_shortest_bucket_decides() {
        let mut pace = PoolPace::default();
        pace.correct(&headers("requests", 60, 60), Since::default(), 0, 0);
        pace.correct(&headers("input-tokens", 60_000, 1_000), Since::default(), 0, 0);
        assert_eq!(pace.take(3_000, 0), Err(2_000));
        assert_eq!(pace.take(3_000, 2_000), Ok(()));
        assert_eq!(pace.take(90_000, 2_000), Err(60_000), "larger than the bucket: when it is full");
        assert_eq!(pace.take(90_000, 62_000), Ok(()));
        pace.correct(&headers("output-tokens", 60, 0), Since::default(), 200_000, 200_000);
        assert_eq!(pace.take(0, 200_000), Err(1_000));
    }

    #[test]
    fn what_the_api_says_is_done() {
        let mut pace = PoolPace::default();
        pace.close(7_000, 0);
        assert_eq!(pace.take(0, 1_000), Err(6_000));
        assert_eq!(pace.take(0, 7_000), Ok(()));
    }
}
