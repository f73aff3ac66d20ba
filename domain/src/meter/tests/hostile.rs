//! Whatever comes, nothing panics, and nothing is metered that was not said.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// Bytes that come near to being a response.
fn near_response() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        "event: message_start\n",
        "event:message_delta\r",
        "event: error\r\n",
        "data: ",
        "data:",
        "\n\n",
        "\r",
        "{\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":7}}}",
        "{\"result\":{\"type\":\"succeeded\",\"message\":",
        "{\"usage\":{\"output_tokens\":",
        "\"usage\"",
        "\"iterations\":[",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "\\u",
        "\\ud800",
        "null",
        "-1",
        "1e400",
        "\u{feff}",
        "é",
        "\0",
    ]);
    vec(pieces, 0..40).prop_map(|pieces| pieces.concat().into_bytes())
}

fn endpoint() -> impl Strategy<Value = Endpoint> {
    prop::sample::select(vec![
        Endpoint::Messages,
        Endpoint::CountTokens,
        Endpoint::BatchResults,
        Endpoint::Free,
        Endpoint::Other,
    ])
}

/// Meters, whole and byte by byte, which has to be the same; but for what came out of damaged bytes before that
/// was noticed.
fn meter(endpoint: Endpoint, content_type: Option<&str>, encoding: Option<&str>, bytes: &[u8]) -> Metered {
    let meter = || new_meter(endpoint, false, 200, content_type, encoding);
    let (whole, _) = feed(meter(), [bytes]);
    let (in_pieces, _) = feed(meter(), bytes.chunks(1));
    if whole.fault == Some(Fault::Undecodable) {
        assert_eq!((in_pieces.usage, in_pieces.fault), (whole.usage, whole.fault));
    } else {
        assert_eq!(in_pieces, whole);
    }
    whole
}

proptest! {
    #[test]
    fn no_bytes_panic(
        bytes in prop_oneof![vec(any::<u8>(), 0..300), near_response()],
        endpoint in endpoint(),
        content_type in prop::sample::select(vec![None, Some("text/event-stream"), Some("application/json")]),
        encoding in prop::sample::select(vec!["", "gzip", "deflate", "br", "zstd", "br, gzip"]),
    ) {
        meter(endpoint, content_type, Some(encoding), &bytes);
    }

    #[test]
    fn nothing_that_inflates_panics(
        plain in near_response(),
        endpoint in endpoint(),
        content_type in prop::sample::select(vec![None, Some("text/event-stream")]),
        encoding in any::<prop::sample::Index>(),
    ) {
        let encoding = encoding.get(&ENCODINGS);
        let encoded = meter(endpoint, content_type, encoding.header, &(encoding.encode)(&plain));
        prop_assert_eq!(encoded, meter(endpoint, content_type, None, &plain));
    }

    #[test]
    fn damage_never_panics(
        recorded in any::<prop::sample::Index>(),
        encoding in any::<prop::sample::Index>(),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let all = Recorded::all();
        let recorded = recorded.get(&all);
        let encoding = encoding.get(&ENCODINGS);
        let mut bytes = (encoding.encode)(&recorded.bytes);
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        recorded.metered(encoding, [bytes.as_slice()]);
    }
}
