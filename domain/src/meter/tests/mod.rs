//! What a meter says, whatever way the bytes come. `tests/fixtures/streams` holds responses and what they used.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use serde_json::{Value, json};

use super::*;
use crate::usage::{ApiFailure, Remarks, Usage};

mod bodies;
mod cuts;
mod encodings;
mod fixtures;
mod hostile;
mod oracle;
mod splits;
mod streams;
mod writes;

/// A response as it was recorded.
struct Recorded {
    name: String,
    endpoint: Endpoint,
    content_type: &'static str,
    bytes: Vec<u8>,
    /// What it says, as JSON.
    expected: String,
}

impl Recorded {
    /// Every `NAME.sse`, `NAME.json` and `NAME.jsonl` in `tests/fixtures/streams`.
    fn all() -> Vec<Recorded> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/streams");
        let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let recorded = paths.filter_map(|path| {
            let file = path.file_name()?.to_str()?;
            let (name, kind) = file.split_once('.')?;
            let (endpoint, content_type) = match kind {
                "sse" => (Endpoint::Messages, "text/event-stream; charset=utf-8"),
                "json" => (Endpoint::Messages, "application/json"),
                "jsonl" => (Endpoint::BatchResults, "application/x-jsonl"),
                _ => return None,
            };
            let expected = path.with_file_name(format!("{name}.expected.json"));
            Some(Recorded {
                name: name.to_owned(),
                endpoint,
                content_type,
                bytes: std::fs::read(&path).unwrap(),
                expected: std::fs::read_to_string(expected).unwrap(),
            })
        });
        let recorded: Vec<_> = recorded.collect();
        assert!(recorded.len() >= 20);
        recorded
    }

    fn named(name: &str) -> Recorded {
        Recorded::all().into_iter().find(|recorded| recorded.name == name).unwrap()
    }

    /// What a meter says when the response comes in these pieces.
    fn metered<'a>(
        &self,
        encoding: &Encoding,
        pieces: impl IntoIterator<Item = &'a [u8]>,
    ) -> (Metered, bool) {
        feed(new_meter(self.endpoint, false, 200, Some(self.content_type), encoding.header), pieces)
    }
}

/// A meter for a response with these headers, within the bounds that hold unless they are set.
fn new_meter(
    endpoint: Endpoint,
    asks_for_stream: bool,
    status: u16,
    content_type: Option<&str>,
    content_encoding: Option<&str>,
) -> UsageMeter {
    let bounds = Bounds::default();
    UsageMeter::new(endpoint, asks_for_stream, status, content_type, content_encoding, bounds)
}

/// Feeds pieces to a meter, taking items as they come. Says what it metered, and whether output had begun.
fn feed<'a>(mut meter: UsageMeter, pieces: impl IntoIterator<Item = &'a [u8]>) -> (Metered, bool) {
    let mut items = Vec::new();
    for piece in pieces {
        meter.feed(piece);
        items.append(&mut meter.take_items());
    }
    let has_begun_output = meter.has_begun_output();
    let mut metered = meter.finish();
    items.append(&mut metered.items);
    metered.items = items;
    (metered, has_begun_output)
}

/// What a stream in plain bytes says.
fn stream(bytes: &[u8]) -> Metered {
    feed(new_meter(Endpoint::Messages, false, 200, Some("text/event-stream"), None), [bytes]).0
}

/// What a body in plain bytes says.
fn body(endpoint: Endpoint, status: u16, bytes: &[u8]) -> Metered {
    feed(new_meter(endpoint, false, status, Some("application/json"), None), [bytes]).0
}

/// A way to encode a response.
struct Encoding {
    header: Option<&'static str>,
    encode: fn(&[u8]) -> Vec<u8>,
}

const IDENTITY: Encoding = Encoding { header: None, encode: <[u8]>::to_vec };

const ENCODINGS: [Encoding; 5] = [
    Encoding { header: Some("gzip"), encode: gzip },
    Encoding { header: Some("deflate"), encode: zlib },
    Encoding { header: Some("Deflate"), encode: raw_deflate },
    Encoding { header: Some("br"), encode: brotli },
    Encoding { header: Some("zstd"), encode: zstd },
];

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn zlib(plain: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn raw_deflate(plain: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn brotli(plain: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::new();
    let parameters = ::brotli::enc::BrotliEncoderParams { quality: 5, ..Default::default() };
    ::brotli::BrotliCompress(&mut &plain[..], &mut encoded, &parameters).unwrap();
    encoded
}

fn zstd(plain: &[u8]) -> Vec<u8> {
    ::zstd::encode_all(plain, 3).unwrap()
}

/// What was metered, in the words of the `NAME.expected.json` files.
fn told(metered: &Metered) -> Value {
    let failure = |failure: &Option<ApiFailure>| {
        failure.as_ref().map(|failure| json!({"kind": failure.kind, "code": failure.code}))
    };
    let unreadable =
        |remarks: &Remarks| remarks.iter().map(|remark| remark.field.clone()).collect::<Vec<_>>();
    let items = metered.items.iter().map(|item| {
        json!({
            "message_id": item.message_id, "model": item.model, "usage": item.usage,
            "iterations": item.iterations, "stop_reason": item.stop_reason,
            "service_tier": format!("{:?}", item.service_tier), "fast": item.fast, "geo_us": item.geo_us,
            "outcome": format!("{:?}", item.outcome), "failure": failure(&item.failure),
            "unreadable": unreadable(&item.remarks),
        })
    });
    json!({
        "usage": metered.usage, "iterations": metered.iterations, "model": metered.model,
        "message_id": metered.message_id, "stop_reason": metered.stop_reason,
        "service_tier": format!("{:?}", metered.service_tier), "fast": metered.fast, "geo_us": metered.geo_us,
        "failure": failure(&metered.failure), "is_complete": metered.is_complete,
        "streamed": metered.streamed, "generated_bytes": metered.generated_bytes,
        "items": items.collect::<Vec<_>>(), "items_skipped": metered.items_skipped,
        "fault": metered.fault.map(|fault| format!("{fault:?}")), "unreadable": unreadable(&metered.remarks),
    })
}

fn used(input_tokens: Option<u64>, output_tokens: Option<u64>) -> Usage {
    Usage { input_tokens, output_tokens, ..Usage::default() }
}
