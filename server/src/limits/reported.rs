//! What response headers say about one learned limit.

use super::board::Spoke;
use super::kind::WindowShape;
use super::limit::Limit;
use super::meter::Reading;
use super::replica::{Replica, ReplicaReading, Report};
use super::unseen::Unseen;
use crate::rollup::Sums;
use crate::usage::Event;

/// The length of a bucket's minute.
const MINUTE_MS: i64 = 60_000;
/// No window of the provider is longer than a month.
const LONGEST_WINDOW_MS: i64 = 31 * 86_400_000;

/// A bucket that refills, or a window that is reset.
pub enum Reported {
    /// A bucket, by its replica.
    Bucket(Replica),
    /// A window: the newest report holds until the window is reset, or must have been.
    Window {
        /// What all of it is.
        amount: i64,
        /// The newest report.
        newest: Option<Report>,
        /// How long a window is, in milliseconds.
        length_ms: i64,
    },
}

impl Reported {
    /// What is said of a limit, before anything is.
    pub fn new(limit: &Limit) -> Self {
        match limit.kind.window {
            WindowShape::Reported => {
                Reported::Window { amount: limit.amount, newest: None, length_ms: LONGEST_WINDOW_MS }
            }
            _ => Reported::Bucket(Replica::new(limit.kind, limit.amount)),
        }
    }

    /// A window is so long: what was used of it is over by then, if no response says when.
    pub fn set_length(&mut self, new_ms: i64) {
        if let Reported::Window { length_ms, .. } = self {
            *length_ms = new_ms;
        }
    }

    /// Takes in what a response said, in any order.
    pub fn correct(&mut self, report: Report) {
        match self {
            Reported::Bucket(replica) => replica.correct(report),
            Reported::Window { newest, .. } => {
                if newest.is_none_or(|newest| report.is_newer(&newest)) {
                    *newest = Some(report);
                }
            }
        }
    }

    /// The limit has become another.
    pub fn set_amount(&mut self, new: i64) {
        match self {
            Reported::Bucket(replica) => replica.set_amount(new),
            Reported::Window { amount, newest, .. } => (*amount, *newest) = (new, None),
        }
    }

    /// Spends what an event of ours has used.
    pub fn spend(&mut self, event: &Event, sums: &Sums, now_ms: i64) {
        if let Reported::Bucket(replica) = self {
            replica.spend(event, sums, now_ms);
        }
    }

    /// Where it stood at its highest from `from_ms` to now, and who says so.
    pub fn read(&self, from_ms: i64, now_ms: i64) -> Option<(Reading, Spoke)> {
        match self {
            Reported::Bucket(replica) => {
                let (used, at_ms) = replica.peak(from_ms, now_ms)?;
                let window = (at_ms - MINUTE_MS, at_ms);
                let used = i64::try_from(used).unwrap_or(i64::MAX);
                Some((Reading { used, at_ms, window, resets_at_ms: None, incomplete: false }, Spoke::Replica))
            }
            Reported::Window { amount, newest, length_ms } => {
                let report = newest.as_ref()?;
                let ends_ms = report.reset_ms.unwrap_or(report.to_ms.saturating_add(*length_ms));
                let is_over = ends_ms <= now_ms;
                let used = if is_over { 0 } else { amount.saturating_sub(report.remaining) };
                let resets_at_ms = report.reset_ms.filter(|_| !is_over);
                let window = (report.from_ms, resets_at_ms.unwrap_or(now_ms));
                let at_ms = if is_over { now_ms } else { report.from_ms };
                Some((Reading { used, at_ms, window, resets_at_ms, incomplete: false }, Spoke::Headers))
            }
        }
    }

    /// What the replica says now.
    pub fn replica(&self, now_ms: i64) -> Option<ReplicaReading> {
        match self {
            Reported::Bucket(replica) => replica.read(now_ms),
            Reported::Window { .. } => None,
        }
    }

    /// What others have spent.
    pub fn unseen(&self, now_ms: i64) -> Option<Unseen> {
        match self {
            Reported::Bucket(replica) => replica.unseen(now_ms),
            Reported::Window { .. } => None,
        }
    }

    /// Forgets what no reading will need.
    pub fn prune(&mut self, now_ms: i64) {
        if let Reported::Bucket(replica) = self {
            replica.prune(now_ms);
        }
    }
}
