//! Hostile and odd items, decided one by one.

mod numbers;

use vocabulary::Dimension;

use crate::read::bounds::{Bounds, MAX_INTEGER};
use crate::read::context::Context;
use crate::read::event::{ReadItem, read};
use crate::read::plausible::Implausible;
use crate::read::refusal::{Code, Refusal};
use crate::usage::{Dimensions, Event, Fingerprints, RemarkCode, Usage};

/// 2026-11-23T20:05:00Z.
pub(crate) const NOW_MS: i64 = 1_795_464_300_000;

pub(crate) fn try_read_within(bounds: &Bounds, item: &str) -> Result<ReadItem, Refusal> {
    try_read_as(bounds, Implausible::Refused, item)
}

/// The same, with what becomes of counts that no call can have.
pub(crate) fn try_read_as(
    bounds: &Bounds,
    implausible: Implausible,
    item: &str,
) -> Result<ReadItem, Refusal> {
    try_read_at(NOW_MS, bounds, implausible, item)
}

pub(crate) fn try_read_at(
    now_ms: i64,
    bounds: &Bounds,
    implausible: Implausible,
    item: &str,
) -> Result<ReadItem, Refusal> {
    let key_defaults = &Dimensions::default();
    let fingerprints = &Fingerprints::new([0; 32]);
    let (accepts_old, just_sent, shift_ms) = (false, true, 0);
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

pub(crate) fn try_read(item: &str) -> Result<ReadItem, Refusal> {
    try_read_within(&Bounds::default(), item)
}

pub(crate) fn event(item: &str) -> Event {
    try_read(item).unwrap_or_else(|refusal| panic!("{item}: {refusal}")).event
}

/// The code of the refusal, once it was seen to name `field` and to say what to do.
pub(crate) fn refused(item: &str, field: &str) -> Code {
    let refusal = match try_read(item) {
        Ok(reading) => panic!("{item} was read: {reading:?}"),
        Err(refusal) => refusal,
    };
    assert!(refusal.message.contains(field), "{item}: {refusal}");
    let says_how = ["send", "must", "correct", "shorten", "flatten", "set", "bring"];
    assert!(says_how.iter().any(|word| refusal.message.contains(word)), "{item}: {refusal}");
    refusal.code
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
pub(crate) fn attribution(fields: &str) -> (Dimensions, Vec<(RemarkCode, String)>) {
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
