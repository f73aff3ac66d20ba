//! Answers the questions of the interface and of `/v1`, from the store and from the watch, and changes nothing.
//!
//! One file per question. Both doors, pages and API, end here, so they cannot disagree.

mod alerts;
pub mod audit;
mod audit_rows;
mod access_page;
mod breakdown;
mod colors;
pub mod channels;
pub mod cursor;
mod events;
mod first_event;
mod happened;
pub mod health;
pub mod limits;
mod limits_page;
mod live;
mod notices;
mod plot;
mod policies;
mod room;
pub mod series;
pub mod sessions;
pub mod shared;
mod setup;
mod shown;
mod span;
mod standings;
pub mod stretch;
mod table;
mod usage_table;
mod ways;

pub use channels::channel_item;
pub use standings::AllStandings;

use std::sync::Arc;

use app::api::room::Room;
use app::api::zone::Zone;
use domain::time::timestamp;
use vocabulary::{Problem, Severity, wording};

use self::shared::SharedReplies;
use crate::clock::Clock;
use crate::proxy::Journal;
use crate::record::recorder::Recorder;
use crate::store::{Store, StoredEvent};
use crate::watch::snapshot::Snapshot;

/// How far back is told of what is wrong: refused events and calls, and what could not be read.
const LATELY_MS: i64 = 24 * 3_600_000;

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
    /// Where everything is kept, in words.
    pub data_dir: String,
    /// How large the database is.
    pub database_bytes: Box<dyn Fn() -> u64 + Send + Sync>,
}

/// Answers questions.
pub struct Dashboard {
    sources: Sources,
    rooms: SharedReplies<(), Arc<Room>>,
    firsts: SharedReplies<(), Option<Arc<StoredEvent>>>,
    models: SharedReplies<(), Arc<Vec<String>>>,
}

impl Dashboard {
    /// A dashboard over its sources.
    pub fn new(sources: Sources) -> Self {
        let (rooms, firsts, models) = Default::default();
        Dashboard { sources, rooms, firsts, models }
    }

    /// Now, in Unix milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.sources.clock.now_ms()
    }

    /// Where every limit stands.
    async fn snapshot(&self) -> Arc<Snapshot> {
        self.sources.recorder.snapshot().await
    }

    /// The moment of what is answered now: all that is answered in one is the same for everybody.
    pub fn moment(&self) -> (u64, i64) {
        let revision = *self.sources.recorder.revision().borrow();
        (revision, self.now_ms().div_euclid(1_000))
    }

    /// How many alerts are open, and the worst of them.
    pub async fn open_alerts(&self) -> (u64, Severity) {
        let open = self.snapshot().await.open;
        (open.number(), open.worst())
    }

    /// The time zone of the configuration.
    pub fn configured_zone(&self) -> &jiff::tz::TimeZone {
        &self.sources.time_zone
    }

    fn store(&self) -> &dyn Store {
        &*self.sources.store
    }

    fn utc_offset_s(&self, at_ms: i64) -> i32 {
        self.sources.time_zone.to_offset(timestamp(at_ms)).seconds()
    }

    /// The time zone of the configuration, from one time to another.
    fn zone(&self, from_ms: i64, to_ms: i64) -> Zone {
        zone(&self.sources.time_zone, from_ms, to_ms)
    }

    fn time_zone_name(&self) -> String {
        zone_name(&self.sources.time_zone)
    }
}

/// The name of a time zone.
pub fn zone_name(zone: &jiff::tz::TimeZone) -> String {
    zone.iana_name().unwrap_or("UTC").to_owned()
}

/// A time zone from one time to another.
pub fn zone(of: &jiff::tz::TimeZone, from_ms: i64, to_ms: i64) -> Zone {
    let changes = of.following(timestamp(from_ms));
    let changes = changes.take_while(|change| change.timestamp().as_millisecond() < to_ms);
    let changes = changes.map(|change| (change.timestamp().as_second(), change.offset().seconds()));
    let first = (from_ms.div_euclid(1_000), of.to_offset(timestamp(from_ms)).seconds());
    Zone { name: zone_name(of), offsets: std::iter::once(first).chain(changes).collect() }
}

/// Nothing has this id.
pub fn not_found(what: &str, id: &str) -> Problem {
    Problem::not_found(format!("there is no {what} `{}`", wording::name(id)))
}
