use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};

use super::*;

const OPUS: &str = "claude-opus-5";
const HAIKU: &str = "claude-haiku-4-5";

fn plain() -> Written {
    Written { encoding: Some(String::new()), is_foreign: false }
}

fn models(body: impl AsRef<[u8]>) -> Models {
    Asks::of(body.as_ref(), &plain()).models
}

fn these(models: &[&str]) -> Models {
    Models::These(models.iter().map(ToString::to_string).collect())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("written");
    encoder.finish().expect("compressed")
}

#[test]
fn a_message_asks_for_its_model_and_for_those_that_may_take_over_or_give_advice() {
    let body = r#"{"max_tokens":64,"messages":[{"role":"user","content":"\"model\":\"x\"","model":"no"}],"temperature":-0.0,
        "stream":true,"metadata":{"model":"no"},"mod\u0065l":"claude-opus-5",
        "fallbacks":[{"model":"claude-haiku-4-5"},{"max_tokens":5}],"tools":[{"name":"a"},{"model":"claude-sonnet-5-5"}]}"#;
    let asks = Asks::of(body.as_bytes(), &plain());
    let known =
        Known { model: Some(OPUS.to_owned()), max_tokens: Some(64), stream: true, is_deterministic: true };
    assert_eq!(asks.known, known);
    assert_eq!(asks.models, these(&[OPUS, HAIKU, "claude-sonnet-5-5"]));
    assert_eq!(asks.model.as_deref(), Some(OPUS));
    let odd = Asks::of(br#"{"model":"a","max_tokens":"many","stream":"true","temperature":null}"#, &plain());
    assert_eq!(odd.known, Known { model: Some("a".to_owned()), ..Known::default() });
}

#[test]
fn a_batch_asks_for_the_models_of_its_requests() {
    let item = |model: &str| format!(r#"{{"custom_id":"a","params":{{"model":"{model}","max_tokens":1}}}}"#);
    let batch = |items: &[String]| format!(r#"{{"requests":[{}]}}"#, items.join(","));
    assert_eq!(models(batch(&[item(OPUS), item(HAIKU), item(OPUS)])), these(&[OPUS, HAIKU]));
    let many: Vec<_> = (0..MOST_MODELS).map(|number| item(&format!("model-{number}"))).collect();
    assert!(matches!(models(batch(&many)), Models::These(models) if models.len() == MOST_MODELS));
    assert_eq!(models(batch(&[many, vec![item("one-more")]].concat())), Models::Unknown);
    for items in [&[][..], &[item(OPUS), r#"{"params":{"max_tokens":1}}"#.to_owned()]] {
        assert_eq!(models(batch(items)), Models::Unknown, "{items:?}");
    }
}

#[test]
fn of_several_models_in_one_place_each_counts() {
    for body in [
        r#"{"model":"claude-opus-5","model":"claude-haiku-4-5"}"#,
        r#"{"model":"claude-opus-5","Model":"claude-haiku-4-5"}"#,
        r#"{"model":"claude-opus-5","\u006dode\u006C":"claude-haiku-4-5"}"#,
    ] {
        let asks = Asks::of(body.as_bytes(), &plain());
        assert_eq!((asks.models, asks.model), (these(&[OPUS, HAIKU]), None), "{body}");
    }
    let twice =
        r#"{"requests":[{"params":{"model":"claude-opus-5"},"params":{"model":"claude-haiku-4-5"}}]}"#;
    assert_eq!(models(twice), these(&[OPUS, HAIKU]));
}

#[test]
fn what_leaves_a_doubt_is_not_known() {
    let nested = |depth: usize| format!(r#"{{"model":"a","x":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    let deep_tools = format!(r#"{{"model":"a","tools":{}"#, "[".repeat(100_000));
    let long = format!(r#"{{"model":"{}"}}"#, "m".repeat(257));
    for body in [
        "",
        "null",
        "[]",
        "not json",
        r#"[{"model":"a"}]"#,
        r#"{"messages":[]}"#,
        r#"{"model":7}"#,
        r#"{"model":null}"#,
        r#"{"model":""}"#,
        r#"{"model":{"id":"a"}}"#,
        r#"{"model":["a"]}"#,
        r#"{"model":"a","model":7}"#,
        r#"{"model":"a","fallbacks":"default"}"#,
        r#"{"model":"a","fallbacks":[{"model":5}]}"#,
        r#"{"model":"a"}{"model":"b"}"#,
        r#"{"model":"a"} x"#,
        r#"{"model":"a""#,
        r#"{"model":"a",}"#,
        r#"{"model":"a",/*"*/"x":1}"#,
        r#"{'model':"a"}"#,
        r#"{"model":"a","x":NaN}"#,
        "{\"model\":\"a\u{1}\"}",
        "\u{feff}{\"model\":\"a\"}",
        r#"--boundary"#,
        &long,
        &deep_tools,
    ] {
        assert_eq!(models(body), Models::Unknown, "{body:.60}");
    }
    assert_eq!(models(nested(1_000_000)), these(&["a"]), "what is passed over may be as deep as it likes");
    let utf16: Vec<u8> = r#"{"model":"a"}"#.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(models(utf16), Models::Unknown);
    assert_eq!(models(b"{\"model\":\"a\xff\"}"), Models::Unknown);
}

#[test]
fn a_body_is_read_whatever_it_is_said_to_be() {
    let body = br#"{"model":"claude-opus-5"}"#;
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::fast());
    deflate.write_all(body).expect("written");
    let deflate = deflate.finish().expect("compressed");
    let of = |headers: &[(&str, &str)], body: &[u8]| {
        let pair = |(name, value): &(&str, &str)| {
            (name.parse::<http::HeaderName>().expect("a name"), value.parse().expect("a value"))
        };
        Asks::of(body, &Written::of(&headers.iter().map(pair).collect())).models
    };
    let encoding = "content-encoding";
    for (headers, body) in [
        (&[][..], &body[..]),
        (&[("content-type", "Application/JSON")], body),
        (&[("content-type", "text/plain; charset=UTF-8")], body),
        (&[("content-type", "application/vnd.api+json;charset=\"utf-8\"")], body),
        (&[(encoding, "identity")], body),
        (&[(encoding, "GZIP")], &gzip(body)),
        (&[(encoding, "x-gzip, identity")], &gzip(body)),
        (&[(encoding, "deflate")], &deflate),
    ] {
        assert_eq!(of(headers, body), these(&[OPUS]), "{headers:?}");
    }
    for (headers, body) in [
        (&[(encoding, "foo")][..], &body[..]),
        // Twice is what nobody has a reason for, and squares what a byte may become.
        (&[(encoding, "gzip,gzip")], &gzip(&gzip(body))),
        (&[(encoding, "gzip"), (encoding, "gzip")], &gzip(&gzip(body))),
        (&[(encoding, "identity"), (encoding, "gzip")], body),
        (&[(encoding, "gzip")], body),
        (&[(encoding, "gzip;q=1")], &gzip(body)),
        (&[], &gzip(body)),
        (&[("content-type", "application/json; charset=utf-7")], body),
        (&[("content-type", "application/json; charset=utf-16")], body),
    ] {
        assert_eq!(of(headers, body), Models::Unknown, "{headers:?}");
    }
    let stages = ["gzip"; 10_000].join(",");
    assert_eq!(of(&[(encoding, &stages)], body), Models::Unknown);
}

/// Blanks that compress as text does.
fn text(random: u32) -> u8 {
    b" \t\n\r"[random as usize % 4]
}

/// Blanks that compress as nothing does that somebody has written.
fn nothing(_: u32) -> u8 {
    b' '
}

#[test]
fn a_bomb_is_read_to_its_bound_and_says_nothing() {
    let of = |blank: fn(u32) -> u8, blanks: usize| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        let mut state = 1_u32;
        let mut filler = vec![0; 1 << 20];
        for _ in 0..blanks >> 20 {
            for byte in &mut filler {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *byte = blank(state >> 24);
            }
            encoder.write_all(&filler).expect("written");
        }
        encoder.write_all(br#"{"model":"claude-opus-5"}"#).expect("written");
        let body = encoder.finish().expect("compressed");
        Asks::of(&body, &Written { encoding: Some("gzip".to_owned()), is_foreign: false }).models
    };
    for (blanks, models) in [
        (7 << 20, these(&[OPUS])),
        (9 << 20, these(&[OPUS])),
        (63 << 20, these(&[OPUS])),
        (64 << 20, Models::Unknown),
    ] {
        assert_eq!(of(text, blanks), models, "{blanks}");
    }
    assert_eq!(of(nothing, 60 << 20), Models::Unknown);
}
