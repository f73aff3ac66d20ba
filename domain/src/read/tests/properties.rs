//! What must hold for whatever comes in.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::hostile::try_read_at;
use crate::read::bounds::Bounds;
use crate::read::event::ReadItem;
use crate::read::inflate::inflate;
use crate::read::plausible::Implausible;
use crate::read::refusal::Refusal;
use crate::read::split::{Item, split};

const NOW_MS: i64 = 1_795_464_300_000;

fn read_at(now_ms: i64, item: Item) -> Result<ReadItem, Refusal> {
    try_read_at(now_ms, &Bounds::default(), Implausible::Refused, item?)
}

/// Bytes that come near to being a body.
fn near_json() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "\n",
        " ",
        "\"model\"",
        "\"m\"",
        "\"usage\"",
        "\"input_tokens\"",
        "1",
        "-1",
        "1e400",
        "NaN",
        "null",
        "\"\\ud800\"",
        "\"at\"",
        "\"labels\"",
        "{\"model\":\"m\"}",
        "é",
        "\u{feff}",
    ]);
    vec(pieces, 0..40).prop_map(|pieces| pieces.concat().into_bytes())
}

fn field() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[a-z\u{e9}\u{1f39b}\"\\\\\n]{1,12}")
}

fn tokens() -> impl Strategy<Value = Option<u64>> {
    prop::option::of(0..=Bounds::default().event_tokens)
}

prop_compose! {
    /// A valid item with an id and a time.
    fn valid_item()(
        id in "[ -~]{1,128}",
        at_ms in NOW_MS - 1_000_000..NOW_MS,
        (model, user, project, api_key) in ("[a-z]{1,9}", field(), field(), field()),
        labels in prop::collection::btree_map("[a-z]{1,8}", "[a-z]{0,8}", 0..5),
        (input, output, read, written) in (tokens(), tokens(), tokens(), tokens()),
        (stream, status) in (any::<bool>(), prop::option::of(100_u16..600)),
        unread in "\\PC{0,20}",
    ) -> Value {
        json!({
            "id": id, "at": at_ms, "model": model, "user": user, "project": project, "api_key": api_key,
            "labels": labels, "stream": stream, "status": status, "unread": {"text": unread},
            "usage": {"input_tokens": input, "output_tokens": output, "cache_read_input_tokens": read,
                      "cache_creation_input_tokens": written},
        })
    }
}

fn read_body(body: &[u8]) -> Vec<Result<ReadItem, Refusal>> {
    let bounds = Bounds::default();
    split(None, body, &bounds).unwrap().into_iter().map(|item| read_at(NOW_MS, item)).collect()
}

proptest! {
    #[test]
    fn no_bytes_panic(
        body in prop_oneof![vec(any::<u8>(), 0..200), near_json()],
        encoding in prop::sample::select(vec![None, Some("gzip"), Some("zstd"), Some("identity")]),
        content_type in prop::sample::select(vec![None, Some("application/x-ndjson")]),
    ) {
        let _ = inflate(encoding, &body, 1_000);
        if let Ok(items) = split(content_type, &body, &Bounds::default()) {
            for item in items {
                let _ = read_at(NOW_MS, item);
            }
        }
        let _ = read_at(NOW_MS, Ok(&String::from_utf8_lossy(&body)));
    }

    #[test]
    fn what_is_read_is_json(body in near_json()) {
        let text = String::from_utf8_lossy(&body);
        if read_at(NOW_MS, Ok(&text)).is_ok() && !text.contains("NaN") && !text.contains("1e400") && !text.contains("ud800") {
            prop_assert!(serde_json::from_str::<Value>(&text).is_ok(), "{text}");
        }
    }

    #[test]
    fn arrays_lines_and_single_objects_say_the_same(items in vec(valid_item(), 1..6)) {
        let alone: Vec<_> = items.iter().flat_map(|item| read_body(item.to_string().as_bytes())).collect();
        prop_assert!(alone.iter().all(Result::is_ok));
        let array = serde_json::to_vec_pretty(&items).unwrap();
        prop_assert_eq!(&read_body(&array), &alone);
        let lines: Vec<_> = items.iter().map(Value::to_string).collect();
        prop_assert_eq!(&read_body(lines.join("\n").as_bytes()), &alone);
        prop_assert_eq!(&read_body(lines.join("\r\n\r\n").as_bytes()), &alone);
    }

    #[test]
    fn one_bad_item_leaves_the_others_alone(
        items in vec(valid_item(), 1..4),
        bad in prop::sample::select(vec!["{\"model\":NaN}", "{\"model\":}", "7", "{}", "{\"a\":\"\\ud800\"}", "x"]),
        place in any::<prop::sample::Index>(),
    ) {
        let place = place.index(items.len() + 1);
        let mut texts: Vec<_> = items.iter().map(Value::to_string).collect();
        texts.insert(place, bad.to_owned());
        for body in [format!("[{}]", texts.join(",")), texts.join("\n")] {
            let read = read_body(body.as_bytes());
            for (index, item) in read.iter().enumerate() {
                prop_assert_eq!(item.is_ok(), index != place, "{}", body);
            }
        }
    }

    #[test]
    fn an_event_sent_twice_has_one_digest(item in valid_item(), later_ms in 0..1_000_000_i64, stripped in any::<bool>()) {
        let mut item = item;
        if stripped {
            item.as_object_mut().unwrap().remove("at");
        }
        let first = read_at(NOW_MS, Ok(&item.to_string())).unwrap();
        // Spelt and ordered differently, and later: the same all the same.
        let reversed = item.as_object().unwrap().iter().rev().map(|(name, value)| format!("{}:{value:#}", json!(name)));
        let again = format!("{{ {} }}", reversed.collect::<Vec<_>>().join(" ,\n"));
        let second = read_at(NOW_MS + later_ms, Ok(&again)).unwrap();
        prop_assert_eq!(first.digest, second.digest);
        // When it was sent is not what it says.
        item["sent_at"] = json!(NOW_MS - later_ms % 300_000);
        prop_assert_eq!(first.digest, read_at(NOW_MS, Ok(&item.to_string())).unwrap().digest);
        item.as_object_mut().unwrap().remove("sent_at");
        // What has another content has another digest.
        item["session"] = json!("another");
        prop_assert_ne!(first.digest, read_at(NOW_MS, Ok(&item.to_string())).unwrap().digest);
    }
}
