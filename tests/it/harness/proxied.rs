//! A Tacho whose proxy leads to a made-up API.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jiff::Timestamp;
use serde_json::{Value, json};
use server::clock::Clock;
use upstream::{Exchange, Terms, Upstream};

use super::tacho::{NOON_MS, Tacho};
use super::until;

pub const MODEL: &str = "claude-sonnet-5-5";
pub const API_KEY: &str = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz-WXYZ";

/// What a caller here reads of the head of an answer: more than most do.
const MOST_HEADERS: usize = 2_048;
const MOST_HEAD_BYTES: u32 = 1 << 20;

/// A Tacho, the API behind it, and who calls.
pub struct Proxied {
    pub tacho: Tacho,
    pub upstream: Upstream,
    pub caller: Caller,
    pub api_clock: upstream::Clock,
}

/// Sends calls as they are written, header by header.
#[derive(Clone)]
pub struct Caller {
    client: Client<HttpConnector, Full<Bytes>>,
    pub base_url: String,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Proxied {
    pub async fn start() -> Self {
        Self::with(Terms::default(), &[]).await
    }

    pub async fn with(terms: Terms, environment: &[(&str, &str)]) -> Self {
        Self::under(terms, environment, "", Clock::system()).await
    }

    /// With policies, as `tacho.toml` has them.
    pub async fn policed(terms: Terms, policies: &str) -> Self {
        Self::under(terms, &[], policies, Clock::system()).await
    }

    /// At noon, with both clocks standing still until [`Proxied::advance`].
    pub async fn at_noon(terms: Terms) -> Self {
        let noon = Timestamp::from_millisecond(NOON_MS).expect("a time");
        let terms = Terms { clock: upstream::Clock::manual(noon), ..terms };
        Self::under(terms, &[], "", Clock::manual(NOON_MS)).await
    }

    /// Moves both clocks on.
    pub fn advance(&self, seconds: u64) {
        self.api_clock.advance(Duration::from_secs(seconds));
        self.tacho.advance(seconds);
    }

    /// As in earnest: with TLS, and HTTP/2.
    pub async fn over_tls(terms: Terms) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let directory = tempfile::tempdir().expect("a directory");
        let api_clock = terms.clock.clone();
        let upstream = Upstream::start_tls(terms).await;
        let ca_file = directory.path().join("ca.pem");
        std::fs::write(&ca_file, upstream.ca_pem().expect("a certificate")).expect("a file");
        let ca_file = ca_file.display().to_string();
        let settings = [
            ("TACHO_PROXY_UPSTREAM", upstream.base_url.as_str()),
            ("TACHO_PROXY_UPSTREAM_CA_FILE", ca_file.as_str()),
        ];
        let tacho = Tacho::on(directory, Clock::system(), &settings).await;
        let caller = Caller::new(&format!("{}/proxy", tacho.base_url()));
        Proxied { tacho, upstream, caller, api_clock }
    }

    /// Before an API that is told apart by its address alone.
    pub async fn before(address: &str) -> Self {
        let mut proxied = Self::start().await;
        proxied.tacho = Tacho::with(Clock::system(), &[("TACHO_PROXY_UPSTREAM", address)]).await;
        proxied.caller = Caller::new(&format!("{}/proxy", proxied.tacho.base_url()));
        proxied
    }

    async fn under(terms: Terms, environment: &[(&str, &str)], file: &str, clock: Clock) -> Self {
        let api_clock = terms.clock.clone();
        let upstream = Upstream::start(terms).await;
        let mut settings = vec![("TACHO_PROXY_UPSTREAM", upstream.base_url.as_str())];
        settings.extend(environment);
        let directory = tempfile::tempdir().expect("a directory");
        std::fs::write(directory.path().join("tacho.toml"), file).expect("a file");
        let tacho = Tacho::on(directory, clock, &settings).await;
        let caller = Caller::new(&format!("{}/proxy", tacho.base_url()));
        Proxied { tacho, upstream, caller, api_clock }
    }

    /// Waits until so many events are stored; they come newest first.
    pub async fn events(&self, count: usize) -> Vec<Value> {
        let ask = async || {
            let mut events = Vec::new();
            let mut path = "/v1/events?limit=1000".to_owned();
            loop {
                let page = self.tacho.admin.get(&path).await.json();
                events.extend_from_slice(page["events"].as_array().expect("events"));
                let Some(cursor) = page["next_cursor"].as_str() else { break };
                path = format!("/v1/events?limit=1000&cursor={cursor}");
            }
            (events.len() >= count).then_some(events)
        };
        let events = until(&format!("{count} events"), ask).await;
        assert_eq!(events.len(), count, "{events:#?}");
        events
    }

    /// The one event of the only call there was.
    pub async fn event(&self) -> Value {
        self.events(1).await.remove(0)
    }

    /// The one exchange of the only call there was.
    pub async fn exchange(&self) -> Exchange {
        self.upstream.wait_for(1).await.remove(0)
    }
}

impl Caller {
    pub fn new(base_url: &str) -> Self {
        let client = Client::builder(TokioExecutor::new()).http1_max_headers(MOST_HEADERS).build_http();
        Caller { client, base_url: base_url.to_owned() }
    }

    /// Over HTTP/2, as who knows that it is spoken here.
    pub fn http2(base_url: &str) -> Self {
        let mut builder = Client::builder(TokioExecutor::new());
        let client = builder.http2_only(true).http2_max_header_list_size(MOST_HEAD_BYTES).build_http();
        Caller { client, base_url: base_url.to_owned() }
    }

    pub fn request(&self, method: &str, path: &str) -> http::request::Builder {
        let request = Request::builder().method(method).uri(format!("{}{path}", self.base_url));
        request.header("x-api-key", API_KEY).header("anthropic-version", "2026-10-21")
    }

    /// A call that generates.
    pub fn messages(&self, scenario: &str, stream: bool) -> Request<Full<Bytes>> {
        let body = json!({
            "model": MODEL, "max_tokens": 64, "stream": stream,
            "messages": [{ "role": "user", "content": "How far is it to the moon?" }],
        });
        self.request("POST", "/v1/messages")
            .header("content-type", "application/json")
            .header("x-fake-scenario", scenario)
            .body(Full::from(body.to_string()))
            .expect("a request")
    }

    /// Sends a call and waits for the head of its answer.
    pub async fn begin(&self, request: Request<Full<Bytes>>) -> Response<Incoming> {
        self.try_begin(request).await.expect("an answer")
    }

    /// As [`Self::begin`], for an answer that may not come.
    pub async fn try_begin(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, hyper_util::client::legacy::Error> {
        self.client.request(request).await
    }

    /// Sends a call and waits for all of its answer.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        let (head, body) = self.begin(request).await.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        Answer { status: head.status, headers: head.headers, body }
    }

    /// Sends a call and goes away before its answer begins: as soon as `seen` says so.
    pub async fn abandon(&self, request: Request<Full<Bytes>>, seen: impl Future) -> Instant {
        let asked = self.client.request(request);
        tokio::select! {
            _ = asked => panic!("there was an answer"),
            _ = seen => Instant::now(),
        }
    }
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}
