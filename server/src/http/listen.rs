//! The address that Tacho listens on.

use std::net::SocketAddr;

use tokio::net::TcpListener;

/// Why an address cannot be listened on.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The system refuses.
    #[error("cannot listen on {address}: {source}. {remedy}")]
    Refused {
        address: String,
        /// What the system said.
        source: std::io::Error,
        /// What to do about it.
        remedy: &'static str,
    },
    /// Listening beyond this machine is not allowed yet.
    #[error(
        "refusing to listen on {0}: everybody on the network could try to sign in. Listen on 127.0.0.1 and put a TLS proxy in front, or set `allow_remote = true` (TACHO_ALLOW_REMOTE=true) when that is what you want"
    )]
    Remote(SocketAddr),
}

/// Listens on `address`; beyond this machine only where that is allowed.
pub async fn listen(address: &str, allow_remote: bool) -> Result<TcpListener, ListenError> {
    let addresses: Vec<_> =
        tokio::net::lookup_host(address).await.map_err(|error| ListenError::new(address, error))?.collect();
    if let Some(remote) = addresses.iter().find(|address| !address.ip().is_loopback())
        && !allow_remote
    {
        return Err(ListenError::Remote(*remote));
    }
    // Those that were looked at: a name may lead elsewhere a moment later.
    TcpListener::bind(addresses.as_slice()).await.map_err(|error| ListenError::new(address, error))
}

impl ListenError {
    /// Of what the system said.
    pub fn new(address: &str, source: std::io::Error) -> Self {
        let remedy = match source.kind() {
            std::io::ErrorKind::AddrInUse => {
                "Another program uses this port: stop it, or choose another with --listen 127.0.0.1:8788 (port 0 takes a \
             free one)"
            }
            std::io::ErrorKind::PermissionDenied => {
                "Ports below 1024 need privileges: choose a higher one with --listen"
            }
            _ => "The form is ADDRESS:PORT, such as 127.0.0.1:8787",
        };
        ListenError::Refused { address: address.to_owned(), source, remedy }
    }
}
