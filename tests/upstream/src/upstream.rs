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
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::exchange::Exchange;
use crate::service::serve;
use crate::socket::Socket;
use crate::state::State;
use crate::terms::Terms;
use crate::tls;

/// How long [`Upstream::wait_for`] waits before it gives the test up.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running upstream. It stops, and breaks its connections, when it is dropped.
#[derive(Debug)]
pub struct Upstream {
    /// Where it listens, such as `http://127.0.0.1:34567`.
    pub base_url: String,
    ca_pem: Option<String>,
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

    /// Starts on a free port of this machine with TLS, and with HTTP/2 for those who ask for it.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn start_tls(terms: Terms) -> Self {
        Self::on_tls(SocketAddr::from(([127, 0, 0, 1], 0)), terms).await.expect("a port")
    }

    /// Starts on an address. HTTP/1.1, and HTTP/2 for those who begin with it.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn on(listen: SocketAddr, terms: Terms) -> io::Result<Self> {
        Self::listen(listen, terms, None).await
    }

    /// Starts on an address with TLS.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn on_tls(listen: SocketAddr, terms: Terms) -> io::Result<Self> {
        Self::listen(listen, terms, Some(tls::acceptor())).await
    }

    async fn listen(
        listen: SocketAddr,
        terms: Terms,
        tls: Option<(TlsAcceptor, String)>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let base_url = format!("{scheme}://{}", listener.local_addr()?);
        let state = Arc::new(State::new(terms, base_url.clone()));
        let (acceptor, ca_pem) = tls.unzip();
        let accepting = tokio::spawn(accept(listener, state.clone(), acceptor));
        Ok(Upstream { base_url, ca_pem, state, accepting })
    }

    /// The certificate that clients must trust, as PEM; nothing without TLS.
    pub fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
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
async fn accept(listener: TcpListener, state: Arc<State>, tls: Option<TlsAcceptor>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((tcp, _)) = accepted {
                    connections.spawn(connection(tcp, state.clone(), tls.clone()));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// One connection. That it breaks is an end like any other; the exchange knows.
async fn connection(tcp: TcpStream, state: Arc<State>, tls: Option<TlsAcceptor>) {
    // Each event of a stream is a packet of its own, as it is at the API.
    let _ = tcp.set_nodelay(true);
    let reset = Arc::new(AtomicBool::new(false));
    let socket = Socket { tcp, reset: reset.clone() };
    match tls {
        None => speak(socket, state, reset).await,
        Some(tls) => {
            if let Ok(socket) = tls.accept(socket).await {
                speak(socket, state, reset).await;
            }
        }
    }
}

/// Speaks HTTP/1.1 or HTTP/2, as the client begins.
async fn speak(
    socket: impl AsyncRead + AsyncWrite + Unpin + 'static,
    state: Arc<State>,
    reset: Arc<AtomicBool>,
) {
    let service = service_fn(move |request| serve(state.clone(), request, reset.clone()));
    let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(socket), service).await;
}
