//! The calls that are measured.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderValue, Request};
use http_body_util::Full;

/// A request that can be sent again and again.
pub type Call = Request<Full<Bytes>>;

/// Where calls are sent.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Address and port.
    pub address: SocketAddr,
    /// What comes before the path of the API.
    pub prefix: &'static str,
}

impl Target {
    /// A small call with a small answer.
    pub fn small(&self) -> Result<Call, http::Error> {
        self.call("", SMALL)
    }

    /// The same, with the answer as a stream.
    pub fn stream(&self) -> Result<Call, http::Error> {
        self.call("", STREAM)
    }

    /// A stream that says nothing more after three events.
    pub fn silent_stream(&self) -> Result<Call, http::Error> {
        self.call("silent; after=3", STREAM)
    }

    /// A call with this body; the made-up API looks at `scenario`.
    pub fn call(&self, scenario: &str, body: impl Into<Bytes>) -> Result<Call, http::Error> {
        Request::post(format!("{}/v1/messages", self.prefix))
            .header("host", HeaderValue::try_from(self.address.to_string())?)
            .header("content-type", "application/json")
            .header("anthropic-version", "2026-10-21")
            .header("x-api-key", "sk-ant-api03-this-is-a-benchmark")
            .header("x-fake-scenario", scenario)
            .body(Full::new(body.into()))
    }
}

const SMALL: &str = r#"{"model":"claude-sonnet-5-5","max_tokens":64,"messages":[{"role":"user","content":"How far is it to the moon?"}]}"#;
const STREAM: &str = r#"{"model":"claude-sonnet-5-5","max_tokens":64,"stream":true,"messages":[{"role":"user","content":"How far is it to the moon?"}]}"#;
