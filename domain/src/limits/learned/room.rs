//! Whom learned limits are kept for, and which make room.
//!
//! Who posts events can make up organizations without end. So a key holds so many limits and no more: for another one its
//! own make room, those first that it has not named for longest. Nothing that a key reports takes a limit from anybody
//! else who has named it lately, or from the proxy, which has seen the answers itself.

use std::collections::{BTreeSet, HashMap};

use super::named_by::Reporter;
use super::seen::Seen;

/// Limits that are learned at most.
pub(super) const MOST_LIMITS: usize = 1_000;
/// Limits that are kept for one key.
pub(super) const MOST_PER_KEY: usize = 200;
/// What the proxy has not met for so long makes room.
pub(super) const UNHEARD_MS: i64 = 30 * 86_400_000;
/// What one key has named within so long makes no room for what another reports.
pub(super) const FRESH_MS: i64 = 86_400_000;

/// Which limits each key has named, the one first that it has not for longest, and of equals the first by id.
#[derive(Debug, Clone, Default)]
pub(super) struct Room {
    by_key: HashMap<Reporter, BTreeSet<(i64, String)>>,
}

impl Room {
    /// Takes up who has named a limit.
    pub fn note(&mut self, limit_id: &str, seen: &Seen) {
        for (reporter, at_ms) in &seen.named_by {
            self.held(reporter).insert((*at_ms, limit_id.to_owned()));
        }
    }

    /// Forgets who has named a limit.
    pub fn forget(&mut self, limit_id: &str, seen: &Seen) {
        for (reporter, at_ms) in &seen.named_by {
            self.held(reporter).remove(&(*at_ms, limit_id.to_owned()));
        }
    }

    /// The limit that a key no longer holds, if it has named more than are kept for it; not the one it names now.
    pub fn beyond(&self, reporter: &Reporter, named_now: &str) -> Option<&str> {
        let Reporter::Key(_) = reporter else { return None };
        let held = self.by_key.get(reporter).filter(|held| held.len() > MOST_PER_KEY)?;
        held.iter().map(|(_, id)| id.as_str()).find(|id| *id != named_now)
    }

    fn held(&mut self, reporter: &Reporter) -> &mut BTreeSet<(i64, String)> {
        self.by_key.entry(reporter.clone()).or_default()
    }
}

/// Whether a limit may make room for one that somebody else reports.
pub(super) fn may_go(seen: &Seen, reporter: &Reporter, now_ms: i64) -> bool {
    let lets_go = |(other, at_ms): (&Reporter, &i64)| match other {
        other if other == reporter => true,
        Reporter::Unknown => true,
        Reporter::Key(_) => *at_ms <= now_ms - FRESH_MS,
        Reporter::Proxy => *at_ms <= now_ms - UNHEARD_MS,
    };
    *reporter == Reporter::Proxy || seen.named_by.iter().all(lets_go)
}
