//! A request that has been read.

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::encoding::Encoding;
use crate::error::Failure;
use crate::scenario::{self, Scenario, Word};
use crate::state::State;

/// The most that a body may hold: 32 MB for messages, 256 MB for batches.
pub(crate) fn most_bytes(path: &str) -> usize {
    if path.starts_with("/v1/messages/batches") { 256 << 20 } else { 32 << 20 }
}

/// A request, its body decoded.
#[derive(Debug)]
pub(crate) struct Call {
    pub request_id: String,
    pub method: Method,
    pub path: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// The body as JSON; null when it is none.
    pub json: Value,
    pub scenario: Scenario,
}

impl Call {
    /// Reads a body of any encoding and the scenario.
    pub fn read(
        state: &State,
        request_id: String,
        method: Method,
        path: String,
        headers: HeaderMap,
        body: &Bytes,
    ) -> Result<Self, Failure> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let too_large = || Failure::new(413, "request_too_large", "Request exceeds the maximum size");
        let encoding = text("content-encoding");
        let encoding = Encoding::named(encoding)
            .ok_or_else(|| Failure::invalid(&format!("content-encoding: `{encoding}` is not supported")))?;
        let most = most_bytes(&path);
        let decoded = encoding.decode(body, most as u64 + 1);
        let decoded = decoded.map_err(|_| Failure::invalid("The request body could not be decoded"))?;
        if decoded.len() > most {
            return Err(too_large());
        }
        let json = serde_json::from_slice(&decoded).unwrap_or(Value::Null);
        let asked = text(scenario::HEADER);
        let mut scenario = Scenario::read(asked)?;
        if let Some(attempts) = scenario.attempts {
            let retry_count = text("x-stainless-retry-count").parse().unwrap_or(0);
            let id =
                ["idempotency-key", "x-client-request-id"].map(text).into_iter().find(|id| !id.is_empty());
            let digest = || format!("{:?}", Sha256::digest(&decoded));
            let call = format!("{asked} {}", id.map_or_else(digest, str::to_owned));
            if state.attempt(call).max(retry_count) >= attempts {
                scenario.word = Word::Plain;
            }
        }
        Ok(Call { request_id, method, path, headers, body: decoded, json, scenario })
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// A key of any kind is needed, and the version.
    pub fn authenticate(&self) -> Result<(), Failure> {
        let bearer = self
            .header("authorization")
            .and_then(|value| value.split_once(' '))
            .and_then(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer").then_some(token));
        if self.header("x-api-key").or(bearer).is_none_or(|key| key.trim().is_empty()) {
            return Err(Failure::new(401, "authentication_error", "x-api-key header is required"));
        }
        if self.header("anthropic-version").is_none() {
            return Err(Failure::invalid("anthropic-version: header is required"));
        }
        Ok(())
    }
}
