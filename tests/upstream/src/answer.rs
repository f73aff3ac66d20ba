//! An answer: a head, and what happens after it, step by step.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

/// One thing that happens to a body.
#[derive(Debug)]
pub(crate) enum Step {
    /// Bytes are sent, and can be read at once.
    Send {
        bytes: Bytes,
        /// How many tokens were generated for it.
        output_tokens: u64,
        /// The usage that is complete once these bytes are sent.
        usage: Option<Value>,
    },
    /// Time passes.
    Wait(Duration),
    /// Nothing more, until the client goes.
    Silence,
}

impl Step {
    pub fn send(bytes: impl Into<Bytes>) -> Self {
        Step::Send { bytes: bytes.into(), output_tokens: 0, usage: None }
    }
}

/// Where the connection breaks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    /// After so many bytes of body, as encoded.
    pub after: usize,
    /// By a TCP reset.
    pub reset: bool,
}

/// An answer before it is sent.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub steps: VecDeque<Step>,
    /// The pools that generated tokens are counted in.
    pub pools: Vec<String>,
    pub cut: Option<Cut>,
    /// Its end is not said, though all of it is sent.
    pub never_ends: bool,
}

impl Answer {
    pub fn new(status: u16, content_type: &str, steps: impl IntoIterator<Item = Step>) -> Self {
        let mut headers = HeaderMap::new();
        set(&mut headers, "content-type", content_type);
        Answer {
            status,
            headers,
            steps: steps.into_iter().collect(),
            pools: Vec::new(),
            cut: None,
            never_ends: false,
        }
    }

    pub fn json(status: u16, value: &Value) -> Self {
        Answer::new(status, "application/json", [Step::send(value.to_string())])
    }
}

/// Sets a header. A value that no header can hold is left out: there is none among ours.
pub(crate) fn set(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
        headers.insert(name, value);
    }
}
