//! `GET /v1/live`: a stream of server-sent events, so that a page knows when to ask again.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use app::api::live::{Hello, Tick};
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use tokio_util::sync::CancellationToken;

use super::gate::Reader;
use crate::clock::Clock;
use crate::dashboard::Dashboard;
use crate::ingest::recorder::Recorder;

/// What the live stream reads.
pub struct Live {
    /// Where standings and transitions come from.
    pub dashboard: Arc<Dashboard>,
    /// Tells when something changed.
    pub recorder: Recorder,
    /// Tells the time.
    pub clock: Clock,
    /// Ends the streams, so that stopping does not wait for open pages.
    pub shutdown: CancellationToken,
}

/// How long a change may wait for others before a page hears of it.
const GATHER: Duration = Duration::from_millis(200);

/// Streams `hello`, then a `tick` each second and soon after every change, with `standing` and `alert` events
/// for what changed. Ids are revisions; a page that comes back asks anew, so nothing has to be replayed.
pub async fn live(_: Reader, State(live): State<Arc<Live>>) -> Response {
    let mut response = Sse::new(stream(live))
        .keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
        .into_response();
    response
        .headers_mut()
        .insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

fn stream(live: Arc<Live>) -> impl Stream<Item = Result<Event, Infallible>> {
    let (sender, receiver) = tokio::sync::mpsc::channel(64);
    tokio::spawn(async move {
        let shutdown = live.shutdown.clone();
        tokio::select! {
            _ = send(&live, &sender) => {}
            () = sender.closed() => {}
            () = shutdown.cancelled() => {}
        }
    });
    tokio_stream::StreamExt::map(tokio_stream::wrappers::ReceiverStream::new(receiver), Ok)
}

type Sender = tokio::sync::mpsc::Sender<Event>;

/// Sends until the page has gone.
async fn send(live: &Live, sender: &Sender) -> Option<()> {
    let mut revisions = live.recorder.revision();
    let mut revision = *revisions.borrow_and_update();
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let hello = Hello { version, now_ms: live.clock.now_ms(), revision };
    sender.send(event("hello", revision, &hello)?.retry(Duration::from_secs(2))).await.ok()?;
    let mut heard = Heard::now(live).await;
    loop {
        let changed = tokio::time::timeout(Duration::from_secs(1), revisions.changed()).await.is_ok();
        if changed {
            tokio::time::sleep(GATHER).await;
        }
        revision = *revisions.borrow_and_update();
        let tick = Tick { now_ms: live.clock.now_ms(), revision };
        sender.send(event("tick", revision, &tick)?).await.ok()?;
        if changed {
            let now = Heard::now(live).await;
            for (name, data) in now.since(&heard) {
                sender.send(Event::default().event(name).id(revision.to_string()).data(data)).await.ok()?;
            }
            heard = now;
        }
    }
}

fn event(name: &str, revision: u64, data: &impl serde::Serialize) -> Option<Event> {
    Event::default().event(name).id(revision.to_string()).json_data(data).ok()
}

/// What a page has been told, as the JSON it was told.
struct Heard {
    standings: Vec<String>,
    alerts: Vec<String>,
}

impl Heard {
    async fn now(live: &Live) -> Self {
        let standings = live.dashboard.read_standings().standings;
        let alerts = live.dashboard.read_feed(20).await.map(|feed| feed.items).unwrap_or_default();
        Heard {
            standings: standings.iter().filter_map(|standing| serde_json::to_string(standing).ok()).collect(),
            alerts: alerts.iter().rev().filter_map(|item| serde_json::to_string(item).ok()).collect(),
        }
    }

    fn since(&self, before: &Heard) -> Vec<(&'static str, String)> {
        let new = |now: &[String], before: &[String], name: &'static str| {
            now.iter().filter(|data| !before.contains(data)).map(|data| (name, data.clone())).collect::<Vec<_>>()
        };
        let mut events = new(&self.standings, &before.standings, "standing");
        events.extend(new(&self.alerts, &before.alerts, "alert"));
        events
    }
}
