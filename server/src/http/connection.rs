//! One connection, from its first byte to its last.

mod activity;
mod body;
mod noted;

use std::convert::Infallible;
use std::error::Error;
use std::pin::pin;
use std::time::Duration;

use activity::{Activity, Ceased, Patience};
use axum::body::Body;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use noted::Noted;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use crate::proxy;
use crate::wire::head;

/// How long the head of a request may take, from its first byte.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an answer may lie there without being taken.
const UNTAKEN_TIMEOUT: Duration = Duration::from_secs(60);
/// The same for an answer of the API: what its caller does with it is between those two.
const PROXIED_UNTAKEN_TIMEOUT: Duration = Duration::from_secs(15 * 60);
const MOST_STREAMS: u32 = 128;

/// An idle connection is kept so much longer than was asked for: a proxy that keeps its own for as long, as Caddy does,
/// lets go of it first.
const IDLE_MARGIN: Duration = Duration::from_secs(1);

/// How HTTP is spoken.
#[derive(Clone)]
pub struct Http {
    protocol: auto::Builder<TokioExecutor>,
    /// How long a connection may go without a request, margin included.
    idle: Duration,
    /// How long open requests may take once the connection is to be closed.
    drain: Duration,
}

/// HTTP with its deadlines and bounds.
pub fn http(idle: Duration, drain: Duration) -> Http {
    let mut http = auto::Builder::new(TokioExecutor::new());
    // Without hyper's deadline for a head, which begins to run while the connection is idle: see `Activity::cease`.
    http.http1()
        .header_read_timeout(None)
        .max_headers(head::READABLE_HEADERS)
        .max_buf_size(head::READABLE_BYTES);
    http.http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(head::READABLE_BYTES as u32)
        .keep_alive_interval(Duration::from_secs(30));
    Http { protocol: http, idle: idle + IDLE_MARGIN, drain }
}

/// Answers the requests that come over `io` with what `answer` says, until it closes, nothing happens over it for too
/// long, or `shutdown`.
pub async fn attend<I, A, F>(http: Http, io: I, answer: A, shutdown: CancellationToken)
where
    I: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    A: Fn(Request<Body>) -> F,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let activity = Activity::new();
    let service = service_fn(|request: Request<Incoming>| {
        let open = activity.open(proxy::is_call(request.uri()));
        let answer = answer(body::noted(request, &activity));
        async move { Ok::<_, Infallible>(answer.await.map(|body| open.answered_with(body))) }
    });
    let io = TokioIo::new(Noted::new(io, activity.clone()));
    let patience = Patience {
        head: HEAD_TIMEOUT,
        idle: http.idle,
        untaken: UNTAKEN_TIMEOUT,
        untaken_of_api: PROXIED_UNTAKEN_TIMEOUT,
    };
    let mut connection = pin!(http.protocol.serve_connection(io, service));
    tokio::select! {
        ended = connection.as_mut() => return note(ended),
        () = shutdown.cancelled() => {}
        ceased = activity.cease(patience) => if ceased == Ceased::Head {
            tracing::debug!("A connection was closed: the head of a request took more than {} s", HEAD_TIMEOUT.as_secs());
            return;
        },
    }
    // Open requests are finished; of new ones the other side hears that they come too late.
    connection.as_mut().graceful_shutdown();
    match tokio::time::timeout(http.drain, connection).await {
        Ok(ended) => note(ended),
        Err(_) if shutdown.is_cancelled() => {
            tracing::warn!("A request was still open after {} s", http.drain.as_secs());
        }
        Err(_) => tracing::debug!("A connection was closed: nothing happened over it"),
    }
}

fn note(ended: Result<(), Box<dyn Error + Send + Sync>>) {
    if let Err(error) = ended {
        tracing::debug!(error = %error, "A connection ended early");
    }
}

#[cfg(test)]
mod tests;
