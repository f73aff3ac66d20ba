//! Retry: sends a call again where the API says, or is known, to take it later.
//!
//! Only before anything of an answer has gone to the caller. Pauses grow twofold with full jitter (each is anything up
//! to its bound, so that many callers do not come back together), unless the API says how long to wait. A 429 without
//! `retry-after` is a spend cap: no pause within reason helps.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderMap, HeaderValue, StatusCode};

use super::rules::RetryRule;
use crate::wire::retry_after;

/// The bound of the first pause.
const FIRST_PAUSE_MS: u64 = 500;
/// Retries that are allowed before there were calls to earn them.
const AHEAD: u64 = 10;

/// Decides about retries.
pub struct Retry {
    rule: RetryRule,
    /// Hundredths of a retry that may still be made; every call earns some.
    budget: Mutex<u64>,
}

/// Why an attempt was no success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailedAttempt<'a> {
    /// There was no connection, so nothing was sent.
    NotSent,
    /// The API answered.
    Answered(StatusCode, &'a HeaderMap),
}

impl Retry {
    /// Retries under a rule.
    pub fn new(rule: &RetryRule) -> Self {
        Retry { rule: rule.clone(), budget: Mutex::new(AHEAD * 100) }
    }

    /// A call has come that may have to be sent again.
    pub fn note_call(&self) {
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        let most = (AHEAD * 100).max(self.rule.budget_percent * 100);
        *budget = budget.saturating_add(self.rule.budget_percent).min(most);
    }

    /// How long to pause before a call is sent for the `number`th time again, from 1; nothing when it is not to be.
    /// `random` is from 0 to 1.
    pub fn pause(
        &self,
        number: u32,
        attempt: FailedAttempt<'_>,
        now_ms: i64,
        random: f64,
    ) -> Option<Duration> {
        if number > self.rule.max_retries {
            return None;
        }
        let longest = Duration::from_secs(self.rule.max_pause_s);
        let asked = match attempt {
            FailedAttempt::NotSent => None,
            FailedAttempt::Answered(status, headers) => {
                if headers.get("x-should-retry").is_some_and(is_no) {
                    return None;
                }
                let asked = retry_after(headers, now_ms);
                match status.as_u16() {
                    429 => Some(asked?),
                    529 => asked,
                    _ => return None,
                }
            }
        };
        let pause = asked.unwrap_or_else(|| {
            let bound_ms = FIRST_PAUSE_MS.saturating_mul(1 << (number - 1).min(16));
            Duration::from_millis(bound_ms).min(longest).mul_f64(random.clamp(0.0, 1.0))
        });
        (pause <= longest && self.spend()).then_some(pause)
    }

    fn spend(&self) -> bool {
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        match budget.checked_sub(100) {
            Some(rest) => {
                *budget = rest;
                true
            }
            None => false,
        }
    }
}

fn is_no(value: &HeaderValue) -> bool {
    value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"false")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn answered(status: u16, headers: &HeaderMap) -> FailedAttempt<'_> {
        FailedAttempt::Answered(StatusCode::from_u16(status).unwrap(), headers)
    }

    const NOW_MS: i64 = 1_795_464_300_000;

    fn retry() -> Retry {
        Retry::new(&RetryRule::default())
    }

    fn pause(number: u32, attempt: FailedAttempt<'_>, random: f64) -> Option<Duration> {
        retry().pause(number, attempt, NOW_MS, random)
    }

    #[test]
    fn what_the_api_asks_for_is_done_and_nothing_else_is_tried_again() {
        let none = headers(&[]);
        let seven = headers(&[("retry-after", "7")]);
        let date = headers(&[("retry-after", "Mon, 23 Nov 2026 20:05:07 GMT")]);
        let fraction = headers(&[("retry-after", "1.5")]);
        let never = headers(&[("retry-after", "1"), ("x-should-retry", "false")]);
        let never_again = headers(&[("retry-after", "1"), ("x-should-retry", " False")]);
        let long = headers(&[("retry-after", "31")]);
        let second = Some(Duration::from_secs(7));
        assert_eq!(pause(1, answered(429, &seven), 0.5), second);
        assert_eq!(pause(1, answered(529, &seven), 0.5), second);
        assert_eq!(pause(1, answered(429, &none), 0.5), None, "a spend cap");
        assert_eq!(pause(1, answered(429, &long), 0.5), None, "longer than anybody waits");
        assert_eq!(pause(1, answered(529, &date), 0.5), second);
        assert_eq!(pause(1, answered(429, &date), 0.5), second);
        assert_eq!(pause(1, answered(429, &fraction), 0.5), Some(Duration::from_millis(1_500)));
        assert_eq!(pause(1, answered(529, &never), 0.5), None);
        assert_eq!(pause(1, answered(529, &never_again), 0.5), None);
        for status in [200, 400, 401, 413, 500, 503] {
            assert_eq!(pause(1, answered(status, &seven), 0.5), None, "{status}");
        }
    }

    #[test]
    fn pauses_grow_and_are_anything_up_to_their_bound() {
        let none = headers(&[]);
        let pause_ms = |number, random| pause(number, answered(529, &none), random).unwrap().as_millis();
        assert_eq!([pause_ms(1, 1.0), pause_ms(2, 1.0), pause_ms(3, 1.0)], [500, 1_000, 2_000]);
        assert_eq!([pause_ms(1, 0.0), pause_ms(3, 0.25)], [0, 500]);
        assert_eq!(pause(4, answered(529, &none), 0.0), None, "three are enough");
        assert!(pause(1, FailedAttempt::NotSent, 0.5).is_some());
    }

    #[test]
    fn retries_never_become_most_of_the_traffic() {
        let retry = retry();
        let granted = |retry: &Retry, tries: u32| {
            (0..tries).filter(|_| retry.pause(1, FailedAttempt::NotSent, NOW_MS, 0.0).is_some()).count()
        };
        assert_eq!(granted(&retry, 100), 10, "what is allowed ahead");
        for _ in 0..25 {
            retry.note_call();
        }
        assert_eq!(granted(&retry, 100), 5, "a fifth of the calls since");
        for _ in 0..100_000 {
            retry.note_call();
        }
        assert_eq!(granted(&retry, 100), 20, "no quiet time saves up for a storm");
    }
}
