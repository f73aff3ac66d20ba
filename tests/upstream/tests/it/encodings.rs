//! Encodings hold the same bytes, both ways.

use std::io::{Read, Write};

use serde_json::json;
use upstream::{Terms, Upstream};

use crate::harness::{events, get, header, merged, post, streamed};

fn decoded(encoding: &str, bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::new();
    let read = match encoding {
        "identity" => std::io::Cursor::new(bytes).read_to_end(&mut decoded),
        "gzip" => flate2::read::GzDecoder::new(bytes).read_to_end(&mut decoded),
        "deflate" => flate2::read::ZlibDecoder::new(bytes).read_to_end(&mut decoded),
        "br" => brotli::Decompressor::new(bytes, 4096).read_to_end(&mut decoded),
        "zstd" => zstd::stream::read::Decoder::new(bytes).unwrap().read_to_end(&mut decoded),
        other => panic!("{other}"),
    };
    read.unwrap();
    decoded
}

#[tokio::test]
async fn every_encoding_decodes_to_the_same_bytes() {
    let upstream = Upstream::start(Terms::default()).await;
    let mut files = Vec::new();
    let mut usages = Vec::new();
    for encoding in ["identity", "gzip", "deflate", "br", "zstd"] {
        let file = get(&upstream, "/v1/files/file_1/content").header("accept-encoding", encoding);
        let file = file.send().await.unwrap();
        assert_eq!(header(&file, "content-encoding").unwrap_or("identity"), encoding);
        files.push(decoded(encoding, &file.bytes().await.unwrap()));

        let stream = post(&upstream, "/v1/messages", &streamed()).header("accept-encoding", encoding);
        let received = stream.send().await.unwrap().bytes().await.unwrap();
        let text = String::from_utf8(decoded(encoding, &received)).unwrap();
        usages.push(merged(&events(&text)));
        let exchange = upstream.wait_for(files.len() * 2).await.pop().unwrap();
        assert_eq!((exchange.body_sent, exchange.sent_bytes), (received.clone(), received.len() as u64));
    }
    assert!(files.iter().all(|file| *file == files[0]));
    assert_eq!(files[0].len(), 64 << 10);
    assert!(usages.iter().all(|usage| *usage == usages[0]));
}

#[tokio::test]
async fn an_encoded_stream_shows_each_event_when_it_is_sent() {
    let upstream = Upstream::start(Terms::default()).await;
    for encoding in ["gzip", "deflate", "br", "zstd"] {
        let request = post(&upstream, "/v1/messages", &streamed()).header("accept-encoding", encoding);
        let mut response = request.header("x-fake-scenario", "silent; after=3").send().await.unwrap();
        let mut received = Vec::new();
        // Nothing more comes after the third event, so it must be readable before the end.
        loop {
            let chunk = response.chunk().await.unwrap().expect("more");
            received.extend_from_slice(&chunk);
            let mut text = Vec::new();
            let mut reader: Box<dyn Read> = match encoding {
                "gzip" => Box::new(flate2::read::GzDecoder::new(received.as_slice())),
                "deflate" => Box::new(flate2::read::ZlibDecoder::new(received.as_slice())),
                "br" => Box::new(brotli::Decompressor::new(received.as_slice(), 1)),
                _ => Box::new(zstd::stream::read::Decoder::new(received.as_slice()).unwrap()),
            };
            // The end is missing, which is an error after all that can be read was read.
            let _ = reader.read_to_end(&mut text);
            if text.ends_with(b"event: ping\ndata: {\"type\":\"ping\"}\n\n") {
                break;
            }
        }
    }
}

#[tokio::test]
async fn requests_may_be_encoded() {
    let upstream = Upstream::start(Terms::default()).await;
    let body = streamed().to_string();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(body.as_bytes()).unwrap();
    let zstd = zstd::encode_all(body.as_bytes(), 3).unwrap();
    for (encoding, encoded) in [("gzip", gzip.finish().unwrap()), ("zstd", zstd)] {
        let request = post(&upstream, "/v1/messages", &json!(null)).header("content-encoding", encoding);
        let response = request.body(encoded.clone()).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.bytes().await.unwrap();
        let exchange = upstream.exchanges().pop().unwrap();
        assert_eq!(exchange.request_body, encoded);
        assert!(exchange.stream);
    }
    let request = post(&upstream, "/v1/messages", &json!(null)).header("content-encoding", "lzma");
    assert_eq!(request.body("?").send().await.unwrap().status(), 400);
}
