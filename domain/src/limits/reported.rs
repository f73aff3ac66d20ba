//! What response headers say about one learned limit.

use super::kind::WindowShape;
use super::limit::Limit;
use super::meter::Reading;
use super::replica::{Replica, ReplicaReading};
use super::report::Report;
use super::reset_window::ResetWindow;
use super::unseen::Unseen;
use crate::rollup::Sums;
use crate::usage::Event;

/// The length of a bucket's minute.
const MINUTE_MS: i64 = 60_000;

/// Which measurement a standing goes by: the worst there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoke {
    /// What Tacho has counted itself.
    Count,
    /// The replica of the provider's bucket.
    Replica,
    /// What headers said, as it was.
    Headers,
}

impl Spoke {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Spoke::Count => "count",
            Spoke::Replica => "replica",
            Spoke::Headers => "headers",
        }
    }
}

/// A bucket that refills, or a window that is reset.
pub enum Reported {
    /// A bucket, by its replica.
    Bucket(Replica),
    Window(ResetWindow),
}

impl Reported {
    /// What is said of a limit, before anything is.
    pub fn new(limit: &Limit) -> Self {
        match limit.kind.window {
            WindowShape::Reported => Reported::Window(ResetWindow::new(limit)),
            _ => Reported::Bucket(Replica::new(limit.kind, limit.amount)),
        }
    }

    /// A window is so long: it is over by then, if no response says when.
    pub fn set_length(&mut self, length_ms: i64) {
        if let Reported::Window(window) = self {
            window.set_length(length_ms);
        }
    }

    /// Takes in what a response said, in any order.
    pub fn correct(&mut self, report: Report, now_ms: i64) {
        match self {
            Reported::Bucket(replica) => replica.correct(report),
            Reported::Window(window) => window.correct(report, now_ms),
        }
    }

    /// The limit has become another.
    pub fn set_amount(&mut self, new: i64) {
        match self {
            Reported::Bucket(replica) => replica.set_amount(new),
            Reported::Window(window) => window.set_whole(new),
        }
    }

    /// Spends what an event of ours has used.
    pub fn spend(&mut self, event: &Event, sums: &Sums, now_ms: i64) {
        if let Reported::Bucket(replica) = self {
            replica.spend(event, sums, now_ms);
        }
    }

    /// Takes back what an event has used that has been spent.
    pub fn take_back(&mut self, event: &Event, sums: &Sums) {
        if let Reported::Bucket(replica) = self {
            replica.take_back(event, sums);
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
            Reported::Window(window) => Some((window.read(now_ms)?, Spoke::Headers)),
        }
    }

    /// What the replica says now.
    pub fn replica(&self, now_ms: i64) -> Option<ReplicaReading> {
        match self {
            Reported::Bucket(replica) => replica.read(now_ms),
            Reported::Window(_) => None,
        }
    }

    /// What others have spent.
    pub fn unseen(&self, now_ms: i64) -> Option<Unseen> {
        match self {
            Reported::Bucket(replica) => replica.unseen(now_ms),
            Reported::Window(_) => None,
        }
    }

    /// Forgets what no reading will need.
    pub fn prune(&mut self, now_ms: i64) {
        if let Reported::Bucket(replica) = self {
            replica.prune(now_ms);
        }
    }
}
