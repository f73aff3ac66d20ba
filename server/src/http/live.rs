//! `GET /v1/live`: a stream of server-sent events, so that a page knows when to ask again.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use app::api::live::{Hello, Tick};
use app::api::standing::{Standing, Window};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::callers::Reader;
use crate::access::Gate;
use crate::clock::Clock;
use crate::dashboard::Dashboard;
use crate::record::recorder::Recorder;
use crate::watch::standings::Pick;

/// What the live stream reads.
pub struct Live {
    /// Names the built files of the interface.
    pub build: String,
    /// Where standings, transitions and minutes come from.
    pub dashboard: Arc<Dashboard>,
    /// Tells when something changed.
    pub recorder: Recorder,
    /// Tells the time.
    pub clock: Clock,
    /// When this server started, Unix milliseconds: part of every id, since revisions begin anew with it.
    pub started_at_ms: i64,
    /// Ends the streams, so that stopping does not wait for open pages.
    pub shutdown: CancellationToken,
}

/// How long a change may wait for others before a page hears of it.
const GATHER: Duration = Duration::from_millis(200);
/// How long a stream goes on before it is asked again whether its reader may hear more. With the five seconds for which
/// the gate remembers keys, nobody hears more for longer than 15 seconds.
const ASK_AGAIN_MS: i64 = 10_000;

/// Streams `hello`, then a `tick` each second and soon after every change, with `bucket`, `standing` and
/// `alert` events for what changed.
///
/// Ids name a revision of this server. A page that comes back with an older `Last-Event-ID` is told the state
/// as it is now, in full: that holds all it missed, and nothing twice.
pub async fn live(
    _: Reader,
    State(live): State<Arc<Live>>,
    State(gate): State<Arc<Gate>>,
    headers: HeaderMap,
) -> Response {
    let mut response = Sse::new(stream(live, gate, headers))
        .keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
        .into_response();
    response
        .headers_mut()
        .insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

fn stream(
    live: Arc<Live>,
    gate: Arc<Gate>,
    asked_with: HeaderMap,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let last = asked_with.get("last-event-id").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (sender, receiver) = tokio::sync::mpsc::channel(64);
    tokio::spawn(async move {
        let shutdown = live.shutdown.clone();
        tokio::select! {
            _ = send(&live, &sender, last) => {}
            () = may_not_read_any_more(&live.clock, &gate, &asked_with) => {}
            () = sender.closed() => {}
            () = shutdown.cancelled() => {}
        }
    });
    tokio_stream::StreamExt::map(tokio_stream::wrappers::ReceiverStream::new(receiver), Ok)
}

/// Waits until who asked is not let through any more: the key was revoked, the session has ended. While that cannot be
/// found out, nothing new can be read either.
async fn may_not_read_any_more(clock: &Clock, gate: &Gate, asked_with: &HeaderMap) {
    loop {
        clock.sleep_until(clock.now_ms() + ASK_AGAIN_MS).await;
        if let Ok(false) = gate.still_reads(asked_with).await {
            return;
        }
    }
}

/// Sends until the page has gone.
async fn send(live: &Live, sender: &tokio::sync::mpsc::Sender<Event>, last: Option<String>) -> Option<()> {
    let mut revisions = live.recorder.revision();
    let mut revision = *revisions.borrow_and_update();
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let hello = Hello { version, build: live.build.clone(), now_ms: live.clock.now_ms(), revision };
    let first = live.event("hello", revision, &serde_json::to_string(&hello).ok()?);
    sender.send(first.retry(Duration::from_secs(2))).await.ok()?;
    let missed = last.is_some_and(|last| last != live.id(revision));
    let mut heard = if missed { Heard::default() } else { Heard::now(live).await };
    let mut changed = missed;
    loop {
        let tick = Tick { now_ms: live.clock.now_ms(), revision };
        sender.send(live.event("tick", revision, &serde_json::to_string(&tick).ok()?)).await.ok()?;
        if changed {
            let now = Heard::now(live).await;
            for (name, data) in now.since(&heard) {
                sender.send(live.event(name, revision, data)).await.ok()?;
            }
            heard = now;
        }
        changed = tokio::time::timeout(Duration::from_secs(1), revisions.changed()).await.is_ok();
        if changed {
            tokio::time::sleep(GATHER).await;
        }
        revision = *revisions.borrow_and_update();
    }
}

impl Live {
    fn id(&self, revision: u64) -> String {
        format!("{}-{revision}", self.started_at_ms)
    }

    fn event(&self, name: &str, revision: u64, data: &str) -> Event {
        Event::default().event(name).id(self.id(revision)).data(data)
    }
}

/// Standings a page is told of: the worst.
const MOST_STANDINGS: usize = 200;

/// What a page has been told: what it is about, what of it counts as a change, and the JSON it was told.
#[derive(Default)]
struct Heard(Vec<(&'static str, String, String)>, HashMap<String, String>);

impl Heard {
    async fn now(live: &Live) -> Self {
        let mut heard = Heard::default();
        for bucket in live.dashboard.read_recent_minutes().await.unwrap_or_default() {
            heard.add("bucket", format!("bucket {}", bucket.at), &bucket, &bucket);
        }
        for standing in live.dashboard.read_standings(Pick::Worst(MOST_STANDINGS)).standings.standings {
            let value = standing.scope.value.as_deref().unwrap_or_default();
            let about = format!("standing {} {value}", standing.limit_id);
            // A rolling window moves with every look at it, and so does what is read off it.
            let still = Standing {
                window: Window::default(),
                replica: None,
                unseen: None,
                learned: None,
                ..standing.clone()
            };
            heard.add("standing", about, &still, &standing);
        }
        let alerts = live.dashboard.read_feed(20, None).await.map(|feed| feed.items).unwrap_or_default();
        for alert in alerts.iter().rev() {
            heard.add("alert", format!("alert {} {}", alert.incident_key, alert.sequence), alert, alert);
        }
        heard
    }

    fn add(&mut self, name: &'static str, about: String, counts: &impl Serialize, told: &impl Serialize) {
        if let (Ok(counts), Ok(told)) = (serde_json::to_string(counts), serde_json::to_string(told)) {
            self.0.push((name, about.clone(), told));
            self.1.insert(about, counts);
        }
    }

    fn since<'a>(&'a self, before: &'a Heard) -> impl Iterator<Item = (&'static str, &'a String)> {
        let changed = |about: &String| before.1.get(about) != self.1.get(about);
        self.0.iter().filter(move |(_, about, _)| changed(about)).map(|(name, _, told)| (*name, told))
    }
}
