//! Answers the questions of the interface and of `/v1`, from the store and from the watch, and changes nothing.
//!
//! One file per question. Both doors, pages and API, end here, so they cannot disagree.

mod alerts;
pub mod audit;
mod audit_words;
mod access_page;
mod breakdown;
pub mod channels;
mod chart;
pub mod cursor;
mod events;
mod gauges;
pub mod health;
mod limit_card;
pub mod limits;
mod limits_page;
mod live;
mod notices;
mod pages;
mod policies;
mod room;
pub mod series;
pub mod sessions;
mod shared;
mod setup;
mod shown;
mod standings;
pub mod stretch;
mod table;
mod ways;

pub use channels::channel_item;
pub use standings::AllStandings;

use std::sync::Arc;

use app::api::zone::Zone;
use domain::time::timestamp;
use vocabulary::{Problem, Range, wording};

use self::shared::SharedReplies;
use crate::clock::Clock;
use crate::proxy::Journal;
use crate::record::recorder::Recorder;
use crate::store::Store;
use crate::watch::snapshot::Snapshot;

/// What the dashboard is built from.
pub struct Sources {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Where limits stand, and who must hear of changed ones.
    pub recorder: Recorder,
    /// Tells the time.
    pub clock: Clock,
    /// The display time zone.
    pub time_zone: jiff::tz::TimeZone,
    /// The address of this Tacho.
    pub base_url: String,
    /// An ingest key made at this start, shown on the setup screen.
    pub first_key: Option<String>,
    /// Calls through the proxy need a key for Tacho.
    pub proxy_needs_key: bool,
    /// What of the proxy's events is not stored.
    pub journal: Journal,
}

/// Answers questions.
pub struct Dashboard {
    sources: Sources,
    shared: SharedReplies,
}

impl Dashboard {
    /// A dashboard over its sources.
    pub fn new(sources: Sources) -> Self {
        Dashboard { sources, shared: SharedReplies::default() }
    }

    /// Now, in Unix milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.sources.clock.now_ms()
    }

    /// Where every limit stands.
    async fn snapshot(&self) -> Arc<Snapshot> {
        self.sources.recorder.snapshot().await
    }

    /// The start and the end of a range, Unix milliseconds: whole bins, of which the last one is still filling.
    fn whole_bins(&self, range: Range) -> (i64, i64) {
        let step_ms = range.step_s() * 1_000;
        let to_ms = self.now_ms().div_euclid(step_ms) * step_ms + step_ms;
        (to_ms - range.length_s() * 1_000, to_ms)
    }

    fn store(&self) -> &dyn Store {
        &*self.sources.store
    }

    fn utc_offset_s(&self, at_ms: i64) -> i32 {
        self.sources.time_zone.to_offset(timestamp(at_ms)).seconds()
    }

    /// The display time zone from one time to another.
    fn zone(&self, from_ms: i64, to_ms: i64) -> Zone {
        let changes = self.sources.time_zone.following(timestamp(from_ms));
        let changes = changes.take_while(|change| change.timestamp().as_millisecond() < to_ms);
        let changes = changes.map(|change| (change.timestamp().as_second(), change.offset().seconds()));
        let first = (from_ms.div_euclid(1_000), self.utc_offset_s(from_ms));
        Zone { name: self.time_zone_name(), offsets: std::iter::once(first).chain(changes).collect() }
    }

    fn time_zone_name(&self) -> String {
        self.sources.time_zone.iana_name().unwrap_or("UTC").to_owned()
    }
}

/// Nothing has this id.
pub fn not_found(what: &str, id: &str) -> Problem {
    Problem::not_found(format!("there is no {what} `{}`", wording::name(id)))
}
