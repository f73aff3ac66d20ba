//! Items at the edge of every bound.

use super::hostile::{NOW_MS, event, refused, try_read};
use crate::read::bounds::Bounds;
use crate::read::context::Context;
use crate::read::event::read;
use crate::read::plausible::Implausible;
use crate::read::refusal::Code;
use crate::usage::{Dimensions, Event, Fingerprints, RemarkCode};

/// What was remarked, as code and field.
fn remarks(event: &Event) -> Vec<(RemarkCode, &str)> {
    event.remarks.iter().map(|remark| (remark.code, remark.field.as_str())).collect()
}

#[test]
fn text_at_its_bounds() {
    for (field, path) in [
        ("model", r#""model""#),
        ("user", r#""user""#),
        ("project", r#""project""#),
        ("feature", r#""feature""#),
        ("session", r#""session""#),
        ("workspace", r#""workspace""#),
        ("organization", r#""organization""#),
        ("api_key", r#""api_key""#),
        ("endpoint", r#""endpoint""#),
        ("stop_reason", r#""stop_reason""#),
        ("error.type", r#""error":{"type""#),
        ("error.code", r#""error":{"code""#),
        ("error.details.error_code", r#""error":{"details":{"error_code""#),
    ] {
        let ends = "}".repeat(path.matches('{').count());
        let rest = if field == "model" { "" } else { r#","model":"m""# };
        let of = |value: &str| event(&format!(r#"{{{path}:"{value}"{ends}{rest}}}"#));
        for length in [255, 256] {
            let whole = of(&"x".repeat(length));
            assert_eq!(remarks(&whole), [], "{field}");
            assert!(format!("{whole:?}").contains(&"x".repeat(length)), "{field}");
        }
        let (one, other) = (of(&format!("{}1", "x".repeat(256))), of(&format!("{}2", "x".repeat(256))));
        assert_eq!(remarks(&one), [(RemarkCode::Cut, field)]);
        assert_ne!(one, other, "they are cut where they are the same, and stay apart: {field}");
    }
    for (length, fits) in [(127, true), (128, true), (129, false)] {
        let item = format!(r#"{{"model":"m","id":"{}"}}"#, "x".repeat(length));
        match fits {
            true => assert_eq!(event(&item).id.len(), length),
            false => assert_eq!(refused(&item, "`id`"), Code::InvalidId),
        }
    }
    // Bytes, not characters.
    let cut = event(&format!(r#"{{"model":"m","user":"{}"}}"#, "é".repeat(129)));
    assert!(cut.dimensions.user.len() <= 256 && cut.dimensions.user.starts_with("éé"));
    for (length, fits) in [(255, true), (256, true), (257, false)] {
        let value = "x".repeat(length);
        let odd_word = event(&format!(r#"{{"model":"m","usage":{{"speed":"{value}"}}}}"#));
        assert_eq!(odd_word.remarks.is_empty(), fits);
    }
}

#[test]
fn a_header_that_is_no_short_text_is_passed_over_and_the_others_are_read() {
    let long = format!(r#""{}""#, "x".repeat(257));
    for odd in [&long, "7", "[]", r#"{"a":1}"#, r#""\ud800""#, "null"] {
        let headers = format!(r#""anthropic-workspace-id":{odd},"anthropic-organization-id":"org""#);
        let event = event(&format!(r#"{{"model":"m","headers":{{{headers}}}}}"#));
        let dimensions = event.dimensions;
        assert_eq!((&*dimensions.organization, &*dimensions.workspace), ("org", ""), "{odd}");
    }
    event(r#"{"model":"m","headers":{"\ud800":"x"}}"#);
}

#[test]
fn labels_at_their_bounds() {
    for count in [31, 32, 33, 500] {
        // In an order of their own, so that what is kept does not hang on it.
        let labels: Vec<_> = (0..count).rev().map(|label| format!(r#""l{label:03}":"v""#)).collect();
        let event = event(&format!(r#"{{"model":"m","labels":{{{}}}}}"#, labels.join(",")));
        let kept = count.min(32);
        assert_eq!(event.dimensions.labels.len(), kept);
        assert_eq!(event.dimensions.labels.keys().last(), Some(&format!("l{:03}", kept - 1)));
        let expected = if count > 32 { vec![(RemarkCode::Cut, "labels")] } else { vec![] };
        assert_eq!(remarks(&event), expected);
    }
    for (key, value, cuts) in
        [(1, 255, 0), (63, 256, 0), (64, 256, 0), (65, 1, 1), (1, 257, 1), (5_000, 5_000, 1)]
    {
        let item = format!(r#"{{"model":"m","labels":{{"{}":"{}"}}}}"#, "k".repeat(key), "v".repeat(value));
        let event = event(&item);
        let (label, text) = event.dimensions.labels.first_key_value().expect("a label");
        assert_eq!((label.len(), text.len()), (key.min(64), value.min(256)));
        assert_eq!(remarks(&event).len(), cuts, "{key} {value}");
    }
    let nameless = event(r#"{"model":"m","labels":{"":"v","a":"b"}}"#);
    assert_eq!(nameless.dimensions.labels.len(), 1);
    assert_eq!(remarks(&nameless), [(RemarkCode::AttributionUnreadable, "labels")]);
}

#[test]
fn a_key_in_a_long_name_is_fingerprinted_before_it_is_cut() {
    let key = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz-WXYZ";
    let expected = Fingerprints::new([0; 32]).of_key(key);
    for before in [0, 200, 230, 250, 300] {
        let item = format!(r#"{{"model":"m","user":"{}{key} and more"}}"#, "-".repeat(before));
        let event = event(&item);
        assert_eq!((event.dimensions.user.as_str(), remarks(&event)), (expected.as_str(), vec![]));
    }
}

#[test]
fn depth_at_its_bound() {
    for (depth, fits) in [(31, true), (32, true), (33, false), (60_000, false)] {
        let inside = depth - 1;
        let item = format!(r#"{{"model":"m","x":{}{}}}"#, "[".repeat(inside), "]".repeat(inside));
        match fits {
            true => assert_eq!(try_read(&item).unwrap().unknown_fields, 1),
            false => assert_eq!(refused(&item, "32 deep"), Code::TooDeep),
        }
    }
}

#[test]
fn times_at_their_bounds() {
    let day_ms = 24 * 60 * 60 * 1_000;
    let (latest, earliest) = (NOW_MS + 5 * 60 * 1_000, NOW_MS - 35 * day_ms);
    for (at_ms, code) in [
        (latest - 1, None),
        (latest, None),
        (latest + 1, Some(Code::Future)),
        (earliest + 1, None),
        (earliest, None),
        (earliest - 1, Some(Code::TooOld)),
    ] {
        let rfc3339 = jiff::Timestamp::from_millisecond(at_ms).unwrap();
        for at in [at_ms.to_string(), format!("\"{rfc3339}\"")] {
            let item = format!(r#"{{"model":"m","at":{at}}}"#);
            match code {
                None => assert_eq!((event(&item).at_ms, event(&item).at_assigned), (at_ms, false)),
                Some(code) => assert_eq!(refused(&item, "`at`"), code, "{at}"),
            }
        }
    }
    for at in [
        "\"\"",
        "\"yesterday\"",
        "\"2026-11-23\"",
        "\"2026-11-23T20:00:00\"",
        "\"2026-02-30T20:00:00Z\"",
        "1795464300",
        "1795464300.5",
        "-1",
        "1e400",
        "NaN",
        "true",
        "{}",
        "\"1795464300000\"",
    ] {
        assert_eq!(refused(&format!(r#"{{"model":"m","at":{at}}}"#), "`at`"), Code::InvalidTime, "{at}");
    }
    let assigned = event(r#"{"model":"m"}"#);
    assert_eq!((assigned.at_ms, assigned.at_assigned, assigned.received_at_ms), (NOW_MS, true, NOW_MS));
}

#[test]
fn a_senders_clock_is_put_right() {
    let minute_ms = 60_000;
    let reading = |at_ms: i64, sent_at_ms: i64| {
        try_read(&format!(r#"{{"model":"m","at":{at_ms},"sent_at":{sent_at_ms}}}"#))
    };
    // A second is how long sending may take.
    for (skew_ms, moved) in [(999, false), (1_000, false), (1_001, true), (-1_000, false), (-1_001, true)] {
        let sent_at_ms = NOW_MS - skew_ms;
        let reading = reading(sent_at_ms - minute_ms, sent_at_ms).unwrap();
        let (expected_ms, skew) =
            if moved { (NOW_MS - minute_ms, Some(skew_ms)) } else { (sent_at_ms - minute_ms, None) };
        assert_eq!((reading.event.at_ms, reading.skew_ms), (expected_ms, skew), "{skew_ms}");
        assert_eq!(reading.unknown_fields, 0);
    }
    // Years off, in either direction; and the bounds are those of the time that was put right.
    let (years_ms, late_ms) = (10 * 365 * 24 * 60 * minute_ms, 5 * minute_ms);
    for sent_at_ms in [NOW_MS - years_ms, NOW_MS + years_ms] {
        assert_eq!(reading(sent_at_ms, sent_at_ms).unwrap().event.at_ms, NOW_MS);
        assert_eq!(reading(sent_at_ms + late_ms, sent_at_ms).unwrap().event.at_ms, NOW_MS + late_ms);
        assert_eq!(reading(sent_at_ms + late_ms + 1, sent_at_ms).unwrap_err().code, Code::Future);
    }
    assert_eq!(reading(NOW_MS, NOW_MS - years_ms).unwrap_err().code, Code::Future);
    let rfc3339 = event(r#"{"model":"m","at":"2026-11-23T19:00:00Z","sent_at":"2026-11-23T19:05:00Z"}"#);
    assert_eq!(rfc3339.at_ms, NOW_MS - 5 * minute_ms);
    // Without a time there is nothing to move, but what is no time is no time.
    let no_time = try_read(r#"{"model":"m","sent_at":"2026-11-23T19:05:00Z"}"#).unwrap();
    assert_eq!((no_time.event.at_ms, no_time.event.at_assigned, no_time.skew_ms), (NOW_MS, true, None));
    for sent_at in ["\"\"", "\"yesterday\"", "1795464300", "-1", "NaN", "true", "{}"] {
        for at in ["", r#""at":"2026-11-23T20:00:00Z","#] {
            let item = format!(r#"{{"model":"m",{at}"sent_at":{sent_at}}}"#);
            assert_eq!(refused(&item, "`sent_at`"), Code::InvalidTime, "{item}");
        }
    }
}

#[test]
fn an_import_may_be_old_but_not_ahead() {
    let bounds = Bounds::default();
    let key_defaults = Dimensions::default();
    let context = Context {
        now_ms: NOW_MS,
        accepts_old: true,
        just_sent: false,
        shift_ms: 0,
        implausible: Implausible::Refused,
        bounds: &bounds,
        key_defaults: &key_defaults,
        fingerprints: &Fingerprints::new([0; 32]),
    };
    let code = |at: &str, context: &Context| {
        read(&format!(r#"{{"model":"m","at":"{at}"}}"#), context).map(|_| ()).map_err(|refusal| refusal.code)
    };
    assert_eq!(code("2019-01-01T00:00:00Z", &context), Ok(()));
    assert_eq!(code("1969-12-31T23:59:59Z", &context), Err(Code::TooOld));
    assert_eq!(code("2026-11-23T20:10:01Z", &context), Err(Code::Future));
    assert_eq!(code("2026-11-23T20:10:01Z", &Context { shift_ms: -1_000, ..context }), Ok(()));
    assert_eq!(code("9999-01-01T23:59:59Z", &Context { shift_ms: i64::MAX, ..context }), Err(Code::Future));
    // What was sent long ago says nothing about clocks now.
    let item = r#"{"model":"m","at":"2019-01-01T00:00:00Z","sent_at":"2019-01-01T00:00:01Z"}"#;
    let reading = read(item, &context).unwrap();
    assert_eq!((reading.event.at_ms, reading.skew_ms), (1_546_300_800_000, None));
}
