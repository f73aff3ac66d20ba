//! Sends what is in the outbox. Nothing is held only here: after a crash the outbox says what is left, and an
//! attempt whose end was not noted is made again under the same message id.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rand::RngExt;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use vocabulary::wording;

use super::address::AllowedAddresses;
use super::channel::Senders;
use super::outbox::{Attempt, Due, Next, Outbox, OutboxError};
use super::schedule::{self, Made};
use crate::clock::Clock;

/// Attempts at once, in all and per channel: one slow receiver must not delay the others.
const MOST_AT_ONCE: usize = 32;
const MOST_PER_CHANNEL: usize = 4;
/// Looks at the outbox at least this often, for what other processes put there.
const LOOK_AGAIN_MS: i64 = 30_000;
/// How long attempts under way may take once Tacho is stopping.
const LAST_WAIT: Duration = Duration::from_secs(5);
/// Waits this long when the outbox does not answer.
const OUTBOX_PAUSE_MS: i64 = 1_000;
/// Waits this long before an attempt that could not be noted is made again.
const NOT_NOTED_PAUSE_MS: i64 = 30_000;

/// Sends messages when they are due.
pub struct Dispatcher {
    outbox: Arc<dyn Outbox>,
    addresses: Arc<AllowedAddresses>,
    clock: Clock,
    wake: Arc<Notify>,
}

/// What an attempt works with.
struct Worker {
    outbox: Arc<dyn Outbox>,
    senders: Senders,
    clock: Clock,
}

impl Dispatcher {
    /// A dispatcher that looks at the outbox whenever it is woken.
    pub fn new(
        outbox: Arc<dyn Outbox>,
        addresses: Arc<AllowedAddresses>,
        clock: Clock,
        wake: Arc<Notify>,
    ) -> Self {
        Dispatcher { outbox, addresses, clock, wake }
    }

    /// Sends until `shutdown`. Attempts under way get a moment to end; others are made again at the next start.
    pub async fn run(self, shutdown: CancellationToken) {
        let senders = match Senders::new(self.addresses.clone()) {
            Ok(senders) => senders,
            Err(error) => {
                tracing::error!(error = %error, "Webhooks cannot be sent: the HTTP client did not start");
                return;
            }
        };
        let worker = Arc::new(Worker { outbox: self.outbox.clone(), senders, clock: self.clock.clone() });
        let mut under_way: JoinSet<()> = JoinSet::new();
        // Which delivery each task attempts, and to which channel: known even if the task panics.
        let mut attempts: HashMap<tokio::task::Id, (String, String)> = HashMap::new();
        let room = Arc::new(Semaphore::new(MOST_AT_ONCE));
        loop {
            let now_ms = self.clock.now_ms();
            let mut look_again_ms = now_ms + LOOK_AGAIN_MS;
            match self.look(now_ms).await {
                Ok((due, next_ms)) => {
                    for due in due {
                        let (channel_id, delivery_id) = (&due.channel.id, &due.delivery_id);
                        let to_channel = attempts.values().filter(|(channel, _)| channel == channel_id);
                        if to_channel.count() >= MOST_PER_CHANNEL
                            || attempts.values().any(|(_, delivery)| delivery == delivery_id)
                        {
                            continue;
                        }
                        let Ok(permit) = room.clone().try_acquire_owned() else { break };
                        let attempted = (channel_id.clone(), delivery_id.clone());
                        let worker = worker.clone();
                        let task = under_way.spawn(async move {
                            worker.attempt(due).await;
                            drop(permit);
                        });
                        attempts.insert(task.id(), attempted);
                    }
                    if let Some(next_ms) = next_ms.filter(|next_ms| *next_ms > now_ms) {
                        look_again_ms = look_again_ms.min(next_ms);
                    }
                }
                Err(error) => {
                    tracing::error!(error = %error, "The outbox did not answer");
                    look_again_ms = now_ms + OUTBOX_PAUSE_MS;
                }
            }
            tokio::select! {
                () = shutdown.cancelled() => {
                    let ends = async { while under_way.join_next().await.is_some() {} };
                    let _ = tokio::time::timeout(LAST_WAIT, ends).await;
                    return;
                }
                () = self.wake.notified() => {}
                () = self.clock.sleep_until(look_again_ms) => {}
                Some(ended) = under_way.join_next_with_id() => {
                    attempts.remove(&ended.map_or_else(|error| error.id(), |(task, ())| task));
                }
            }
        }
    }

    async fn look(&self, now_ms: i64) -> Result<(Vec<Due>, Option<i64>), OutboxError> {
        // Those under way are among them, so there must be as many again.
        let due = self.outbox.due(now_ms, MOST_PER_CHANNEL * 2).await?;
        Ok((due, self.outbox.next_due_ms().await?))
    }
}

impl Worker {
    async fn attempt(&self, due: Due) {
        let at_ms = self.clock.now_ms();
        let started = std::time::Instant::now();
        let sent = self.senders.send(&due, at_ms).await;
        let attempt = Attempt {
            number: due.attempt_number,
            at_ms,
            duration_ms: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            status: sent.status,
            error: sent.error.to_owned(),
            response: sent.response,
        };
        let made = Made {
            number: due.attempt_number,
            first_at_ms: due.first_attempt_at_ms.unwrap_or(at_ms),
            failing_since_ms: due.channel.failing_since_ms,
            failed_attempts: due.channel.failed_attempts,
            now_ms: self.clock.now_ms(),
            jitter: rand::rng().random(),
        };
        let next = schedule::next(sent.outcome, &made);
        if next != Next::Delivered {
            let name = wording::name(&due.channel.name);
            tracing::warn!(
                channel.name = %name,
                message.id = %due.message_id,
                error = attempt.error,
                attempt = attempt.number,
                "A message to channel `{name}` did not arrive"
            );
        }
        if let Err(error) = self.outbox.record_attempt(&due.delivery_id, &attempt, &next).await {
            tracing::error!(error = %error, "Could not note an attempt; it will be made again");
            // Not at once: the storage needs time, and the receiver has heard.
            self.clock.sleep_until(self.clock.now_ms() + NOT_NOTED_PAUSE_MS).await;
        }
    }
}
