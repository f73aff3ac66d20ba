//! The accept loop. `axum::serve` has no timeout for reading a request's head, so that a client which sends
//! it byte by byte holds a connection for ever; here every connection has its deadlines, and a place.

use std::net::IpAddr;
use std::time::Duration;

use axum::body::Body;
use http::{Request, Response};
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection::{attend, http};
use super::connections::{Connections, OpenConnection, Terms};

/// Answers requests, and the addresses they come from, with what `answer` says until `shutdown`, then lets open ones finish.
pub async fn serve<A, F>(listener: TcpListener, answer: A, terms: Terms, shutdown: CancellationToken)
where
    A: Fn(Request<Body>, IpAddr) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let http = http(terms.idle, terms.drain);
    let connections = Connections::new(terms);
    let attended = TaskTracker::new();
    loop {
        let (stream, peer, place) = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = accept(&listener, &connections) => match accepted {
                Some(accepted) => accepted,
                None => continue,
            },
        };
        let _ = stream.set_nodelay(true);
        let _ = SockRef::from(&stream).set_tcp_keepalive(&keepalive());
        let answer = answer.clone();
        let answer = move |request| answer(request, peer);
        let attending = attend(http.clone(), stream, answer, shutdown.clone());
        attended.spawn(async move {
            attending.await;
            drop(place);
        });
    }
    drop(listener);
    attended.close();
    attended.wait().await;
}

/// Finds out within a minute that a caller is gone where nobody said so: an API would go on writing for it.
fn keepalive() -> TcpKeepalive {
    TcpKeepalive::new()
        .with_time(Duration::from_secs(30))
        .with_interval(Duration::from_secs(10))
        .with_retries(3)
}

/// The next connection that may stay.
async fn accept(
    listener: &TcpListener,
    connections: &Connections,
) -> Option<(TcpStream, IpAddr, OpenConnection)> {
    let room = connections.room().await?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            let place = connections.admit(peer.ip(), room);
            if place.is_none() {
                tracing::debug!(address = %peer.ip(), "A connection was closed: its address has as many as it may");
            }
            Some((stream, peer.ip(), place?))
        }
        Err(error) => {
            // Out of file descriptors, most likely: give connections time to close.
            tracing::warn!(error = %error, "Could not accept a connection");
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}
