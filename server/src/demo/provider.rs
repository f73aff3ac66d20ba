//! A provider for the demo: buckets that its traffic comes out of, and that of an application it does not see.

use std::collections::HashMap;

use domain::limits::learned::{Observation, headers};
use domain::limits::pools::{Pools, Tier};
use domain::limits::{Refill, TokenBucket};
use domain::rollup::Sums;
use domain::usage::Event;

/// `(header, what a minute allows)`
const LIMITS: [(&str, u64); 3] = [("requests", 60), ("input-tokens", 600_000), ("output-tokens", 120_000)];

/// The pool that another application uses, too, in every third minute, and how many requests it sends then.
const SHARED: (&str, u64) = ("Opus 5.5", 34);
const MINUTE_MS: i64 = 60_000;

/// The buckets of every pool.
#[derive(Default)]
pub struct Provider {
    pools: HashMap<String, Vec<TokenBucket>>,
    /// The last minute in which the other application has sent.
    shared_minute: i64,
}

impl Provider {
    /// What the headers of an event's response say. Events come in order of time.
    pub fn answer(&mut self, event: &Event) -> Option<Box<Observation>> {
        let name = Pools::of(event).name(Tier::Standard);
        let others = self.others(&name, event.at_ms.div_euclid(MINUTE_MS));
        let buckets = self.pools.entry(name).or_insert_with(|| {
            let full =
                |(_, limit): &(&str, u64)| TokenBucket::full(*limit, Refill::per_minute(*limit), event.at_ms);
            LIMITS.iter().map(full).collect()
        });
        let sums = Sums::of(event, None);
        let spent = [1 + others, sums.itpm_tokens().unsigned_abs(), sums.output_tokens.unsigned_abs()];
        let mut said = Vec::new();
        for (((header, limit), bucket), spent) in LIMITS.iter().zip(buckets).zip(spent) {
            bucket.spend(spent, event.at_ms);
            let remaining = match (*header, bucket.remaining(event.at_ms)) {
                ("requests", remaining) => remaining,
                (_, remaining) => (remaining + 500) / 1_000 * 1_000,
            };
            said.push((format!("anthropic-ratelimit-{header}-limit"), limit.to_string()));
            said.push((format!("anthropic-ratelimit-{header}-remaining"), remaining.to_string()));
        }
        headers::read(said.iter().map(|(name, value)| (name.as_str(), value.as_str()))).boxed()
    }

    /// How many requests others have sent to a pool before the first of ours in a minute.
    fn others(&mut self, pool: &str, minute: i64) -> u64 {
        let (shared, requests) = SHARED;
        if pool != shared || minute.rem_euclid(3) != 0 || self.shared_minute == minute {
            return 0;
        }
        self.shared_minute = minute;
        requests
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::Traffic;

    #[test]
    fn every_answer_says_what_is_left_and_others_leave_less() {
        let (mut provider, now_ms) = (Provider::default(), 1_795_000_000_000);
        let events = Traffic::starting_at(now_ms, 1).events(now_ms - 600_000, now_ms);
        let mut least = u64::MAX;
        for event in events {
            let said = provider.answer(&event).expect("headers");
            assert_eq!(said.observed.len(), LIMITS.len());
            let of_requests = said.observed.iter().find(|observed| observed.limiter.word() == "requests");
            let requests = of_requests.and_then(|observed| observed.remaining).expect("what is left");
            let requests = requests.unsigned_abs();
            if Pools::of(&event).name(Tier::Standard) == SHARED.0 {
                least = least.min(requests);
            }
        }
        assert!(least <= 60 - SHARED.1, "{least}");
    }
}
