//! `GET /v1/live`: a stream of server-sent events, so that a page knows when to ask again.

mod hub;
mod told;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::extract::rejection::QueryRejection;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures::{FutureExt, Stream, stream};
use serde::Deserialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

pub use hub::{LiveHub, LiveSources};

use self::hub::{Beat, Listener};
use super::callers::Viewer;
use super::error::HttpError;
use crate::access::Gate;
use crate::clock::Clock;

/// How long a stream goes on before it is asked again whether its reader may hear more. With the five seconds for which
/// the gate remembers keys, nobody hears more for longer than 15 seconds.
const ASK_AGAIN_MS: i64 = 10_000;

/// What a stream is to tell.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    /// `tick`: that something has changed, and not what. Pages ask for that themselves.
    only: Option<String>,
}

/// Streams `hello`, then a `tick` each second and soon after every change, with `bucket`, `standing` and
/// `alert` events for what changed.
///
/// Ids name a revision of this server. A page that comes back with an older `Last-Event-ID` is told the state
/// as it is now, in full: that holds all it missed, and nothing twice.
pub async fn live(
    _: Viewer,
    State(live): State<Arc<LiveHub>>,
    State(gate): State<Arc<Gate>>,
    wanted: Result<axum::extract::Query<Wanted>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let only_ticks = match wanted.map(|wanted| wanted.0.only) {
        Ok(None) => false,
        Ok(Some(only)) if only == "tick" => true,
        Ok(Some(_)) | Err(_) => {
            let message = "the stream tells all, or with `?only=tick` just that something has changed";
            return Err(HttpError::bad_request("invalid_parameter", message));
        }
    };
    let told = told(live, gate, headers, only_ticks);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((headers, Body::from_stream(told)).into_response())
}

/// One stream, as it goes on.
struct Streaming {
    live: Arc<LiveHub>,
    beats: Receiver<Beat>,
    /// What waits to be sent.
    next: VecDeque<Bytes>,
    /// It has been greeted, and no more.
    is_new: bool,
    /// It is to be told more than ticks, and was told of this last.
    joins: Option<Option<String>>,
    /// Told more than ticks.
    listener: Option<Listener>,
}

fn told(
    live: Arc<LiveHub>,
    gate: Arc<Gate>,
    asked_with: HeaderMap,
    only_ticks: bool,
) -> impl Stream<Item = Result<Bytes, Infallible>> {
    let last_id = asked_with.get("last-event-id").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (clock, shutdown) = (live.clock().clone(), live.shutdown());
    let end = async move {
        tokio::select! {
            () = may_not_read_any_more(&clock, &gate, &asked_with) => {}
            () = shutdown.cancelled() => {}
        }
    };
    let streaming = Streaming {
        beats: live.beats(),
        next: VecDeque::from([live.greeting()]),
        is_new: true,
        joins: (!only_ticks).then_some(last_id),
        listener: None,
        live,
    };
    let told = stream::unfold(streaming, |mut streaming| async move {
        let bytes = streaming.next().await?;
        Some((Ok(bytes), streaming))
    });
    futures::StreamExt::take_until(told, end.boxed())
}

impl Streaming {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            match self.next.pop_front() {
                Some(bytes) if bytes.is_empty() => continue,
                Some(bytes) => return Some(bytes),
                None => {}
            }
            // Only once it was greeted: to find out what there is to tell takes a while.
            if let Some(last_id) = self.joins.take() {
                let (listener, beats, missed) = self.live.clone().join(last_id.as_deref()).await;
                (self.listener, self.beats) = (Some(listener), beats);
                self.next.push_back(missed);
            }
            if std::mem::take(&mut self.is_new) {
                self.next.push_front(self.live.first_tick(self.listener.is_some()));
                continue;
            }
            match self.beats.recv().await {
                Ok(Beat::Tick { only, .. }) if self.listener.is_none() => self.next.push_back(only),
                Ok(Beat::Tick { with_changes, .. }) => self.next.push_back(with_changes),
                Ok(Beat::Changes(changes)) if self.listener.is_some() => self.next.push_back(changes),
                Ok(Beat::Changes(_)) => {}
                Err(RecvError::Lagged(_)) if self.listener.is_some() => {
                    let (beats, state) = self.live.state().await;
                    self.beats = beats;
                    self.next.push_back(state);
                }
                // The next tick says all that those before it have said.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    }
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

/// One event of a stream. What it tells is JSON, which has no line of its own.
fn sse(name: &str, id: &str, json: &str) -> String {
    format!("event: {name}\nid: {id}\ndata: {json}\n\n")
}
