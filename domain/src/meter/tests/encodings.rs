//! Encodings: several at once, in members, unknown, damaged, and bombs.

use super::*;

/// What a plain stream says when it comes with this header and these bytes.
fn metered(encoding: &str, bytes: &[u8]) -> Metered {
    feed(new_meter(Endpoint::Messages, false, 200, Some("text/event-stream"), Some(encoding)), [bytes]).0
}

fn plain() -> Vec<u8> {
    Recorded::named("plain").bytes
}

#[test]
fn several_encodings_are_undone_the_last_first() {
    let plain = plain();
    let whole = stream(&plain);
    assert_eq!(metered("gzip, br", &brotli(&gzip(&plain))), whole);
    assert_eq!(metered("br,identity , X-GZIP", &gzip(&brotli(&plain))), whole);
    assert_eq!(metered("deflate, zstd, gzip", &gzip(&zstd(&raw_deflate(&plain)))), whole);
    for (none, bytes) in [("", &plain), ("identity", &plain), (" , ", &plain)] {
        assert_eq!(metered(none, bytes), whole);
    }
    assert_eq!(metered("gzip,gzip,gzip,gzip,gzip", &plain).fault, Some(Fault::UnknownEncoding));
}

#[test]
fn members_and_frames_follow_one_another() {
    let plain = plain();
    let whole = stream(&plain);
    for cut in [0, 1, 500, plain.len()] {
        let (head, tail) = plain.split_at(cut);
        assert_eq!(metered("gzip", &[gzip(head), gzip(tail)].concat()), whole, "{cut}");
        assert_eq!(metered("zstd", &[zstd(head), zstd(tail)].concat()), whole, "{cut}");
    }
}

#[test]
fn every_part_of_a_gzip_header_is_passed_over() {
    let plain = plain();
    let whole = stream(&plain);
    let bare = gzip(&plain);
    for flags in 0..32_u8 {
        let mut bytes = bare[..10].to_vec();
        bytes[3] = flags;
        for (flag, part) in [(4, &b"\x03\x00abc"[..]), (8, b"name\0"), (16, b"comment\0"), (2, b"\x12\x34")] {
            if flags & flag != 0 {
                bytes.extend_from_slice(part);
            }
        }
        bytes.extend_from_slice(&bare[10..]);
        assert_eq!(metered("gzip", &bytes), whole, "{flags}");
        let meter = new_meter(Endpoint::Messages, false, 200, Some("text/event-stream"), Some("gzip"));
        assert_eq!(feed(meter, bytes.chunks(1)).0, whole, "{flags}");
    }
    let mut empty_extra = bare.clone();
    empty_extra[3] = 4;
    empty_extra.splice(10..10, [0, 0]);
    assert_eq!(metered("gzip", &empty_extra), whole);
}

#[test]
fn bytes_behind_the_end_are_passed_over() {
    let plain = plain();
    let whole = stream(&plain);
    for (encoding, mut bytes) in [
        ("gzip", gzip(&plain)),
        ("deflate", zlib(&plain)),
        ("deflate", raw_deflate(&plain)),
        ("br", brotli(&plain)),
    ] {
        bytes.extend_from_slice(b"\0\0 behind");
        assert_eq!(metered(encoding, &bytes), whole, "{encoding}");
    }
}

#[test]
fn an_encoding_that_is_unknown_leaves_the_usage_unknown() {
    for encoding in ["compress", "gzip, aws-chunked", "gzip;q=1", "brotli"] {
        let metered = metered(encoding, &plain());
        assert_eq!(metered.fault, Some(Fault::UnknownEncoding), "{encoding}");
        assert_eq!(metered.usage, Usage::default());
    }
}

#[test]
fn a_wrong_label_leaves_the_usage_unknown() {
    for encoding in ["gzip", "deflate", "br", "zstd"] {
        let metered = metered(encoding, &plain());
        assert_eq!(metered.fault, Some(Fault::Undecodable), "{encoding}");
        assert_eq!(metered.usage, Usage::default());
    }
    let unlabelled = body(Endpoint::Messages, 200, &gzip(&Recorded::named("message").bytes));
    assert_eq!(unlabelled.fault, Some(Fault::Malformed));
    assert_eq!(unlabelled.usage, Usage::default());
}

#[test]
fn a_damaged_member_leaves_the_usage_unknown() {
    let whole = gzip(&plain());
    for place in [whole.len() - 8, whole.len() - 1] {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        let metered = metered("gzip", &bytes);
        assert_eq!(metered.fault, Some(Fault::Undecodable));
        assert_eq!(metered.usage, Usage::default());
    }
}

#[test]
fn a_bomb_is_given_up() {
    let comment = vec![b':'; 32 << 20];
    for (encoding, bytes) in [
        ("gzip", gzip(&comment)),
        ("deflate", raw_deflate(&comment)),
        ("br", brotli(&comment)),
        ("zstd", zstd(&comment)),
        ("gzip, gzip", gzip(&gzip(&comment))),
    ] {
        assert!(bytes.len() < 128 << 10, "{encoding}: {}", bytes.len());
        let metered = metered(encoding, &bytes);
        assert_eq!(metered.fault, Some(Fault::TooLarge), "{encoding}");
    }
}

#[test]
fn a_zstd_window_larger_than_http_allows_is_not_undone() {
    let mut encoder = ::zstd::Encoder::new(Vec::new(), 3).unwrap();
    encoder.window_log(27).unwrap();
    encoder.write_all(&plain()).unwrap();
    assert_eq!(metered("zstd", &encoder.finish().unwrap()).fault, Some(Fault::Undecodable));
}

#[test]
fn what_was_flushed_is_read_at_once() {
    let plain = plain();
    let cut = String::from_utf8_lossy(&plain).find("event: content_block_stop").unwrap();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&plain[..cut]).unwrap();
    encoder.flush().unwrap();
    let mut meter = new_meter(Endpoint::Messages, false, 200, Some("text/event-stream"), Some("gzip"));
    meter.feed(encoder.get_ref());
    assert!(meter.has_begun_output());
    assert_eq!(meter.finish().usage.input_tokens, Some(412));
}
