//! When to try a delivery again.

use std::time::Duration;

use super::outbox::Next;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Waits after the first, second, ... failed attempt: about 77 hours in all.
const WAITS_MS: [i64; 13] = [
    5 * SECOND,
    30 * SECOND,
    2 * MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    DAY,
];

/// A receiver that refuses outright is given this long to be mended.
const REFUSED_MS: i64 = HOUR;
/// A channel that only fails for this long, in at least so many attempts, is switched off.
const DEAD_MS: i64 = 5 * DAY;
const DEAD_ATTEMPTS: u32 = 10;

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryOutcome {
    Answered {
        status: u16,
        /// How long it asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// No answer.
    Failed,
}

/// What one attempt is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Made {
    /// Its number, from 1.
    pub number: u32,
    /// When the first attempt of the delivery was made.
    pub first_at_ms: i64,
    /// Since when the channel only fails.
    pub failing_since_ms: Option<i64>,
    /// Attempts to send to the channel that have failed since then, this one left aside.
    pub failed_attempts: u32,
    pub now_ms: i64,
    /// From 0 up to 1, at random: spreads retries by a fifth either way.
    pub jitter: f64,
}

/// Why a channel is switched off.
pub const GONE: &str = "the receiver answered 410 Gone";
pub const FAILING: &str = "every attempt has failed for five days";

/// Decides what follows from an attempt.
pub fn next(outcome: DeliveryOutcome, made: &Made) -> Next {
    let (status, retry_after) = match outcome {
        DeliveryOutcome::Answered { status, retry_after } => (status, retry_after),
        DeliveryOutcome::Failed => (0, None),
    };
    match status {
        200..=299 => return Next::Delivered,
        410 => return Next::DisableChannel { reason: GONE.to_owned() },
        _ => {}
    }
    let dead = made.failing_since_ms.is_some_and(|since_ms| made.now_ms - since_ms >= DEAD_MS);
    if dead && made.failed_attempts.saturating_add(1) >= DEAD_ATTEMPTS {
        return Next::DisableChannel { reason: FAILING.to_owned() };
    }
    // A client error other than "later" and "too slow" will not mend itself; somebody has to.
    let refused = (400..500).contains(&status) && !matches!(status, 408 | 425 | 429);
    let Some(wait_ms) = WAITS_MS.get(made.number.saturating_sub(1) as usize) else { return Next::Exhausted };
    let mut wait_ms = (*wait_ms as f64 * (0.8 + 0.4 * made.jitter.clamp(0.0, 1.0))) as i64;
    if let Some(asked) = retry_after {
        wait_ms = i64::try_from(asked.as_millis()).unwrap_or(DAY).clamp(wait_ms.min(DAY), DAY);
    }
    let at_ms = made.now_ms.saturating_add(wait_ms);
    if refused && at_ms - made.first_at_ms > REFUSED_MS { Next::Exhausted } else { Next::Retry { at_ms } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(number: u32) -> Made {
        Made { number, first_at_ms: 0, failing_since_ms: None, failed_attempts: 0, now_ms: 0, jitter: 0.5 }
    }

    fn answered(status: u16) -> DeliveryOutcome {
        DeliveryOutcome::Answered { status, retry_after: None }
    }

    #[test]
    fn the_schedule_lasts_three_days_and_then_ends() {
        let mut now_ms = 0;
        let mut number = 1;
        while let Next::Retry { at_ms } = next(DeliveryOutcome::Failed, &Made { now_ms, ..made(number) }) {
            now_ms = at_ms;
            number += 1;
        }
        assert_eq!(number, 14);
        assert!((76 * HOUR..78 * HOUR).contains(&now_ms));
    }

    #[test]
    fn answers_decide() {
        assert_eq!(next(answered(204), &made(1)), Next::Delivered);
        assert!(matches!(next(answered(302), &made(1)), Next::Retry { .. }));
        assert!(matches!(next(answered(410), &made(1)), Next::DisableChannel { .. }));
        assert_eq!(next(answered(500), &made(1)), Next::Retry { at_ms: 5 * SECOND });
        // Broken configuration: for an hour, not for days.
        assert!(matches!(next(answered(404), &made(1)), Next::Retry { .. }));
        assert_eq!(next(answered(404), &Made { now_ms: HOUR, ..made(7) }), Next::Exhausted);
    }

    #[test]
    fn retry_after_is_honoured_within_bounds_whatever_the_status() {
        let answered = |status, seconds| DeliveryOutcome::Answered {
            status,
            retry_after: Some(Duration::from_secs(seconds)),
        };
        let asked = |seconds| answered(429, seconds);
        for status in [302, 404, 408, 429, 500, 503] {
            assert_eq!(next(answered(status, 60), &made(1)), Next::Retry { at_ms: 60 * SECOND }, "{status}");
        }
        assert_eq!(next(asked(0), &made(1)), Next::Retry { at_ms: 5 * SECOND });
        assert_eq!(next(asked(u64::MAX), &made(1)), Next::Retry { at_ms: DAY });
        // The longest wait, spread upwards, is longer than what a receiver may ask for.
        let last = Made { jitter: 1.0, ..made(13) };
        assert_eq!(next(asked(60), &last), Next::Retry { at_ms: DAY });
    }

    #[test]
    fn a_channel_that_fails_for_days_is_switched_off() {
        let long = Made { failing_since_ms: Some(0), failed_attempts: 9, now_ms: DEAD_MS, ..made(1) };
        for outcome in [DeliveryOutcome::Failed, answered(500), answered(404)] {
            let ends = |made: &Made| matches!(next(outcome, made), Next::DisableChannel { .. });
            assert!(ends(&long));
            assert!(!ends(&Made { failed_attempts: 8, ..long }));
            assert!(!ends(&Made { now_ms: DEAD_MS - 1, ..long }));
        }
    }

    #[test]
    fn jitter_spreads_by_a_fifth() {
        let at = |jitter| next(DeliveryOutcome::Failed, &Made { jitter, ..made(1) });
        assert_eq!(at(0.0), Next::Retry { at_ms: 4 * SECOND });
        assert_eq!(at(1.0), Next::Retry { at_ms: 6 * SECOND });
    }
}
