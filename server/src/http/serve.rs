//! The accept loop. `axum::serve` has no timeout for reading a request's head, so that a client which sends
//! it byte by byte holds a connection for ever; this one has.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
const MOST_CONNECTIONS: usize = 1_024;
const MOST_STREAMS: u32 = 128;
/// How long open requests may take once Tacho is stopping.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// Serves `router` until `shutdown`, then lets open requests finish.
pub async fn serve(listener: TcpListener, router: Router, shutdown: CancellationToken) {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_headers(100)
        .max_buf_size(32 * 1024);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MOST_STREAMS)
        .max_header_list_size(32 * 1024)
        .keep_alive_interval(Duration::from_secs(30));
    let connections = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let graceful = GracefulShutdown::new();

    loop {
        let (stream, room) = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = accept(&listener, &connections) => match accepted {
                Some(accepted) => accepted,
                None => continue,
            },
        };
        let _ = stream.set_nodelay(true);
        let begun = Arc::new(AtomicBool::new(false));
        let inner = TowerToHyperService::new(router.clone());
        let service = service_fn({
            let begun = begun.clone();
            move |request| {
                begun.store(true, Ordering::Relaxed);
                inner.call(request)
            }
        });
        let connection = graceful.watch(builder.serve_connection(TokioIo::new(stream), service).into_owned());
        tokio::spawn(async move {
            tokio::select! {
                ended = connection => if let Err(error) = ended {
                    tracing::debug!(error = %error, "A connection ended early");
                },
                () = silence(&begun) => tracing::debug!("A connection was closed: it asked for nothing"),
            }
            drop(room);
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!("Some requests were still open after {} s", DRAIN_TIMEOUT.as_secs());
    }
}

/// Ends when no request has come in time. Hyper's own timeout begins once it knows which version of HTTP is
/// spoken, which a client may never let it find out.
async fn silence(begun: &AtomicBool) {
    tokio::time::sleep(HEAD_TIMEOUT).await;
    if begun.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
}

async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> Option<(tokio::net::TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let room = connections.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, room)),
        Err(error) => {
            // Out of file descriptors, most likely: give connections time to close.
            tracing::warn!(error = %error, "Could not accept a connection");
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}
