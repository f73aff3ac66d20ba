//! One connection, from its first byte to its last.

use std::error::Error;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How long the head of a request may take.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may go without an open request. Over HTTP/1.1 it is [`HEAD_TIMEOUT`]: hyper waits for
/// the next head from the end of the last answer on.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// How long open requests may take once the connection is to be closed.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
const MOST_STREAMS: u32 = 128;
const MOST_HEADERS: usize = 100;
const HEAD_BYTES: u32 = 32 * 1024;

/// How HTTP is spoken.
pub type Http = auto::Builder<TokioExecutor>;

/// HTTP with its deadlines and bounds.
pub fn http() -> Http {
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
    http
}

/// Answers the requests that come over `io`, until it closes, asks for nothing for too long, or `shutdown`.
pub async fn attend<I>(http: Http, io: I, router: Router, shutdown: CancellationToken)
where
    I: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let requests = Requests::default();
    let inner = TowerToHyperService::new(router);
    let service = service_fn(|request| {
        let open = requests.open();
        let answer = inner.call(request);
        async move { answer.await.map(|answer| answer.map(|body| Answering { body, _open: open })) }
    });
    let mut connection = pin!(http.serve_connection(TokioIo::new(io), service));
    tokio::select! {
        ended = connection.as_mut() => return note(ended),
        () = shutdown.cancelled() => {}
        () = requests.cease() => tracing::debug!("A connection is closed: it asks for nothing"),
    }
    // Open requests are finished; of new ones the other side hears that they come too late.
    connection.as_mut().graceful_shutdown();
    match tokio::time::timeout(DRAIN_TIMEOUT, connection).await {
        Ok(ended) => note(ended),
        Err(_) => tracing::warn!("A request was still open after {} s", DRAIN_TIMEOUT.as_secs()),
    }
}

fn note(ended: Result<(), Box<dyn Error + Send + Sync>>) {
    if let Err(error) = ended {
        tracing::debug!(error = %error, "A connection ended early");
    }
}

/// The open requests of one connection.
#[derive(Clone)]
struct Requests(Arc<watch::Sender<usize>>);

/// One of them; it is open until this is dropped.
struct Open(Requests);

impl Default for Requests {
    fn default() -> Self {
        Requests(Arc::new(watch::Sender::new(0)))
    }
}

impl Requests {
    fn open(&self) -> Open {
        self.0.send_modify(|open| *open += 1);
        Open(self.clone())
    }

    /// Ends when none has been open for too long. The first has less time: hyper's own timeout begins once it
    /// knows which version of HTTP is spoken, which a client may never let it find out.
    async fn cease(&self) {
        let mut open = self.0.subscribe();
        let mut patience = HEAD_TIMEOUT;
        loop {
            if *open.borrow_and_update() > 0 {
                let _ = open.changed().await;
            } else if tokio::time::timeout(patience, open.changed()).await.is_err() {
                return;
            }
            patience = IDLE_TIMEOUT;
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.0.send_modify(|open| *open -= 1);
    }
}

/// The body of an answer. Its request is open until all of it is sent.
struct Answering {
    body: Body,
    _open: Open,
}

impl HttpBody for Answering {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests;
