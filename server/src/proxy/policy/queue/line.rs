//! One line: the calls of one credential to one pool.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{HeaderMap, StatusCode};
use tokio::sync::{Notify, oneshot};

use super::super::asked::PolicedCall;
use super::pace::{PoolPace, Since};
use super::turns::Turns;
use crate::clock::Clock;
use crate::wire::retry_after;

/// How long a call that finds out about a pool is waited for before another is sent, in milliseconds.
const BETWEEN_SCOUTS_MS: i64 = 1_000;

/// How long a call may be on its way to the API, in milliseconds: rather too long, so that no token is counted on before
/// it is there.
const MOST_ON_THE_WAY_MS: i64 = 250;

/// Calls wait here for their turn.
pub struct Line {
    state: Mutex<State>,
    /// Something has changed that the next call may have waited for.
    changed: Notify,
}

#[derive(Default)]
struct State {
    turns: Turns<Waiting>,
    /// Those in `turns` who have not gone.
    waiting: usize,
    pace: PoolPace,
    /// Calls that were let through and whose answer has not begun.
    sent: BTreeMap<u64, SentCall>,
    /// Input of all calls let through so far.
    total_input_tokens: u64,
    /// The youngest call whose answer has begun: what older ones say is older.
    youngest_heard: u64,
    /// Calls let through so far.
    count: u64,
    /// An answer has come: from now on the pool is known, or known not to tell.
    is_known: bool,
    /// When the last call was let through, Unix milliseconds.
    last_at_ms: i64,
    /// Somebody sees to those who wait.
    is_attended: bool,
}

/// When a call was let through, and the input of all calls up to and with it.
struct SentCall {
    at_ms: i64,
    total_input_tokens: u64,
}

struct Waiting {
    input_tokens: u64,
    grant: oneshot::Sender<u64>,
}

impl Line {
    /// A line nobody stands in.
    pub fn new() -> Self {
        Line { state: Mutex::default(), changed: Notify::new() }
    }

    /// Joins; what is returned gives the number of the call when it may be sent. Nothing when `most` wait.
    pub fn join(
        self: &Arc<Self>,
        asked: &PolicedCall,
        most: usize,
        clock: &Clock,
    ) -> Option<oneshot::Receiver<u64>> {
        let mut state = self.state();
        if state.waiting >= most {
            return None;
        }
        // Those who have gone are passed over when it would be their turn; until then they must not pile up.
        if state.turns.len() / 2 >= most {
            state.turns.retain(|waiting| !waiting.grant.is_closed());
        }
        state.waiting += 1;
        let (grant, granted) = oneshot::channel();
        state.turns.push(&asked.user, Waiting { input_tokens: asked.input_tokens(), grant });
        if !state.is_attended {
            state.is_attended = true;
            tokio::spawn(attend(self.clone(), clock.clone()));
        }
        drop(state);
        self.changed.notify_one();
        Some(granted)
    }

    /// Nobody stands in it and no call is on its way.
    pub fn is_empty(&self) -> bool {
        let state = self.state();
        state.waiting == 0 && state.sent.is_empty()
    }

    /// In how many seconds one who joined now would be let through, roughly.
    pub fn wait_s(&self, clock: &Clock) -> u64 {
        let state = self.state();
        let waiting = state.waiting as u64;
        let rate = state.pace.requests_per_minute().unwrap_or(60).max(1);
        let first_ms = state.pace.clone().take(0, clock.now_ms()).err().unwrap_or(0);
        (waiting * 60).div_ceil(rate).max(first_ms.div_ceil(1_000)).max(1)
    }

    /// The answer of a call has begun.
    pub fn heard(&self, number: u64, status: StatusCode, headers: &HeaderMap, now_ms: i64) {
        let mut state = self.state();
        state.is_known = true;
        if let Some(sent) = state.sent.remove(&number)
            && number > state.youngest_heard
        {
            state.youngest_heard = number;
            let since = Since {
                requests: state.count - number,
                input_tokens: state.total_input_tokens - sent.total_input_tokens,
            };
            // The API looked at its bucket when the call had come, which was a moment after it was sent.
            let told_at_ms = sent.at_ms.saturating_add(MOST_ON_THE_WAY_MS).min(now_ms);
            state.pace.correct(headers, since, told_at_ms, now_ms);
        }
        if status == StatusCode::TOO_MANY_REQUESTS
            && let Some(wait) = retry_after(headers, now_ms)
        {
            state.pace.close(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX), now_ms);
        }
        drop(state);
        self.changed.notify_one();
    }

    /// One who waited has gone.
    pub fn left(&self) {
        let mut state = self.state();
        state.waiting = state.waiting.saturating_sub(1);
    }

    /// A call has ended, with or without an answer.
    pub fn ended(&self, number: u64) {
        let mut state = self.state();
        if state.sent.remove(&number).is_some() {
            // It had none: the next one finds out.
            drop(state);
            self.changed.notify_one();
        }
    }

    /// Lets through whom it can, and says in how many milliseconds to look again; nothing when nobody waits.
    fn serve(&self, now_ms: i64) -> Option<u64> {
        let mut state = self.state();
        loop {
            let State {
                turns,
                waiting,
                pace,
                sent,
                count,
                total_input_tokens,
                is_known,
                last_at_ms,
                is_attended,
                ..
            } = &mut *state;
            let Some(next) = turns.front(|waiting| waiting.grant.is_closed()) else {
                *is_attended = false;
                return None;
            };
            // Of a pool that nothing is known of, one call after another finds out, until there is an answer.
            let since_ms = now_ms.saturating_sub(*last_at_ms).max(0);
            if !*is_known && !sent.is_empty() && since_ms < BETWEEN_SCOUTS_MS {
                return Some((BETWEEN_SCOUTS_MS - since_ms).unsigned_abs());
            }
            let input_tokens = next.input_tokens;
            if let Err(wait_ms) = pace.take(input_tokens, now_ms) {
                return Some(wait_ms);
            }
            *count += 1;
            *last_at_ms = now_ms;
            *total_input_tokens += input_tokens;
            sent.insert(*count, SentCall { at_ms: now_ms, total_input_tokens: *total_input_tokens });
            let number = *count;
            match turns.pop().map(|next| next.grant.send(number)) {
                Some(Ok(())) => *waiting = waiting.saturating_sub(1),
                // Gone at the last moment: its place in the bucket is lost for a moment, which harms nobody.
                _ => {
                    sent.remove(&number);
                }
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sees to those who wait, until nobody does.
async fn attend(line: Arc<Line>, clock: Clock) {
    while let Some(wait_ms) = line.serve(clock.now_ms()) {
        let until_ms = clock.now_ms().saturating_add_unsigned(wait_ms);
        tokio::select! {
            () = line.changed.notified() => {}
            () = clock.sleep_until(until_ms) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::limits::{Refill, TokenBucket};

    use super::*;

    const A_MINUTE: u64 = 60;
    const CALLS: u64 = 200;
    const STEP_MS: i64 = 100;

    fn headers(remaining: u64) -> HeaderMap {
        let name = |what: &str| format!("anthropic-ratelimit-requests-{what}").parse().expect("a name");
        let pairs: [(http::HeaderName, u64); 2] = [(name("limit"), A_MINUTE), (name("remaining"), remaining)];
        pairs.into_iter().map(|(name, number)| (name, number.into())).collect()
    }

    /// However the API says it, nobody is let through before.
    #[tokio::test]
    async fn a_line_stays_closed_for_as_long_as_the_api_asks() {
        for (value, wait_ms) in
            [("2", 2_000), ("1.5", 1_500), ("Thu, 01 Jan 1970 00:00:03 GMT", 3_000), ("soon", 0)]
        {
            let clock = Clock::manual(0);
            let line = Arc::new(Line::new());
            let waiting = line.join(&PolicedCall::default(), usize::MAX, &clock).expect("a place");
            assert_eq!(line.serve(0), None, "it finds out");
            let closed = [("retry-after".parse().expect("a name"), value.parse().expect("a value"))];
            line.heard(1, StatusCode::TOO_MANY_REQUESTS, &closed.into_iter().collect(), 0);
            let next = line.join(&PolicedCall::default(), usize::MAX, &clock).expect("a place");
            let expected = (wait_ms > 0).then_some(wait_ms);
            assert_eq!(line.serve(0), expected, "{value}");
            assert_eq!(line.serve(wait_ms.cast_signed()), None, "{value}");
            drop((waiting, next));
        }
    }

    /// Answers come late, in any order, and tell what was true when their calls came.
    #[tokio::test]
    async fn no_answer_however_late_lets_more_through_than_the_api_takes() {
        let clock = Clock::manual(0);
        let line = Arc::new(Line::new());
        let mut waiting: Vec<_> =
            (0..CALLS).filter_map(|_| line.join(&PolicedCall::default(), usize::MAX, &clock)).collect();
        let mut api = TokenBucket::full(A_MINUTE, Refill::per_minute(A_MINUTE), 0);
        let mut answers: Vec<(i64, u64, u64)> = Vec::new();
        let mut sent = 0;
        let mut now_ms = 0;
        while sent < CALLS {
            line.serve(now_ms);
            waiting.retain_mut(|grant| {
                let Ok(number) = grant.try_recv() else { return true };
                assert_eq!(api.take(1, now_ms), Ok(()), "call {number} after {now_ms} ms");
                let late_ms = (number * 7_919 % 9_000).cast_signed();
                answers.push((now_ms + late_ms, number, api.remaining(now_ms)));
                sent += 1;
                false
            });
            answers.retain(|(at_ms, number, remaining)| {
                if *at_ms <= now_ms {
                    line.heard(*number, StatusCode::OK, &headers(*remaining), now_ms);
                }
                *at_ms > now_ms
            });
            now_ms += STEP_MS;
        }
        // One a second once the bucket is empty, and no more than some moments lost.
        let ideal_ms = (CALLS - A_MINUTE).cast_signed() * 1_000;
        assert!(now_ms < ideal_ms + 15_000, "{now_ms} ms instead of {ideal_ms}");
    }
}
