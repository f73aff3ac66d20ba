//! What strangers' bytes reach first, as functions of nothing but bytes: the targets of `cargo xtask fuzz`.
//!
//! None of them may panic, whatever the bytes are; beyond that each says what must hold. `fuzz/fuzz_targets` has a file for
//! each, and the test below calls all of them, so that they cannot rot where no fuzzer is installed.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use domain::limits::learned;
use domain::meter::{Endpoint, Metered, RequestReader, UsageMeter};
use domain::read::bounds::Bounds;
use domain::read::context::Context;
use domain::read::event::read;
use domain::read::inflate::inflate;
use domain::read::item::item;
use domain::read::plausible::Implausible;
use domain::read::split::split;
use domain::usage::{Dimensions, Fingerprints};

use crate::alert::address::{AllowedAddresses, check_url};
use crate::http::read_question;

/// A target's name, and what it does with bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target there is.
pub const TARGETS: [Target; 8] = [
    ("event", event),
    ("lines", lines),
    ("inflated", inflated),
    ("stream", stream),
    ("usage", usage),
    ("headers", headers),
    ("webhook", webhook),
    ("question", question),
];

/// 2026-11-24T12:00:00Z
const NOW_MS: i64 = 1_795_521_600_000;
/// No body inflates to more.
const MOST_INFLATED: usize = 1 << 20;

/// An event as JSON. What is taken is taken again when it is written out, and says the same.
pub fn event(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let bounds = Bounds::default();
    let taken = |text: &str| {
        let context = Context {
            now_ms: NOW_MS,
            accepts_old: true,
            just_sent: false,
            shift_ms: 0,
            implausible: Implausible::Unknown,
            bounds: &bounds,
            key_defaults: &Dimensions::default(),
            fingerprints: &Fingerprints::new([1; 32]),
        };
        read(text, &context)
    };
    if let Ok(first) = taken(text) {
        let written = serde_json::Value::Object(item(&first.event)).to_string();
        if let Ok(second) = taken(&written) {
            assert_eq!(first.event.usage, second.event.usage, "{written}");
            assert_eq!(first.event.dimensions, second.event.dimensions, "{written}");
        }
    }
}

/// A body of events. Its items are no more than are allowed, and lie within it.
pub fn lines(bytes: &[u8]) {
    let bounds = Bounds { items: 100, ..Bounds::default() };
    for content_type in [None, Some("application/x-ndjson")] {
        if let Ok(items) = split(content_type, bytes, &bounds) {
            assert!(items.len() <= bounds.items);
            assert!(items.iter().flatten().map(|item| item.len()).sum::<usize>() <= bytes.len());
        }
    }
}

/// A compressed body, its encoding chosen by the first byte. It becomes no larger than is allowed.
pub fn inflated(bytes: &[u8]) {
    let Some((first, body)) = bytes.split_first() else { return };
    let encodings = ["gzip", "zstd", "identity", "br", "gzip, gzip", "deflate"];
    let encoding = encodings[usize::from(*first) % encodings.len()];
    if let Ok(plain) = inflate(Some(encoding), body, MOST_INFLATED) {
        assert!(plain.len() <= MOST_INFLATED);
    }
    meter_in_pieces(body, "text/event-stream", Some(encoding));
    let mut reader = RequestReader::new(Some(encoding));
    reader.feed(body);
    reader.known();
}

/// A stream of events as the API sends it. However it is cut, it says the same.
pub fn stream(bytes: &[u8]) {
    meter_in_pieces(bytes, "text/event-stream", None);
}

/// The body of a message. However it is cut, it says the same; so does that of a request.
pub fn usage(bytes: &[u8]) {
    meter_in_pieces(bytes, "application/json", None);
    let known = |size: usize| {
        let mut reader = RequestReader::new(None);
        bytes.chunks(size).for_each(|piece| reader.feed(piece));
        reader.known()
    };
    assert_eq!(known(1), known(bytes.len().max(1)));
}

fn meter_in_pieces(bytes: &[u8], content_type: &str, encoding: Option<&str>) {
    let metered = |size: usize| -> Metered {
        let bounds = Bounds::default();
        let mut meter = UsageMeter::new(Endpoint::Messages, true, 200, Some(content_type), encoding, bounds);
        bytes.chunks(size).for_each(|piece| meter.feed(piece));
        meter.finish()
    };
    let (cut, whole) = (metered(1), metered(bytes.len().max(1)));
    // How far a damaged encoding is read hangs on the cuts; that it is damaged does not.
    if cut.fault.is_some() && encoding.is_some() {
        assert!(whole.fault.is_some());
    } else {
        assert_eq!(cut, whole);
    }
}

/// Headers of a response, one a line. What is read of them is the same when they are read again.
pub fn headers(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let pairs = || text.lines().filter_map(|line| line.split_once(':'));
    assert_eq!(learned::headers::read(pairs()), learned::headers::read(pairs()));
}

/// A webhook's address. None that is allowed names an address of this machine or of a private network.
pub fn webhook(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let policy = AllowedAddresses::new(Vec::new(), false, SocketAddr::from((Ipv4Addr::LOCALHOST, 8787)));
    let Ok(url) = check_url(text, &policy) else { return };
    assert_eq!(url.scheme(), "https");
    assert!(url.username().is_empty() && url.password().is_none());
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let address: Option<IpAddr> = host.trim_end_matches('.').parse().ok();
    match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V4(v4)) => {
            assert!(!v4.is_loopback() && !v4.is_private() && !v4.is_link_local(), "{url}");
        }
        Some(IpAddr::V6(v6)) => assert!(!v6.is_loopback() && !v6.is_unspecified(), "{url}"),
        None => assert_ne!(host.trim_end_matches('.'), "localhost", "{url}"),
    }
}

/// A query string. What is asked for is bounded.
pub fn question(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        read_question(text, NOW_MS);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_target_takes_what_was_sent_before() {
        let seeds = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds");
        for (name, target) in TARGETS {
            let files: Vec<_> = std::fs::read_dir(seeds.join(name)).expect(name).collect();
            assert!(!files.is_empty(), "{name}");
            for file in files {
                target(&std::fs::read(file.expect("a file").path()).expect("bytes"));
            }
            let program = seeds.join(format!("../fuzz_targets/{name}.rs"));
            assert!(program.exists(), "{}", program.display());
        }
    }

    proptest! {
        #[test]
        fn no_target_panics(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "\\PC{0,100}") {
            for (_, target) in TARGETS {
                target(&bytes);
                target(text.as_bytes());
            }
        }
    }
}
