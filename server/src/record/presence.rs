//! Notes that Tacho runs, so that a stretch in which it did not is told from one in which nobody called.

use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::store::{RESTART_MS, Store};

/// So much of a run is not known of at most when it ends without a word.
const EVERY_MS: i64 = 20_000;

/// Notes it now and then until the end, and then once more.
pub async fn note_presence(store: &dyn Store, clock: &Clock, end: &CancellationToken) {
    let mut since_ms = clock.now_ms();
    loop {
        let is_over = end.is_cancelled();
        let now_ms = clock.now_ms();
        match store.note_run(since_ms, now_ms).await {
            Ok(()) => since_ms = now_ms,
            // It is noted with the next.
            Err(error) => tracing::debug!(error = %error, "Could not note that Tacho runs"),
        }
        if is_over {
            return;
        }
        let due_ms = now_ms + EVERY_MS;
        tokio::select! {
            () = clock.sleep_until(due_ms) => {}
            () = end.cancelled() => {}
        }
        let woken_ms = clock.now_ms();
        // The machine slept meanwhile, or its clock was set: nobody knows that Tacho ran in between.
        if woken_ms < now_ms || woken_ms - due_ms >= RESTART_MS {
            since_ms = woken_ms;
        }
    }
}
