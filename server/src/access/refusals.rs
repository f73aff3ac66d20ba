//! Who was refused: a line of the log at once, but only some a minute, and one line a minute in the audit log, so that
//! whoever guesses is seen, and can fill neither.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::store::{Action, Author, Note, Store, write_note};

const MINUTE_MS: i64 = 60_000;
/// Lines of the log in a minute.
const MOST_LINES: u64 = 5;
/// Keys and addresses that are named of one minute.
const MOST_NAMED: usize = 5;

/// What was refused since it was last told.
#[derive(Default)]
pub struct Refusals(Mutex<Since>);

#[derive(Default)]
struct Since {
    attempts: u64,
    codes: BTreeSet<&'static str>,
    keys: BTreeSet<String>,
    addresses: BTreeSet<IpAddr>,
}

impl Refusals {
    /// A credential was refused for this reason: one with this public part, if it has any, from this address.
    pub fn note(&self, code: &'static str, key_public: Option<&str>, address: Option<IpAddr>) {
        let mut since = self.since();
        since.attempts += 1;
        since.codes.insert(code);
        if let Some(key) = key_public.filter(|_| since.keys.len() < MOST_NAMED) {
            since.keys.insert(key.to_owned());
        }
        if let Some(address) = address.filter(|_| since.addresses.len() < MOST_NAMED) {
            since.addresses.insert(address);
        }
        let attempts = since.attempts;
        drop(since);
        if attempts <= MOST_LINES {
            let address = address.map(tracing::field::display);
            tracing::warn!(target: "auth", code, key = key_public, address, "A credential was refused");
        }
    }

    /// What the audit log is told, and begins anew; nothing where nothing was refused.
    pub fn take(&self) -> Option<Value> {
        let Since { attempts, codes, keys, addresses } = std::mem::take(&mut *self.since());
        if attempts == 0 {
            return None;
        }
        if attempts > MOST_LINES {
            tracing::warn!(target: "auth", attempts, "Credentials were refused within a minute, some of which were told of");
        }
        Some(json!({ "attempts": attempts, "codes": codes, "keys": keys, "addresses": addresses }))
    }

    /// Tells the audit log once a minute, until the end.
    pub async fn tell(&self, store: &dyn Store, clock: &Clock, end: &CancellationToken) {
        loop {
            let is_over = tokio::select! {
                () = clock.sleep_until(clock.now_ms() + MINUTE_MS) => false,
                () = end.cancelled() => true,
            };
            if let Some(told) = self.take() {
                let note = Note {
                    at_ms: clock.now_ms(),
                    author: Author::stranger(),
                    action: Action::Refused,
                    subject: String::new(),
                    project: String::new(),
                    before: String::new(),
                    after: Some(told.to_string()),
                };
                write_note(store, &note).await;
            }
            if is_over {
                return;
            }
        }
    }

    fn since(&self) -> MutexGuard<'_, Since> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
