//! An API that answers the same each time, as fast as it can, so that the proxies are what is measured and not what
//! they lead to. It reads each request whole and answers with as much as the Claude API does: a small message or a
//! stream of one, usage, every header about limits. Only `request-id` changes, as Tacho knows calls by it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use anyhow::Result;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::serve;

const HEADERS: [(&str, &str); 15] = [
    ("anthropic-organization-id", "5d0e2e2a-6c5b-4b7e-9d55-0f3a6f1c9a01"),
    ("anthropic-workspace-id", "wrkspc_01JwQvzr7rXLA5AGx3HKfFUJ"),
    ("anthropic-ratelimit-requests-limit", "10000"),
    ("anthropic-ratelimit-requests-remaining", "9999"),
    ("anthropic-ratelimit-requests-reset", "2026-11-26T12:00:01Z"),
    ("anthropic-ratelimit-input-tokens-limit", "10000000"),
    ("anthropic-ratelimit-input-tokens-remaining", "10000000"),
    ("anthropic-ratelimit-input-tokens-reset", "2026-11-26T12:00:01Z"),
    ("anthropic-ratelimit-output-tokens-limit", "2000000"),
    ("anthropic-ratelimit-output-tokens-remaining", "2000000"),
    ("anthropic-ratelimit-output-tokens-reset", "2026-11-26T12:00:01Z"),
    ("anthropic-ratelimit-tokens-limit", "12000000"),
    ("anthropic-ratelimit-tokens-remaining", "12000000"),
    ("anthropic-ratelimit-tokens-reset", "2026-11-26T12:00:01Z"),
    ("strict-transport-security", "max-age=31536000; includeSubDomains; preload"),
];

const MESSAGE: &[u8] = br#"{"id":"msg_01XFDUDYJgAACzvnptvVoYEL","type":"message","role":"assistant","model":"claude-sonnet-5-5","content":[{"type":"text","text":"About 384,400 km on average: light takes 1.3 seconds, and the first people took three days."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":16,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":24,"service_tier":"standard","inference_geo":"global"}}"#;

const BEGINNING: [(&str, &str); 3] = [
    (
        "message_start",
        r#""message":{"id":"msg_01XFDUDYJgAACzvnptvVoYEL","type":"message","role":"assistant","model":"claude-sonnet-5-5","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":16,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":1,"service_tier":"standard","inference_geo":"global"}}"#,
    ),
    ("content_block_start", r#""index":0,"content_block":{"type":"text","text":""}"#),
    ("ping", ""),
];
const DELTA: (&str, &str) =
    ("content_block_delta", r#""index":0,"delta":{"type":"text_delta","text":" seconds"}"#);
/// As many deltas as the made-up API of the tests sends.
const DELTAS: usize = 20;
const END: [(&str, &str); 3] = [
    ("content_block_stop", r#""index":0"#),
    (
        "message_delta",
        r#""delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"input_tokens":16,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":24}"#,
    ),
    ("message_stop", ""),
];

/// The events of a stream.
static EVENTS: LazyLock<Vec<Bytes>> = LazyLock::new(|| {
    let event = |(name, fields): (&str, &str)| {
        let comma = if fields.is_empty() { "" } else { "," };
        Bytes::from(format!("event: {name}\ndata: {{\"type\":\"{name}\"{comma}{fields}}}\n\n"))
    };
    BEGINNING.into_iter().chain([DELTA; DELTAS]).chain(END).map(event).collect()
});

/// The headers of every answer.
static HEAD: LazyLock<HeaderMap> = LazyLock::new(|| {
    let header = |(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value));
    HEADERS.into_iter().map(header).collect()
});

/// Serves.
pub async fn run() -> Result<()> {
    serve(answer).await
}

async fn answer(request: Request<Incoming>) -> Result<Response<Events>> {
    let asked = request.into_body().collect().await?.to_bytes();
    let is_stream = asked.windows(13).any(|part| part == br#""stream":true"#);
    let (kind, events) = match is_stream {
        true => ("text/event-stream; charset=utf-8", EVENTS.iter().cloned().collect()),
        false => ("application/json", VecDeque::from([Bytes::from_static(MESSAGE)])),
    };
    let mut answer = Response::new(Events { events, is_flushed: true });
    *answer.headers_mut() = HEAD.clone();
    answer.headers_mut().insert("content-type", HeaderValue::from_static(kind));
    answer.headers_mut().insert("request-id", HeaderValue::try_from(next_id())?);
    Ok(answer)
}

/// Ids that are as long as the API's, and come in order like them.
fn next_id() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("req_011CX{:019}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A body, event by event. Each is a packet of its own, as at the API: in between hyper gets to write what it holds.
struct Events {
    events: VecDeque<Bytes>,
    is_flushed: bool,
}

impl Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if !self.is_flushed {
            self.is_flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.is_flushed = false;
        Poll::Ready(self.events.pop_front().map(|event| Ok(Frame::data(event))))
    }

    fn is_end_stream(&self) -> bool {
        self.events.is_empty()
    }

    /// Known for a message, so that it has a `content-length`.
    fn size_hint(&self) -> SizeHint {
        match self.events.iter().collect::<Vec<_>>()[..] {
            [only] => SizeHint::with_exact(only.len() as u64),
            _ => SizeHint::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn what_is_answered_is_json_with_usage() {
        let message: Value = serde_json::from_slice(MESSAGE).unwrap();
        assert_eq!(message["usage"]["output_tokens"], 24);
        let events: Vec<Value> = EVENTS
            .iter()
            .map(|event| {
                let text = std::str::from_utf8(event).unwrap();
                let (name, data) = text.trim_end().split_once("\ndata: ").unwrap();
                let data: Value = serde_json::from_str(data).unwrap();
                assert_eq!(name.strip_prefix("event: "), data["type"].as_str());
                data
            })
            .collect();
        assert_eq!(events[0]["message"]["usage"]["input_tokens"], 16);
        assert_eq!(events[events.len() - 2]["usage"]["output_tokens"], 24);
    }
}
