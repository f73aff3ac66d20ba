//! Why Tacho did not start, and what to do about it.

use std::net::SocketAddr;

use crate::access::PublicUrlError;
use crate::http::HostError;
use crate::proxy::{OriginError, UpstreamError};
use crate::record::recorder::RecordError;
use crate::store::StoreError;

/// Why Tacho did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The storage cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Calls could not be passed on.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// Origins that are none.
    #[error(transparent)]
    Origin(#[from] OriginError),
    /// An address for people that is none.
    #[error(transparent)]
    PublicUrl(#[from] PublicUrlError),
    /// Hosts that are none.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}. {remedy}")]
    Listen {
        /// The address.
        address: String,
        /// What the system said.
        source: std::io::Error,
        /// What to do about it.
        remedy: &'static str,
    },
    /// Limits could not be taken up.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A limit in the configuration makes no sense.
    #[error("{0}")]
    Limit(String),
    /// A time zone is not known.
    #[error("unknown time zone `{0}`: use an IANA name such as `UTC` or `Asia/Seoul`")]
    TimeZone(String),
    /// Listening beyond this machine is not allowed yet.
    #[error(
        "refusing to listen on {0}: everybody on the network could try to sign in. Listen on 127.0.0.1 and put a TLS proxy in front, or set `allow_remote = true` (TACHO_ALLOW_REMOTE=true) when that is what you want"
    )]
    Remote(SocketAddr),
}
