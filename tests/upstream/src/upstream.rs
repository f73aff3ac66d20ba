//! The running upstream.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use crate::exchange::Exchange;
use crate::service::serve;
use crate::socket::Socket;
use crate::state::State;
use crate::terms::Terms;

/// How long [`Upstream::wait_for`] waits before it gives the test up.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running upstream. It stops, and breaks its connections, when it is dropped.
#[derive(Debug)]
pub struct Upstream {
    /// Where it listens, such as `http://127.0.0.1:34567`.
    pub base_url: String,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

impl Upstream {
    /// Starts on a free port of this machine.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn start(terms: Terms) -> Self {
        Self::on(SocketAddr::from(([127, 0, 0, 1], 0)), terms).await.expect("a port")
    }

    /// Starts on an address.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn on(listen: SocketAddr, terms: Terms) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let base_url = format!("http://{}", listener.local_addr()?);
        let state = Arc::new(State::new(terms, base_url.clone()));
        let accepting = tokio::spawn(accept(listener, state.clone()));
        Ok(Upstream { base_url, state, accepting })
    }

    /// Every exchange remembered, oldest first, with those that have not ended.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.state.log.all()
    }

    /// Waits until so many exchanges have ended, since the start or the last [`Upstream::forget`].
    ///
    /// # Panics
    /// When they have not after half a minute.
    pub async fn wait_for(&self, ended: usize) -> Vec<Exchange> {
        let mut count = self.state.log.ended();
        let waited = tokio::time::timeout(PATIENCE, count.wait_for(|count| *count >= ended)).await;
        assert!(waited.is_ok(), "{ended} exchanges have not ended: {:#?}", self.exchanges());
        self.exchanges()
    }

    /// Forgets the exchanges and how often each call was attempted. Buckets and caches stay as they are.
    pub fn forget(&self) {
        self.state.forget();
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Accepts connections for ever; dropped with all of them.
async fn accept(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((tcp, _)) = accepted else { continue };
                // Each event of a stream is a packet of its own, as it is at the API.
                let _ = tcp.set_nodelay(true);
                let reset = Arc::new(AtomicBool::new(false));
                let socket = Socket { tcp, reset: reset.clone() };
                connections.spawn(connection(socket, state.clone(), reset));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Serves one connection, HTTP/1.1 or HTTP/2.
async fn connection(
    socket: impl AsyncRead + AsyncWrite + Unpin + 'static,
    state: Arc<State>,
    reset: Arc<AtomicBool>,
) {
    let service = service_fn(move |request| serve(state.clone(), request, reset.clone()));
    // A connection that breaks is an end like any other; the exchange knows.
    let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(socket), service).await;
}
