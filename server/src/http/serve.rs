//! The accept loop. `axum::serve` has no timeout for reading a request's head, so that a client which sends
//! it byte by byte holds a connection for ever; here every connection has its deadlines, and a place.

use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection::{attend, http};
use super::connections::{Connections, Place, Terms};

/// Serves `router` until `shutdown`, then lets open requests finish.
pub async fn serve(listener: TcpListener, router: Router, terms: Terms, shutdown: CancellationToken) {
    let http = http();
    let connections = Connections::new(terms);
    let attended = TaskTracker::new();
    loop {
        let (stream, place) = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = accept(&listener, &connections) => match accepted {
                Some(accepted) => accepted,
                None => continue,
            },
        };
        let _ = stream.set_nodelay(true);
        let attending = attend(http.clone(), stream, router.clone(), shutdown.clone());
        attended.spawn(async move {
            attending.await;
            drop(place);
        });
    }
    drop(listener);
    attended.close();
    attended.wait().await;
}

/// The next connection that may stay.
async fn accept(listener: &TcpListener, connections: &Connections) -> Option<(TcpStream, Place)> {
    let room = connections.room().await?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            let place = connections.admit(peer.ip(), room);
            if place.is_none() {
                tracing::debug!(address = %peer.ip(), "A connection was closed: its address has as many as it may");
            }
            Some((stream, place?))
        }
        Err(error) => {
            // Out of file descriptors, most likely: give connections time to close.
            tracing::warn!(error = %error, "Could not accept a connection");
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}
