//! The webhook: a signed POST, by Standard Webhooks 1.0.0.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect;
use url::Url;

use super::without_address;
use crate::alert::address::{AddressError, AllowedAddresses, Destination, Resolver, check_url};
use crate::alert::outbox::Due;
use crate::alert::schedule::DeliveryOutcome;
use crate::wire::retry_after;

/// Its word.
pub const KIND: &str = "webhook";

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// For everything, the answer's body included.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(15);
/// Read of an answer at most; then the connection is dropped.
const MOST_READ: usize = 8 * 1024;
/// Kept of an answer.
const MOST_KEPT: usize = 1_024;

/// Sends webhooks.
pub struct Sender {
    /// One per destination: a connection that is kept open was opened for it.
    clients: [(Destination, reqwest::Client); 3],
    addresses: Arc<AllowedAddresses>,
}

/// How sending ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// For the schedule.
    pub outcome: DeliveryOutcome,
    /// The receiver's status, if it answered.
    pub status: Option<u16>,
    /// What went wrong, as a word; empty if nothing did.
    pub error: &'static str,
    /// The first bytes of the answer, as text.
    pub response: String,
}

impl Sender {
    /// A sender that connects only to the addresses that are allowed.
    pub fn new(addresses: Arc<AllowedAddresses>) -> Result<Self, reqwest::Error> {
        // An error says that it was chosen before: there is one choice.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = |destination| -> Result<_, reqwest::Error> {
            let client = reqwest::Client::builder()
                .user_agent(concat!("Tacho/", env!("CARGO_PKG_VERSION")))
                .dns_resolver(Arc::new(Resolver(addresses.clone(), destination)))
                .redirect(redirect::Policy::none())
                .no_proxy()
                .connect_timeout(CONNECT_TIMEOUT)
                .timeout(TOTAL_TIMEOUT)
                .pool_max_idle_per_host(1)
                .build()?;
            Ok((destination, client))
        };
        let clients =
            [client(Destination::OwnNetworks)?, client(Destination::Public)?, client(Destination::Both)?];
        Ok(Sender { clients, addresses })
    }

    /// Makes one attempt at `now_ms`.
    pub async fn send(&self, due: &Due, now_ms: i64) -> Sent {
        // The address may have become another one since it was saved.
        let Ok(url) = check_url(&due.channel.url, &self.addresses) else { return failed("refused_address") };
        let destination = self.addresses.destination(&url);
        let Some((_, client)) = self.clients.iter().find(|(known, _)| *known == destination) else {
            return failed("refused_address");
        };
        let timestamp_s = now_ms.div_euclid(1_000);
        let request = client
            .post(url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &due.message_id)
            .header("webhook-timestamp", timestamp_s)
            .header("webhook-signature", due.channel.secret.sign(&due.message_id, timestamp_s, &due.body))
            .body(due.body.clone());
        match request.send().await {
            Ok(response) => read(response, &url, now_ms).await,
            Err(error) => failed(class(&error)),
        }
    }
}

async fn read(response: reqwest::Response, url: &Url, now_ms: i64) -> Sent {
    let status = response.status().as_u16();
    let retry_after = retry_after(response.headers(), now_ms);
    let mut body = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(Ok(chunk)) = chunks.next().await {
        body.extend_from_slice(&chunk[..chunk.len().min(MOST_READ - body.len())]);
        if body.len() >= MOST_READ {
            break;
        }
    }
    let mut kept = without_address(&String::from_utf8_lossy(&body), url);
    kept.truncate(kept.floor_char_boundary(MOST_KEPT));
    Sent {
        outcome: DeliveryOutcome::Answered { status, retry_after },
        status: Some(status),
        error: if (200..300).contains(&status) { "" } else { "status" },
        response: kept,
    }
}

pub(super) fn failed(error: &'static str) -> Sent {
    Sent { outcome: DeliveryOutcome::Failed, status: None, error, response: String::new() }
}

/// What kind of failure it was. The exact text stays in Tacho: it would tell what listens inside the network.
fn class(error: &reqwest::Error) -> &'static str {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner.is::<AddressError>() {
            return "refused_address";
        }
        cause = inner.source();
    }
    if error.is_timeout() { "timeout" } else { "connection" }
}
