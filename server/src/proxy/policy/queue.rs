//! Queue: calls wait until their pool has room, so that the API refuses none.
//!
//! There is a [`Line`] for each credential and pool: what one subscription has exhausted, another may have left. It knows what the pool holds from the headers of every answer, counts
//! what it lets through in between, and opens for the next call when there is enough. The users in it take turns,
//! however many calls each of them brings.

mod line;
mod pace;
mod turns;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use line::Line;
use tokio::sync::oneshot;

use super::asked::PolicedCall;
use super::credential::Credential;
use super::rules::QueueRule;
use crate::clock::Clock;

/// Lines kept; those nobody stands in go first.
const MOST_LINES: usize = 10_000;

/// Whose calls stand in a line, and the pool they wait for; nothing for those of which that is not known.
type Place = (Option<Credential>, Option<String>);

/// All lines of a policy.
pub struct Queue {
    rule: QueueRule,
    lines: Mutex<HashMap<Place, Arc<Line>>>,
}

/// A place in a line. Who leaves it at the moment of being let through gives that back.
struct Ticket {
    line: Arc<Line>,
    granted: oneshot::Receiver<u64>,
    /// It has led to a [`Pass`].
    is_used: bool,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if self.is_used {
            return;
        }
        // From here on nothing is granted, so that what was can be told from what never will be.
        self.granted.close();
        match self.granted.try_recv() {
            Ok(number) => self.line.ended(number),
            Err(_) => self.line.left(),
        }
    }
}

/// Let through; what its answer says goes back into the line.
pub struct Pass {
    line: Arc<Line>,
    number: u64,
    pub waited: Duration,
}

/// Not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPass {
    /// As many wait as may.
    Full {
        /// When there should be room, in seconds.
        retry_after_s: u64,
    },
    /// It has waited as long as it may.
    TooLong {
        /// When there should be room, in seconds.
        retry_after_s: u64,
    },
}

impl Queue {
    /// A queue nobody stands in.
    pub fn new(rule: &QueueRule) -> Self {
        Queue { rule: rule.clone(), lines: Mutex::default() }
    }

    /// Waits until the call may be sent.
    pub async fn wait(&self, asked: &PolicedCall, clock: &Clock) -> Result<Pass, NoPass> {
        let line = self.line(asked);
        let joined_ms = clock.now_ms();
        let deadline = Duration::from_secs(self.rule.max_wait_s);
        let Some(granted) = line.join(asked, self.rule.max_waiting, clock) else {
            return Err(NoPass::Full { retry_after_s: line.wait_s(clock) });
        };
        let mut ticket = Ticket { line: line.clone(), granted, is_used: false };
        let until_ms = joined_ms.saturating_add_unsigned(self.rule.max_wait_s.saturating_mul(1_000));
        let number = tokio::select! {
            // Who is let through at the last moment is let through.
            biased;
            granted = &mut ticket.granted => granted.ok(),
            () = clock.sleep_until(until_ms) => None,
        };
        match number {
            Some(number) => {
                ticket.is_used = true;
                let waited_ms = clock.now_ms().saturating_sub(joined_ms).max(0).unsigned_abs();
                Ok(Pass { line, number, waited: Duration::from_millis(waited_ms).min(deadline) })
            }
            None => Err(NoPass::TooLong { retry_after_s: line.wait_s(clock) }),
        }
    }

    fn line(&self, asked: &PolicedCall) -> Arc<Line> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() >= MOST_LINES {
            lines.retain(|_, line| !line.is_empty());
        }
        let key = (asked.credential.clone(), asked.pool.clone());
        lines.entry(key).or_insert_with(|| Arc::new(Line::new())).clone()
    }
}

impl Pass {
    /// The head of its answer has come.
    pub fn answered(&self, status: StatusCode, headers: &HeaderMap, clock: &Clock) {
        self.line.heard(self.number, status, headers, clock.now_ms());
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.line.ended(self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures::FutureExt;

    use super::*;

    fn of(user: &str) -> PolicedCall {
        PolicedCall { user: user.to_owned(), ..PolicedCall::default() }
    }

    #[tokio::test]
    async fn who_has_gone_takes_no_place_wherever_it_stood() {
        let clock = Clock::manual(0);
        let queue = Queue::new(&QueueRule { max_wait_s: 60, max_waiting: 2 });
        let (first, second, third) = (of("a"), of("b"), of("c"));
        // It finds out about the pool: until it is answered the others wait.
        let scout = queue.wait(&first, &clock).await.expect("let through");
        let mut stays = pin!(queue.wait(&first, &clock));
        assert!(stays.as_mut().now_or_never().is_none());
        for _ in 0..10 {
            let mut goes = Box::pin(queue.wait(&second, &clock));
            assert!(goes.as_mut().now_or_never().is_none(), "there is a place behind the one who stays");
        }
        let mut next = pin!(queue.wait(&third, &clock));
        assert!(next.as_mut().now_or_never().is_none());
        let full = queue.wait(&second, &clock).now_or_never();
        assert!(matches!(full, Some(Err(NoPass::Full { .. }))));
        assert!(!queue.line(&first).is_empty());
        scout.answered(StatusCode::OK, &HeaderMap::new(), &clock);
        let (one, other) = tokio::join!(stays, next);
        assert!(one.is_ok() && other.is_ok());
        drop((scout, one, other));
        assert!(queue.line(&first).is_empty());
    }
}
