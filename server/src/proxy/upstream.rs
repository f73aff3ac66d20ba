//! The way to the API: one address, from the configuration alone, over connections that are used again.

mod lanes;
mod line;
mod no_answer;
mod read_on;
mod tls;

use std::io;
use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Request, Response, Uri, Version};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tower::util::BoxCloneSyncService;
use tower::{BoxError, ServiceExt, service_fn};

use super::request::SentBody;
use crate::secrets::without_credentials;

pub use lanes::Coming;
use lanes::Lanes;
use line::{RawConnection, STALE, was_not_heard};
pub use no_answer::NoAnswer;
use read_on::ReadOn;

/// How long it may take until a connection stands, with its name looked up and its TLS agreed on.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Finds out that the other side is gone where it does not say so.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// Why the way to the API cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// The address is none.
    #[error(
        "`{0}` is no address for [proxy] upstream: it has the form https://api.anthropic.com, without a path"
    )]
    Address(String),
    /// The file of certificates cannot be used.
    #[error("cannot use {path} as [proxy] upstream_ca_file: {reason}")]
    Certificates { path: String, reason: String },
    /// The system's certificates cannot be used.
    #[error("cannot check the certificate of {0}; is the package ca-certificates installed?")]
    NoRoots(String),
}

/// Speaks to the API, over HTTP/2 where it can.
#[derive(Clone)]
pub struct Upstream {
    lanes: Lanes,
    scheme: Scheme,
    authority: Authority,
}

impl Upstream {
    /// The way to `address`, trusting the system's certificates and those in a file.
    pub fn new(address: &str, ca_file: Option<&Path>) -> Result<Self, UpstreamError> {
        let wrong = || UpstreamError::Address(without_credentials(address));
        let uri: Uri = address.trim_end_matches('/').parse().map_err(|_| wrong())?;
        let parts = uri.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else { return Err(wrong()) };
        let is_http = scheme == Scheme::HTTP || scheme == Scheme::HTTPS;
        if !is_http
            || parts.path_and_query.is_some_and(|path| path != "/")
            || authority.as_str().contains('@')
        {
            return Err(wrong());
        }
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEP_ALIVE));
        tcp.set_keepalive_interval(Some(KEEP_ALIVE / 3));
        tcp.set_keepalive_retries(Some(3));
        let tcp = tcp.map_response(|io: TokioIo<TcpStream>| TokioIo::new(ReadOn::new(io.into_inner())));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls::tls(address, ca_file)?)
            .https_or_http()
            .enable_http1()
            .enable_http2()
            .wrap_connector(tcp);
        let connector = BoxCloneSyncService::new(service_fn(move |uri: Uri| {
            let connecting = connector.clone().oneshot(uri);
            async move {
                let secured = timeout(CONNECT_TIMEOUT, connecting).await.map_err(|_| too_late())??;
                Ok(TokioIo::new(RawConnection::new(TokioIo::new(secured))))
            }
        }));
        Ok(Upstream { lanes: Lanes::new(&connector), scheme, authority })
    }

    /// Where it leads.
    pub fn address(&self) -> String {
        format!("{}://{}", self.scheme, self.authority)
    }

    /// Sends a request, whose URI is a path and a query, and waits for the head of the answer. It is sent twice where the
    /// first connection turns out to have been closed before. Dropping what this returns takes the request back.
    pub async fn send(&self, mut request: Request<SentBody>) -> Result<Response<Coming>, NoAnswer> {
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query =
            request.uri().path_and_query().cloned().or(Some(PathAndQuery::from_static("/")));
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
        // What the caller speaks says nothing about what the API does.
        *request.version_mut() = Version::HTTP_11;
        let (head, body) = request.into_parts();
        let (asked, source) = (Instant::now(), body.source());
        let mut sending = pin!(self.lanes.send(Request::from_parts(head.clone(), body)));
        let sent = match timeout(STALE, sending.as_mut()).await {
            Ok(sent) => sent,
            Err(_) => {
                source.forget();
                sending.await
            }
        };
        let again =
            sent.as_ref().err().filter(|error| was_not_heard(error, asked)).and_then(|_| source.again());
        let sent = match again {
            Some(body) => {
                tracing::info!("A connection to the API had been closed; the call is sent over another");
                self.lanes.send_fresh(Request::from_parts(head, body)).await
            }
            None => sent,
        };
        source.forget();
        let answer = sent.map_err(|error| NoAnswer::of(&error))?;
        if answer.status().is_informational() {
            // Nothing was asked that it could be an answer to.
            return Err(NoAnswer::Unreadable(format!("its status is {}", answer.status().as_u16())));
        }
        Ok(answer)
    }
}

fn too_late() -> BoxError {
    io::Error::new(io::ErrorKind::TimedOut, format!("no connection within {} s", CONNECT_TIMEOUT.as_secs()))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_scheme_and_a_host() {
        for address in [
            "https://api.anthropic.com",
            "https://api.anthropic.com/",
            "http://127.0.0.1:9",
            "http://[::1]:9",
        ] {
            assert!(Upstream::new(address, None).is_ok(), "{address}");
        }
        for address in
            ["", "api.anthropic.com", "ftp://x", "https://", "https://x/v1", "https://me@x", "https://x?a=b"]
        {
            assert!(matches!(Upstream::new(address, None), Err(UpstreamError::Address(_))), "{address}");
        }
        let missing = Path::new("no/such/file");
        assert!(matches!(Upstream::new("https://x", Some(missing)), Err(UpstreamError::Certificates { .. })));
    }
}
