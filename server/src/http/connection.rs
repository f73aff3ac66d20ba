//! One connection, from its first byte to its last.

mod activity;

use std::convert::Infallible;
use std::error::Error;
use std::pin::pin;
use std::time::Duration;

use axum::body::Body;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;

use activity::{Activity, Noted};

use crate::proxy;

/// How long the head of a request may take.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may go without an open request, or an answer without being taken. Over HTTP/1.1 the
/// next request has [`HEAD_TIMEOUT`]: hyper waits for its head from the end of the last answer on.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// The same for an answer of the API: what its caller does with it is between those two.
const PROXIED_IDLE_TIMEOUT: Duration = Duration::from_secs(15 * 60);
const MOST_STREAMS: u32 = 128;
const MOST_HEADERS: usize = 100;
const HEAD_BYTES: u32 = 32 * 1024;

/// How HTTP is spoken.
#[derive(Clone)]
pub struct Http {
    protocol: auto::Builder<TokioExecutor>,
    /// How long open requests may take once the connection is to be closed.
    drain: Duration,
}

/// HTTP with its deadlines and bounds.
pub fn http(drain: Duration) -> Http {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_headers(MOST_HEADERS)
        .max_buf_size(HEAD_BYTES as usize);
    http.http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(HEAD_BYTES)
        .keep_alive_interval(Duration::from_secs(30));
    Http { protocol: http, drain }
}

/// Answers the requests that come over `io` with what `answer` says, until it closes, nothing happens over it for too
/// long, or `shutdown`.
pub async fn attend<I, A, F>(http: Http, io: I, answer: A, shutdown: CancellationToken)
where
    I: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    A: Fn(Request<Incoming>) -> F,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let activity = Activity::new();
    let service = service_fn(|request: Request<Incoming>| {
        let open = activity.open(proxy::is_call(request.uri()));
        let answer = answer(request);
        async move { Ok::<_, Infallible>(answer.await.map(|body| open.answered_with(body))) }
    });
    let io = TokioIo::new(Noted { io, activity: activity.clone() });
    let mut connection = pin!(http.protocol.serve_connection(io, service));
    tokio::select! {
        ended = connection.as_mut() => return note(ended),
        () = shutdown.cancelled() => {}
        () = activity.cease(HEAD_TIMEOUT, IDLE_TIMEOUT, PROXIED_IDLE_TIMEOUT) => {}
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
