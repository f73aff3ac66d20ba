//! The usage of a request, worked out from its bytes: four of them are a token.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::state::State;

/// Bytes of a request per token.
const TOKEN_BYTES: usize = 4;

/// The input of a request.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Input {
    pub uncached: u64,
    pub written_5m: u64,
    pub written_1h: u64,
    pub read: u64,
    /// What is cached once the request is let in, and until when.
    prefixes: Vec<([u8; 32], Timestamp)>,
}

impl Input {
    /// The input of a body. A prompt is cached up to each `cache_control`, for five minutes or an hour; what an
    /// earlier request left in the cache is read.
    pub fn of(state: &State, model: &str, body: &[u8]) -> Self {
        let now = state.now();
        let mut input = Input::default();
        let mut counted = 0;
        {
            let cache = state.cache();
            for (end, hour) in breakpoints(body) {
                let digest: [u8; 32] =
                    Sha256::new_with_prefix(model).chain_update(&body[..end]).finalize().into();
                let tokens = tokens(end) - counted;
                counted += tokens;
                if cache.get(&digest).is_some_and(|until| *until > now) {
                    // The longest prefix that is known covers those before it.
                    input.read = counted;
                    (input.written_5m, input.written_1h) = (0, 0);
                } else if hour {
                    input.written_1h += tokens;
                } else {
                    input.written_5m += tokens;
                }
                let minutes = if hour { 60 } else { 5 };
                input.prefixes.push((digest, now + SignedDuration::from_mins(minutes)));
            }
        }
        input.uncached = (tokens(body.len()) - counted).max(1);
        input
    }

    /// Leaves in the cache what this request caches.
    pub fn remember(&self, state: &State) {
        state.cache().extend(self.prefixes.iter().copied());
    }

    /// What counts against the limit of input: cache reads do not.
    pub fn counted(&self) -> u64 {
        self.uncached + self.written_5m + self.written_1h
    }

    /// All of the prompt.
    pub fn total(&self) -> u64 {
        self.counted() + self.read
    }

    /// `usage` as a message carries it.
    pub fn usage(&self, output_tokens: u64, service_tier: &str) -> Value {
        json!({
            "input_tokens": self.uncached,
            "cache_creation_input_tokens": self.written_5m + self.written_1h,
            "cache_read_input_tokens": self.read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": self.written_5m,
                "ephemeral_1h_input_tokens": self.written_1h,
            },
            "output_tokens": output_tokens,
            "service_tier": service_tier,
            "inference_geo": "global",
        })
    }

    /// One entry of `usage.iterations`.
    pub fn iteration(&self, kind: &str, output_tokens: u64) -> Value {
        json!({
            "type": kind,
            "input_tokens": self.uncached,
            "cache_creation_input_tokens": self.written_5m + self.written_1h,
            "cache_read_input_tokens": self.read,
            "cache_creation": {
                "ephemeral_5m_input_tokens": self.written_5m,
                "ephemeral_1h_input_tokens": self.written_1h,
            },
            "output_tokens": output_tokens,
        })
    }
}

fn tokens(bytes: usize) -> u64 {
    bytes.div_ceil(TOKEN_BYTES) as u64
}

/// Where each `cache_control` begins, and whether it is for an hour. In a string a quote is escaped, so that text
/// about the field is not taken for it.
fn breakpoints(body: &[u8]) -> Vec<(usize, bool)> {
    const FIELD: &[u8] = b"\"cache_control\"";
    let starts = memory_find(body, FIELD);
    let hour = |start: usize| {
        let object = &body[start + FIELD.len()..];
        let end = object.iter().position(|byte| *byte == b'}').unwrap_or(object.len());
        !memory_find(&object[..end], b"\"1h\"").is_empty()
    };
    let null = |start: usize| {
        let value = &body[start + FIELD.len()..];
        let value = value.iter().copied().find(|byte| *byte != b':' && !byte.is_ascii_whitespace());
        value != Some(b'{')
    };
    starts.into_iter().filter(|start| !null(*start)).map(|start| (start, hour(start))).collect()
}

fn memory_find(bytes: &[u8], wanted: &[u8]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(quote) = bytes[from..].iter().position(|byte| *byte == wanted[0]) {
        from += quote;
        if bytes[from..].starts_with(wanted) {
            found.push(from);
        }
        from += 1;
    }
    found
}
