//! Why Tacho did not start, and what to do about it.

use crate::access::HostError;
use crate::access::PublicUrlError;
use crate::config::limits::WrongLimit;
use crate::http::ListenError;
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
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// Limits could not be taken up.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// A limit in the configuration makes no sense.
    #[error(transparent)]
    Limit(#[from] WrongLimit),
    /// A time zone is not known.
    #[error("unknown time zone `{0}`: use an IANA name such as `UTC` or `Asia/Seoul`")]
    TimeZone(String),
}
