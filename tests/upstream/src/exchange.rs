//! What the upstream remembers of every request and of what it answered.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::HeaderMap;
use serde::{Serialize, Serializer};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::sync::watch;

/// How an exchange ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It has not ended yet.
    Open,
    /// All of the answer was handed to the connection.
    Complete,
    /// The client went before that, or the upstream was stopped.
    ClientClosed,
    /// The upstream broke the connection, as the scenario `cut` asks.
    Cut,
}

/// One request and its answer.
#[derive(Debug, Clone, Serialize)]
pub struct Exchange {
    /// As the answer's header `request-id` says.
    pub request_id: String,
    pub method: String,
    pub path_and_query: String,
    /// `HTTP/1.1` or `HTTP/2.0`.
    pub version: String,
    /// Every header received; values that are no text are read as well as can be.
    pub headers: Vec<(String, String)>,
    /// The body as it arrived, encoded as it was, up to the cap of the terms.
    #[serde(serialize_with = "as_text")]
    pub request_body: Bytes,
    /// How long the body was.
    pub request_bytes: u64,
    /// SHA-256 of the whole body, in hexadecimal.
    pub request_sha256: String,
    /// The model asked for.
    pub model: Option<String>,
    /// Whether a stream was asked for.
    pub stream: bool,
    /// The status answered; `None` while, or because, nothing was.
    pub status: Option<u16>,
    /// Every header answered, but for `date` and what frames the body.
    pub answered_headers: Vec<(String, String)>,
    /// The usage that was sent, merged as a client must; `None` when it never was complete.
    pub usage: Option<Value>,
    /// The body as sent, encoded as it was, up to the cap of the terms.
    #[serde(serialize_with = "as_text")]
    pub body_sent: Bytes,
    /// How many bytes of body were sent.
    pub sent_bytes: u64,
    /// SHA-256 of all the bytes sent, in hexadecimal; empty until the exchange has ended.
    pub sent_sha256: String,
    /// The answer's `content-encoding`.
    pub encoding: Option<String>,
    pub outcome: Outcome,
    /// When the request's head had arrived.
    #[serde(skip)]
    pub started: Instant,
    /// When the exchange ended: for a client that went, when that was noticed.
    #[serde(skip)]
    pub ended: Option<Instant>,
    /// From the head's arrival to the end.
    #[serde(rename = "duration_ms", serialize_with = "as_ms")]
    pub duration: Option<Duration>,
}

impl Exchange {
    /// The value of a header received; the last one when there are several.
    pub fn header(&self, name: &str) -> Option<&str> {
        last(&self.headers, name)
    }

    /// The value of a header answered; the last one when there are several.
    pub fn answered(&self, name: &str) -> Option<&str> {
        last(&self.answered_headers, name)
    }

    /// For a client that went: how long after its request's head had arrived this was noticed.
    pub fn closed_after(&self) -> Option<Duration> {
        self.duration.filter(|_| self.outcome == Outcome::ClientClosed)
    }
}

fn last<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().rev().find(|(named, _)| named == name).map(|(_, value)| value.as_str())
}

fn as_text<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&String::from_utf8_lossy(bytes))
}

fn as_ms<S: Serializer>(duration: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    duration.map(|duration| duration.as_secs_f64() * 1_000.0).serialize(serializer)
}

/// Headers as a list of texts.
pub(crate) fn listed(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}

/// Every exchange that is remembered, oldest first.
#[derive(Debug)]
pub(crate) struct Log {
    exchanges: Mutex<VecDeque<Arc<Mutex<Exchange>>>>,
    keep: usize,
    keep_body_bytes: usize,
    ended: watch::Sender<usize>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Log {
    pub fn new(keep: usize, keep_body_bytes: usize) -> Self {
        Log { exchanges: Mutex::default(), keep, keep_body_bytes, ended: watch::Sender::new(0) }
    }

    pub fn all(&self) -> Vec<Exchange> {
        lock(&self.exchanges).iter().map(|exchange| lock(exchange).clone()).collect()
    }

    /// Forgets all, and how many have ended.
    pub fn clear(&self) {
        lock(&self.exchanges).clear();
        self.ended.send_replace(0);
    }

    /// How many exchanges have ended since the start or the last [`Log::clear`].
    pub fn ended(&self) -> watch::Receiver<usize> {
        self.ended.subscribe()
    }

    /// Remembers a new exchange; it ends when the recording is dropped.
    pub fn begin(self: &Arc<Self>, exchange: Exchange) -> Recording {
        let exchange = Arc::new(Mutex::new(exchange));
        if self.keep > 0 {
            let mut exchanges = lock(&self.exchanges);
            if exchanges.len() >= self.keep {
                exchanges.pop_front();
            }
            exchanges.push_back(exchange.clone());
        }
        Recording { log: self.clone(), exchange, sent: Vec::new(), digest: Sha256::new(), outcome: None }
    }
}

/// An exchange under way.
#[derive(Debug)]
pub(crate) struct Recording {
    log: Arc<Log>,
    exchange: Arc<Mutex<Exchange>>,
    sent: Vec<u8>,
    digest: Sha256,
    outcome: Option<Outcome>,
}

impl Recording {
    pub fn note(&self, change: impl FnOnce(&mut Exchange)) {
        change(&mut lock(&self.exchange));
    }

    pub fn request_body(&self, body: &Bytes) {
        let kept = body.slice(..body.len().min(self.log.keep_body_bytes));
        self.note(|exchange| {
            exchange.request_bytes = body.len() as u64;
            exchange.request_sha256 = hexadecimal(&Sha256::digest(body));
            exchange.request_body = kept;
        });
    }

    pub fn sent(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
        let room = self.log.keep_body_bytes.saturating_sub(self.sent.len());
        self.sent.extend_from_slice(&bytes[..bytes.len().min(room)]);
        self.note(|exchange| exchange.sent_bytes += bytes.len() as u64);
    }

    /// Ends the exchange; what is never ended was left by its client.
    pub fn end(&mut self, outcome: Outcome) {
        if self.outcome.is_some() {
            return;
        }
        self.outcome = Some(outcome);
        let ended = Instant::now();
        {
            let mut exchange = lock(&self.exchange);
            exchange.outcome = outcome;
            exchange.ended = Some(ended);
            exchange.duration = Some(ended - exchange.started);
            exchange.body_sent = std::mem::take(&mut self.sent).into();
            exchange.sent_sha256 = hexadecimal(&std::mem::take(&mut self.digest).finalize());
        }
        self.log.ended.send_modify(|count| *count += 1);
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.end(Outcome::ClientClosed);
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
