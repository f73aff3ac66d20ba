//! The usage of a request, worked out from its bytes: four of them are a token.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Bytes of a request per token.
const TOKEN_BYTES: usize = 4;

/// Prefixes of prompts that are cached, by digest, and until when.
pub(crate) type Cache = HashMap<[u8; 32], Timestamp>;

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
    pub fn of(cache: &Cache, now: Timestamp, model: &str, body: &[u8]) -> Self {
        let mut input = Input::default();
        let mut counted = 0;
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
        input.uncached = (tokens(body.len()) - counted).max(1);
        input
    }

    /// Leaves in the cache what this request caches.
    pub fn remember(&self, cache: &mut Cache) {
        cache.extend(self.prefixes.iter().copied());
    }

    /// What counts against the limit of input: cache reads do not.
    pub fn counted(&self) -> u64 {
        self.uncached + self.written_5m + self.written_1h
    }

    /// What it takes of committed capacity, where tokens weigh as they cost.
    pub fn burned(&self) -> u64 {
        let hundredths = self.uncached * 100 + self.written_5m * 125 + self.written_1h * 200 + self.read * 10;
        hundredths.div_ceil(100)
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

/// Where each block with a `cache_control` ends, and whether it is cached for an hour. In a string a quote is escaped,
/// so that text about the field is not taken for it.
fn breakpoints(body: &[u8]) -> Vec<(usize, bool)> {
    const FIELD: &[u8] = b"\"cache_control\":";
    let starts = (0..body.len()).filter(|start| body[*start..].starts_with(FIELD));
    let breakpoint = |start: usize| {
        let value = start + FIELD.len();
        let object = body[value..].trim_ascii_start().starts_with(b"{");
        let end = value + body[value..].iter().position(|byte| *byte == b'}')?;
        let hour = body[value..end].windows(4).any(|word| word == b"\"1h\"");
        object.then(|| (block_end(body, value), hour))
    };
    starts.filter_map(breakpoint).collect()
}

/// Where the object ends that the place is in.
fn block_end(body: &[u8], place: usize) -> usize {
    let (mut depth, mut in_string, mut escaped) = (1_u32, false, false);
    for (at, byte) in body.iter().enumerate().skip(place) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    body.len()
}
