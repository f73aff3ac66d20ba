//! Hostile and odd items, decided one by one.

use app::api::vocabulary::Dimension;

use crate::usage::{Dimensions, Event, Fingerprints, RemarkCode, Usage};

use super::bounds::{Bounds, MAX_INTEGER};
use super::plausible::Implausible;
use super::read::{Context, Reading, read};
use super::refusal::{Code, Refusal};

/// 2026-11-23T20:05:00Z.
pub(super) const NOW_MS: i64 = 1_795_464_300_000;

pub(super) fn try_read_within(bounds: &Bounds, item: &str) -> Result<Reading, Refusal> {
    try_read_as(bounds, Implausible::Refused, item)
}

/// The same, with what becomes of counts that no call can have.
pub(super) fn try_read_as(bounds: &Bounds, implausible: Implausible, item: &str) -> Result<Reading, Refusal> {
    let key_defaults = &Dimensions::default();
    let fingerprints = &Fingerprints::new([0; 32]);
    let (now_ms, accepts_old, just_sent, shift_ms) = (NOW_MS, false, true, 0);
    read(
        item,
        &Context {
            now_ms,
            accepts_old,
            just_sent,
            shift_ms,
            implausible,
            bounds,
            key_defaults,
            fingerprints,
        },
    )
}

pub(super) fn try_read(item: &str) -> Result<Reading, Refusal> {
    try_read_within(&Bounds::default(), item)
}

pub(super) fn event(item: &str) -> Event {
    try_read(item).unwrap_or_else(|refusal| panic!("{item}: {refusal}")).event
}

/// The code of the refusal, once it was seen to name `field` and to say what to do.
pub(super) fn refused(item: &str, field: &str) -> Code {
    let refusal = match try_read(item) {
        Ok(reading) => panic!("{item} was read: {reading:?}"),
        Err(refusal) => refusal,
    };
    assert!(refusal.message.contains(field), "{item}: {refusal}");
    let says_how = ["send", "must", "correct", "shorten", "flatten", "set", "bring"];
    assert!(says_how.iter().any(|word| refusal.message.contains(word)), "{item}: {refusal}");
    refusal.code
}

/// An item with `raw` for a count, for each count of `usage`, and the field's name.
fn with_count(raw: &str) -> Vec<(String, &'static str)> {
    let usages = [
        (r#"{"input_tokens":@}"#, "input_tokens"),
        (r#"{"output_tokens":@}"#, "output_tokens"),
        (r#"{"cache_read_input_tokens":@}"#, "cache_read_input_tokens"),
        (r#"{"cache_creation_input_tokens":@}"#, "cache_creation_input_tokens"),
        (r#"{"cache_creation":{"ephemeral_5m_input_tokens":@}}"#, "cache_creation.ephemeral_5m_input_tokens"),
        (r#"{"cache_creation":{"ephemeral_1h_input_tokens":@}}"#, "cache_creation.ephemeral_1h_input_tokens"),
        (r#"{"server_tool_use":{"web_search_requests":@}}"#, "server_tool_use.web_search_requests"),
        (r#"{"iterations":[{"input_tokens":@}]}"#, "iterations[].input_tokens"),
        (
            r#"{"iterations":[{"cache_creation":{"ephemeral_1h_input_tokens":@}}]}"#,
            "iterations[].cache_creation.ephemeral_1h_input_tokens",
        ),
    ];
    let item = |usage: &str| format!(r#"{{"model":"m","usage":{}}}"#, usage.replace('@', raw));
    usages.into_iter().map(|(usage, field)| (item(usage), field)).collect()
}

#[test]
fn a_number_that_counts_nothing_is_refused() {
    let wrong = [
        "-1",
        "1.5",
        "NaN",
        "Infinity",
        "-Infinity",
        "1e400",
        "9007199254740992",
        "1180591620717411303424",
        "18446744073709551616",
    ];
    for number in wrong {
        for (item, field) in with_count(number) {
            assert_eq!(refused(&item, &format!("`usage.{field}`")), Code::InvalidNumber, "{item}");
        }
    }
    let no_number = ["-0", "\"12\"", "\"\"", "true", "[1]", "{}"];
    for number in wrong.into_iter().chain(no_number) {
        for field in ["duration_ms", "ttft_ms", "waited_ms", "status", "attempt", "max_tokens"] {
            let item = format!(r#"{{"model":"m","{field}":{number}}}"#);
            let is_fraction =
                field.ends_with("_ms") && number.parse::<f64>().is_ok_and(|number| number.fract() > 0.0);
            if !is_fraction {
                assert_eq!(refused(&item, &format!("`{field}`")), Code::InvalidNumber, "{item}");
            }
        }
    }
    for number in ["1.0", "1e3"] {
        for field in ["status", "attempt", "max_tokens"] {
            let item = format!(r#"{{"model":"m","{field}":{number}}}"#);
            assert_eq!(refused(&item, &format!("`{field}`")), Code::InvalidNumber, "{item}");
        }
    }
}

#[test]
fn clocks_of_programs_count_in_fractions_of_a_millisecond() {
    for (number, duration_ms) in
        [("123.4", 123), ("123.5", 124), ("123.0", 123), ("1.5e3", 1_500), ("0.2", 0)]
    {
        let event = event(&format!(r#"{{"model":"m","duration_ms":{number},"ttft_ms":{number}}}"#));
        assert_eq!((event.duration_ms, event.ttft_ms), (Some(duration_ms), Some(duration_ms)), "{number}");
    }
}

#[test]
fn a_count_of_the_api_is_read_however_it_is_written() {
    for number in ["12", "12.0", "1.2e1", "\"12\""] {
        for (item, _) in with_count(number) {
            let event = event(&item);
            let Usage { web_search_requests, .. } = event.usage;
            assert_eq!(event.usage.total_tokens() + web_search_requests, 12, "{item}");
            assert!(event.remarks.is_empty(), "{item}");
        }
    }
}

/// The fields of `usage` that could not be read.
fn unreadable(event: &Event) -> Vec<&str> {
    event.remarks.iter().map(|remark| remark.field.as_str()).collect()
}

#[test]
fn a_field_of_usage_that_is_something_else_is_remarked_and_leaves_the_others() {
    for something in ["true", "\"\"", "\"many\"", "[1]", "{}", "[]", "{\"a\":1}"] {
        for (item, field) in with_count(something) {
            let event = event(&item);
            assert_eq!((event.usage.total_tokens(), unreadable(&event)), (0, vec![field]), "{item}");
        }
    }
    for (odd, fields) in [
        (r#""service_tier":5"#, vec!["service_tier"]),
        (r#""speed":[],"inference_geo":{}"#, vec!["speed", "inference_geo"]),
        (r#""server_tool_use":"none""#, vec!["server_tool_use"]),
        (r#""cache_creation":7"#, vec!["cache_creation"]),
        (r#""cache_creation":[1]"#, vec!["cache_creation"]),
        (r#""iterations":"none""#, vec!["iterations"]),
        (r#""iterations":[1]"#, vec!["iterations[]"]),
        (r#""iterations":[{"type":1,"model":2}]"#, vec!["iterations[].type", "iterations[].model"]),
        (r#""cache_creation":[],"server_tool_use":[],"iterations":{}"#, vec![]),
        (r#""cache_creation":null,"service_tier":null,"iterations":[]"#, vec![]),
        (r#""iterations":[[]]"#, vec![]),
    ] {
        let item = format!(r#"{{"model":"m","usage":{{"input_tokens":100,{odd},"output_tokens":12}}}}"#);
        let event = event(&item);
        assert_eq!((event.usage.input_tokens, event.usage.output_tokens), (Some(100), Some(12)), "{item}");
        assert_eq!(unreadable(&event), fields, "{item}");
        assert_eq!(
            event.iterations.len(),
            usize::from(odd.contains("[[]]") || odd.contains("model")),
            "{item}"
        );
    }
    for usage in ["7", "\"none\"", "[1]", "false"] {
        let event = event(&format!(r#"{{"model":"m","usage":{usage}}}"#));
        assert_eq!((event.usage, unreadable(&event)), (Usage::default(), vec!["usage"]));
    }
    assert!(event(r#"{"model":"m","usage":[]}"#).remarks.is_empty());
}

#[test]
fn numbers_at_their_edges() {
    let tokens = |number: u64| format!(r#"{{"model":"m","usage":{{"input_tokens":{number}}}}}"#);
    let unbound = Bounds::default().of_any_usage();
    for number in [0, 1, MAX_INTEGER - 1, MAX_INTEGER] {
        let reading = try_read_within(&unbound, &tokens(number)).expect("an event");
        assert_eq!(reading.event.usage.input_tokens, Some(number));
    }
    let bounds = Bounds { tokens: 10, duration_s: 2, ..Bounds::default() };
    let larger = Bounds { tokens: u64::MAX, ..Bounds::default() };
    assert!(try_read_within(&larger, &tokens(MAX_INTEGER + 1)).is_err());
    for (number, fits) in [(9, true), (10, true), (11, false)] {
        assert_eq!(try_read_within(&bounds, &tokens(number)).is_ok(), fits);
    }
    for (number, fits) in [(1_999, true), (2_000, true), (2_001, false)] {
        for field in ["duration_ms", "ttft_ms"] {
            let item = format!(r#"{{"model":"m","{field}":{number}}}"#);
            assert_eq!(try_read_within(&bounds, &item).is_ok(), fits, "{item}");
        }
    }
    for (status, fits) in [(99, false), (100, true), (529, true), (599, true), (600, false), (65_736, false)]
    {
        assert_eq!(try_read(&format!(r#"{{"model":"m","status":{status}}}"#)).is_ok(), fits, "{status}");
    }
    for (attempt, fits) in [(u64::from(u32::MAX), true), (u64::from(u32::MAX) + 1, false)] {
        assert_eq!(try_read(&format!(r#"{{"model":"m","attempt":{attempt}}}"#)).is_ok(), fits, "{attempt}");
    }
}

#[test]
fn what_is_left_out_or_null_is_unknown() {
    for usage in [
        "",
        r#","usage":null"#,
        r#","usage":{}"#,
        r#","usage":{"input_tokens":null,"cache_creation":null,"output_tokens":null,"server_tool_use":null}"#,
    ] {
        let event =
            event(&format!(r#"{{"model":"m","error":null,"status":null,"labels":null,"id":null{usage}}}"#));
        assert_eq!(event.usage, Usage::default());
        assert!(event.usage.is_incomplete());
        assert_eq!((event.status, event.failure, event.duration_ms), (None, None, None));
    }
}

#[test]
fn cache_writes_are_told_apart_or_taken_for_five_minutes() {
    for (usage, writes) in [
        (r#""cache_creation_input_tokens":7"#, (Some(7), None)),
        (r#""cache_creation_input_tokens":7,"cache_creation":null"#, (Some(7), None)),
        (
            r#""cache_creation":{"ephemeral_5m_input_tokens":1,"ephemeral_1h_input_tokens":2}"#,
            (Some(1), Some(2)),
        ),
        (
            r#""cache_creation_input_tokens":3,
               "cache_creation":{"ephemeral_5m_input_tokens":1,"ephemeral_1h_input_tokens":2}"#,
            (Some(1), Some(2)),
        ),
        (
            r#""cache_creation_input_tokens":10,
               "cache_creation":{"ephemeral_5m_input_tokens":1,"ephemeral_1h_input_tokens":2}"#,
            (Some(8), Some(2)),
        ),
        (
            r#""cache_creation_input_tokens":1,
               "cache_creation":{"ephemeral_5m_input_tokens":1,"ephemeral_1h_input_tokens":2}"#,
            (Some(1), Some(2)),
        ),
        (
            r#""cache_creation_input_tokens":7,"cache_creation":{"ephemeral_1h_input_tokens":2}"#,
            (Some(5), Some(2)),
        ),
        (r#""cache_creation":{"ephemeral_1h_input_tokens":2}"#, (None, Some(2))),
    ] {
        let usage = event(&format!(r#"{{"model":"m","usage":{{{usage}}}}}"#)).usage;
        assert_eq!((usage.cache_write_5m_tokens, usage.cache_write_1h_tokens), writes);
    }
}

#[test]
fn unicode_must_be_whole() {
    for (item, field) in
        [(r#"{"model":"\ud800"}"#, "`model`"), (r#"{"model":"m","id":"\ud800\ud800"}"#, "`id`")]
    {
        assert_eq!(refused(item, field), Code::InvalidUnicode, "{item}");
    }
    assert_eq!(event(r#"{"model":"\ud83c\udf9b"}"#).dimensions.model, "🎛");
}

/// What an event is for, and what was remarked on that.
pub(super) fn attribution(fields: &str) -> (Dimensions, Vec<(RemarkCode, String)>) {
    let Event { dimensions, remarks, .. } = event(&format!(r#"{{"model":"m",{fields}}}"#));
    (dimensions, remarks.iter().map(|remark| (remark.code, remark.field.clone())).collect())
}

#[test]
fn a_name_that_cannot_be_read_does_not_lose_its_event() {
    let unreadable = |field: &str| vec![(RemarkCode::AttributionUnreadable, field.to_owned())];
    // Half of a surrogate pair stands with its bytes, so that such names stay apart.
    for (half, name) in [(r"a\ud800b", "a%ED%A0%80b"), (r"\udc00", "%ED%B0%80"), (r"\ud83cx", "%ED%A0%BCx")] {
        let (dimensions, remarks) = attribution(&format!(r#""user":"{half}""#));
        assert_eq!((dimensions.user.as_str(), remarks), (name, unreadable("user")));
        let (dimensions, remarks) = attribution(&format!(r#""labels":{{"env":"{half}"}}"#));
        assert_eq!((dimensions.labels["env"].as_str(), remarks), (name, unreadable("labels")));
        let (dimensions, remarks) = attribution(&format!(r#""labels":{{"{half}":"v"}}"#));
        assert_eq!((dimensions.labels[name].as_str(), remarks), ("v", unreadable("labels")));
    }
    for odd in ["{}", r#"{"id":"u_42"}"#, "[]", r#"["u_42"]"#] {
        for dimension in Dimension::ALL.iter().filter(|dimension| **dimension != Dimension::Model) {
            let (dimensions, remarks) = attribution(&format!(r#""{}":{odd}"#, dimension.word()));
            assert_eq!((dimensions.get(*dimension), remarks), ("", unreadable(dimension.word())), "{odd}");
        }
        let (dimensions, remarks) = attribution(&format!(r#""labels":{{"a":{odd},"b":"v"}}"#));
        assert_eq!((dimensions.labels.len(), remarks), (1, unreadable("labels")));
    }
    for odd in ["7", "[]", "\"a\"", "true"] {
        let (dimensions, remarks) = attribution(&format!(r#""labels":{odd}"#));
        assert_eq!((dimensions.labels.len(), remarks), (0, unreadable("labels")));
    }
}

#[test]
fn numbers_and_truth_values_are_names_as_they_are_written() {
    for value in ["42", "-7", "12345678901234567890123", "1.50", "true", "false", "NaN"] {
        let (dimensions, remarks) = attribution(&format!(r#""user":{value},"labels":{{"a":{value}}}"#));
        assert_eq!((dimensions.user.as_str(), dimensions.labels["a"].as_str()), (value, value));
        assert_eq!(remarks, []);
    }
}

#[test]
fn a_known_field_may_be_there_once() {
    for (item, field) in [
        (r#"{"model":"m","model":"m"}"#, "`model`"),
        (r#"{"model":"m","mod\u0065l":"n"}"#, "`model`"),
        (r#"{"model":"m","user":null,"user":"u"}"#, "`user`"),
        (r#"{"model":"m","usage":{"input_tokens":1,"input_tokens":1}}"#, "`usage.input_tokens`"),
        (r#"{"model":"m","labels":{"a":"1","a":"2"}}"#, "`labels`"),
        (r#"{"model":"m","usage":{},"usage":{}}"#, "`usage`"),
    ] {
        assert_eq!(refused(item, field), Code::DuplicateField, "{item}");
    }
    let reading =
        try_read(r#"{"model":"m","x":1,"x":{"deep":[NaN]},"usage":{"y":"\ud800"},"headers":{"h":1}}"#)
            .unwrap();
    assert_eq!(reading.unknown_fields, 3);
}

#[test]
fn every_field_has_its_type() {
    for (item, field) in [
        (r#"{"model":7}"#, "`model`"),
        (r#"{"model":"m","id":7}"#, "`id`"),
        (r#"{"model":"m","stream":1}"#, "`stream`"),
        (r#"{"model":"m","error":"overloaded"}"#, "`error`"),
        (r#"{"model":"m","headers":"retry-after: 7"}"#, "`headers`"),
    ] {
        assert_eq!(refused(item, field), Code::InvalidField, "{item}");
    }
    for item in [r"{}", r#"{"model":null}"#, r#"{"model":""}"#, r#"{"Model":"m"}"#] {
        assert_eq!(refused(item, "`model`"), Code::MissingModel, "{item}");
    }
    for item in ["", "[]", "7", "null", "\"{}\"", "rubbish"] {
        assert_eq!(refused(item, "JSON object"), Code::NotAnObject, "{item}");
    }
    for item in ["{", r#"{"model":"m",}"#, r#"{"model":"m"} {}"#, "{\"model\":\"a\nb\"}", r"{model:1}"] {
        assert_eq!(refused(item, "not valid JSON"), Code::InvalidJson, "{item}");
    }
}

#[test]
fn control_characters_are_refused_in_ids_and_stored_elsewhere() {
    for id in [r"\u0000", r"a\n", r"\u001f", r"\u007f", r"\u0085", ""] {
        assert_eq!(refused(&format!(r#"{{"model":"m","id":"{id}"}}"#), "`id`"), Code::InvalidId);
    }
    let odd = event(r#"{"model":"m","id":"\u202e é 🎛","user":"\u0000\u001b[31m\u202e🎛"}"#);
    assert_eq!((odd.id.as_str(), odd.dimensions.user.as_str()), ("\u{202e} é 🎛", "\0\u{1b}[31m\u{202e}🎛"));
}

#[test]
fn a_refusal_carries_the_id_but_nothing_else_of_the_item() {
    let refusal = try_read(r#"{"id":"e_1","model":"m","duration_ms":"secret"}"#).unwrap_err();
    assert_eq!(refusal.id.as_deref(), Some("e_1"));
    assert!(!refusal.message.contains("secret"));
    assert_eq!(try_read(r#"{"id":"\u0000","model":"m"}"#).unwrap_err().id, None);
}

#[test]
fn keys_fill_in_what_is_left_out() {
    let key_defaults = Dimensions {
        project: "key".into(),
        feature: "key".into(),
        labels: [("env".into(), "key".into()), ("team".into(), "key".into())].into(),
        ..Dimensions::default()
    };
    let bounds = Bounds::default();
    let context = Context {
        now_ms: NOW_MS,
        accepts_old: false,
        just_sent: true,
        shift_ms: 0,
        implausible: Implausible::Refused,
        bounds: &bounds,
        key_defaults: &key_defaults,
        fingerprints: &Fingerprints::new([0; 32]),
    };
    let item = r#"{"id":"e_1","model":"m","project":"own","labels":{"env":"own","team":""}}"#;
    let reading = read(item, &context).unwrap();
    let filled = &reading.event.dimensions;
    assert_eq!((filled.project.as_str(), filled.feature.as_str()), ("own", "key"));
    assert_eq!((filled.labels["env"].as_str(), filled.labels["team"].as_str()), ("own", "key"));
    // What the key says is not what the reporter said.
    assert_eq!(reading.digest, try_read(item).unwrap().digest);
}

#[test]
fn codes_are_words_of_their_own() {
    let words: std::collections::BTreeSet<_> = Code::ALL.iter().map(|code| code.word()).collect();
    assert_eq!(words.len(), Code::ALL.len());
    assert!(words.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')));
}
