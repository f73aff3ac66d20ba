//! Bodies that are not streamed, and the results of batches.

use super::*;

const OVERLONG: usize = 70 << 10;

#[test]
fn counting_tokens_uses_nothing() {
    let metered = body(Endpoint::CountTokens, 200, br#"{"input_tokens":2095}"#);
    assert_eq!(metered.usage, used(Some(0), Some(0)));
    assert!(metered.is_complete && metered.fault.is_none());
    assert!(!format!("{metered:?}").contains("2095"));
    // Elsewhere too a number at the top is no usage.
    assert_eq!(body(Endpoint::Other, 200, br#"{"input_tokens":2095}"#).usage, Usage::default());
}

#[test]
fn a_refused_request_tells_why_and_no_usage() {
    let ramp = br#"{"type":"error","error":{"type":"rate_limit_error","message":"secret words",
        "details":{"error_code":"ramp_limit_exceeded","x":[1]}},"request_id":"req_1"}"#;
    let all =
        [Endpoint::Messages, Endpoint::CountTokens, Endpoint::BatchResults, Endpoint::Free, Endpoint::Other];
    for endpoint in all {
        let metered = body(endpoint, 429, ramp);
        let failure = metered.failure.clone().unwrap();
        assert_eq!(
            (failure.kind.as_str(), failure.code.as_str()),
            ("rate_limit_error", "ramp_limit_exceeded")
        );
        assert_eq!(metered.usage, Usage::default());
        assert!(metered.is_complete && !format!("{metered:?}").contains("secret"));
    }
    let bare = body(Endpoint::Messages, 500, br#"{"type":"error","error":null}"#);
    assert_eq!(bare.failure, Some(ApiFailure::default()));
    let page = body(Endpoint::Messages, 502, b"<html><body>Bad gateway</body></html>");
    assert_eq!((page.failure, page.usage), (None, Usage::default()));
    assert_eq!(body(Endpoint::Messages, 529, b""), Metered::default());
}

#[test]
fn content_of_any_size_is_passed_over() {
    let long = "x\\\"".repeat(2 << 20);
    let text = format!(
        r#"{{"id":"msg_1","content":[{{"type":"text","text":"{long}"}}],"model":"m","usage":{{"input_tokens":3,"output_tokens":4}}}}"#
    );
    let metered = body(Endpoint::Messages, 200, text.as_bytes());
    assert_eq!(metered.usage, used(Some(3), Some(4)));
    assert_eq!((metered.model.as_deref(), metered.message_id.as_deref()), (Some("m"), Some("msg_1")));
}

#[test]
fn a_member_of_usage_that_is_too_large_or_too_deep_leaves_the_others() {
    let large = format!(r#""{}""#, "x".repeat(OVERLONG));
    let larger = format!(r#"["{}"]"#, "x".repeat(10 * OVERLONG));
    let deep = format!("{}1,\"]\"{}", "[".repeat(40), "]".repeat(40));
    let deeper = format!("{}{}", r#"{"a":"#.repeat(100_000), "1".to_owned() + &"}".repeat(100_000));
    for value in [&large, &larger, &deep, &deeper] {
        for (name, fields) in [
            ("padding", vec![]),
            ("output_tokens_details", vec![]),
            ("service_tier", vec!["service_tier"]),
            ("cache_read_input_tokens", vec!["cache_read_input_tokens"]),
            ("iterations", vec!["iterations"]),
        ] {
            // A list of anything is a list of attempts that cannot be read.
            if name == "iterations" && value.starts_with('[') && value.len() < 1_000 {
                continue;
            }
            let usage =
                format!(r#"{{ "{name}" : {value} , "input_tokens":3,"{name}x":{value},"output_tokens":4}}"#);
            let text = format!(r#"{{"model":"m","usage":{usage},"id":"msg_1"}}"#);
            let metered = body(Endpoint::Messages, 200, text.as_bytes());
            assert_eq!((metered.usage, metered.fault), (used(Some(3), Some(4)), None), "{name}");
            assert_eq!(
                (metered.message_id.as_deref(), unreadable(&metered.remarks)),
                (Some("msg_1"), fields.clone())
            );
            let in_pieces = new_meter(Endpoint::Messages, false, 200, None, None);
            assert_eq!(feed(in_pieces, text.as_bytes().chunks(7)).0, metered);
            let item = &results(result("a", &usage).as_bytes()).items[0];
            assert_eq!((item.usage, unreadable(&item.remarks)), (metered.usage, fields), "{name}");
        }
    }
    let attempt = format!(r#"{{"input_tokens":3,"padding":{deep},"more":{large},"output_tokens":4}}"#);
    let text = format!(r#"{{"model":"m","usage":{{"iterations":[{attempt},{attempt}]}}}}"#);
    let metered = body(Endpoint::Messages, 200, text.as_bytes());
    assert_eq!((metered.usage, metered.remarks.is_empty()), (used(Some(6), Some(8)), true));
}

#[test]
fn a_word_that_is_too_large_leaves_the_usage() {
    let text =
        format!(r#"{{"model":"{}","usage":{{"input_tokens":3,"output_tokens":4}}}}"#, "m".repeat(OVERLONG));
    let metered = body(Endpoint::Messages, 200, text.as_bytes());
    assert_eq!((metered.model, metered.usage), (None, used(Some(3), Some(4))));
}

#[test]
fn many_attempts_are_read() {
    let attempt = r#"{"type":"message","model":"claude-sonnet-5-5","input_tokens":3,"output_tokens":4,"cache_read_input_tokens":5,"cache_creation_input_tokens":6,"cache_creation":{"ephemeral_5m_input_tokens":2,"ephemeral_1h_input_tokens":4}}"#;
    let usage = |attempts: usize| {
        format!(
            r#"{{"iterations":[{}],"input_tokens":3,"output_tokens":4}}"#,
            vec![attempt; attempts].join(",")
        )
    };
    let sums = Usage {
        cache_write_5m_tokens: Some(1_200),
        cache_write_1h_tokens: Some(2_400),
        cache_read_tokens: Some(3_000),
        ..used(Some(1_800), Some(2_400))
    };
    let usage_of_many = usage(600);
    assert!(usage_of_many.len() > 125 << 10);
    let whole =
        body(Endpoint::Messages, 200, format!(r#"{{"model":"m","usage":{usage_of_many}}}"#).as_bytes());
    assert_eq!((whole.usage, whole.iterations.len(), whole.remarks.is_empty()), (sums, 600, true));
    assert_eq!(results(result("a", &usage_of_many).as_bytes()).items[0].usage, sums);
    // There is an end to it.
    let metered =
        body(Endpoint::Messages, 200, format!(r#"{{"model":"m","usage":{}}}"#, usage(5_000)).as_bytes());
    assert_eq!((metered.usage, unreadable(&metered.remarks)), (used(Some(3), Some(4)), vec!["iterations"]));
    let empty = format!(
        r#"{{"model":"m","usage":{{"input_tokens":3,"iterations":[{}]}}}}"#,
        vec!["{}"; 5_000].join(",")
    );
    assert_eq!(unreadable(&body(Endpoint::Messages, 200, empty.as_bytes()).remarks), ["iterations"]);
}

#[test]
fn a_usage_too_large_to_be_kept_is_unknown() {
    let names: String = (0..100_000).map(|name| format!(r#""{name}":1,"#)).collect();
    let text = format!(r#"{{"model":"m","usage":{{{names}"output_tokens":4}},"id":"msg_1"}}"#);
    let metered = body(Endpoint::Messages, 200, text.as_bytes());
    assert_eq!((metered.usage, metered.fault), (Usage::default(), Some(Fault::TooLarge)));
    assert_eq!((metered.model.as_deref(), metered.message_id.as_deref()), (Some("m"), Some("msg_1")));
    let item = &results(result("a", &format!(r#"{{{names}"output_tokens":4}}"#)).as_bytes()).items[0];
    assert_eq!((item.usage, unreadable(&item.remarks)), (Usage::default(), vec!["usage"]));
}

#[test]
fn a_count_that_no_call_can_have_is_unknown_and_leaves_the_others() {
    for count in [10_000_001_u64, (1 << 53) - 1] {
        let text = format!(
            r#"{{"usage":{{"input_tokens":3,"cache_read_input_tokens":{count},"output_tokens":4}}}}"#
        );
        let metered = body(Endpoint::Messages, 200, text.as_bytes());
        assert_eq!(metered.usage, used(Some(3), Some(4)));
        assert_eq!(unreadable(&metered.remarks), ["cache_read_input_tokens"]);
        // Where calls do use as much, a setting says so.
        let bounds = Bounds { event_tokens: count, ..Bounds::default() };
        let meter = UsageMeter::new(Endpoint::Messages, false, 200, None, None, bounds);
        assert_eq!(feed(meter, [text.as_bytes()]).0.usage.cache_read_tokens, Some(count));
    }
}

#[test]
fn cache_writes_count_once_whoever_splits_them() {
    let bare = r#""input_tokens":3,"output_tokens":5,"cache_creation_input_tokens":1000"#;
    let split = |hour: u64| {
        format!(
            r#"{bare},"cache_creation":{{"ephemeral_5m_input_tokens":{},"ephemeral_1h_input_tokens":{hour}}}"#,
            1_000 - hour
        )
    };
    let compaction =
        r#"{"type":"compaction","input_tokens":7,"output_tokens":1,"cache_creation_input_tokens":50}"#;
    for (top, attempt, hour) in [(split(1_000), bare.to_owned(), 1_000), (bare.to_owned(), split(600), 600)] {
        for (beside, added) in [(String::new(), 0), (format!("{compaction},"), 50)] {
            let iterations = format!(r#""iterations":[{beside}{{"type":"message",{attempt}}}]"#);
            let usage = format!("{{{top},{iterations}}}");
            let expected = (Some(1_000 - hour + added), Some(hour));
            let lifetimes = |usage: Usage| (usage.cache_write_5m_tokens, usage.cache_write_1h_tokens);
            let text = format!(r#"{{"usage":{usage}}}"#);
            let metered = body(Endpoint::Messages, 200, text.as_bytes());
            assert_eq!(lifetimes(metered.usage), expected, "{usage}");
            assert_eq!(
                lifetimes(results(result("a", &usage).as_bytes()).items[0].usage),
                expected,
                "{usage}"
            );
            let streamed = format!(
                "event: message_start\ndata: {{\"message\":{{\"usage\":{{{top}}}}}}}\n\nevent: message_delta\ndata: \
                 {{\"delta\":{{\"stop_reason\":\"end_turn\"}},\"usage\":{{\"output_tokens\":5,{iterations}}}}}\n\n"
            );
            assert_eq!(lifetimes(stream(streamed.as_bytes()).usage), expected, "{usage}");
        }
    }
}

/// Fields of `usage` that could not be read.
fn unreadable(remarks: &Remarks) -> Vec<&str> {
    remarks.iter().map(|remark| remark.field.as_str()).collect()
}

#[test]
fn one_odd_field_leaves_the_others_as_they_are() {
    for (odd, fields) in [
        (r#""cache_creation":[]"#, vec![]),
        (r#""iterations":{}"#, vec![]),
        (r#""cache_read_input_tokens":12.0"#, vec![]),
        (r#""service_tier":5"#, vec!["service_tier"]),
        (r#""server_tool_use":"none""#, vec!["server_tool_use"]),
        (r#""cache_creation":7"#, vec!["cache_creation"]),
        (r#""cache_read_input_tokens":-1"#, vec!["cache_read_input_tokens"]),
        (r#""cache_read_input_tokens":NaN"#, vec!["cache_read_input_tokens"]),
        (r#""cache_creation_input_tokens":1.5"#, vec!["cache_creation_input_tokens"]),
        (
            r#""cache_creation":{"ephemeral_5m_input_tokens":9007199254740992}"#,
            vec!["cache_creation.ephemeral_5m_input_tokens"],
        ),
        (r#""cache_read_input_tokens":1,"cache_read_input_tokens":2"#, vec!["cache_read_input_tokens"]),
        (r#""input_tokens":3"#, vec![]),
    ] {
        let text = format!(r#"{{"model":"m","usage":{{"input_tokens":3,{odd},"output_tokens":4}}}}"#);
        let metered = body(Endpoint::Messages, 200, text.as_bytes());
        assert_eq!((metered.usage.input_tokens, metered.usage.output_tokens), (Some(3), Some(4)), "{odd}");
        assert_eq!((unreadable(&metered.remarks), metered.fault), (fields, None), "{odd}");
        let line = result("a", &text[r#"{"model":"m","usage":"#.len()..text.len() - 1]) + "\n";
        let item = &results(line.as_bytes()).items[0];
        assert_eq!((item.usage, &item.remarks), (metered.usage, &metered.remarks), "{odd}");
    }
    for (usage, used) in [
        (r#"{"input_tokens":-1,"output_tokens":4}"#, used(None, Some(4))),
        (r#"{"input_tokens":true,"output_tokens":4}"#, used(None, Some(4))),
        (r#"{"input_tokens":1.0,"output_tokens":"4"}"#, used(Some(1), Some(4))),
        (r#"{"input_tokens":1,"input_tokens":2,"output_tokens":4}"#, used(None, Some(4))),
        (r#"{"input_tokens":9007199254740992}"#, used(None, None)),
        ("7", used(None, None)),
        (r#"{"input_tokens":1,}"#, used(None, None)),
    ] {
        let metered = body(Endpoint::Messages, 200, format!(r#"{{"model":"m","usage":{usage}}}"#).as_bytes());
        assert_eq!((metered.usage, metered.fault), (used, None), "{usage}");
        assert_eq!(metered.remarks.is_empty(), used.input_tokens.is_some(), "{usage}");
        assert_eq!(metered.model.as_deref(), Some("m"));
    }
}

#[test]
fn a_body_that_cannot_be_read_says_that_its_usage_is_unknown() {
    for (endpoint, status, remarked) in [
        (Endpoint::Messages, 200, vec!["usage"]),
        (Endpoint::Messages, 502, vec![]),
        (Endpoint::CountTokens, 200, vec![]),
    ] {
        assert_eq!(unreadable(&body(endpoint, status, b"<html> <body>").remarks), remarked);
    }
}

#[test]
fn what_is_not_json_leaves_the_usage_unknown() {
    for text in [
        r#"{"usage":{"input_tokens":1,"output_tokens":1}} trailing"#,
        r#"{"usage":{"input_tokens":1,"output_tokens":1},}"#,
        r#"{"usage":{"input_tokens":1,"output_tokens":1} "model":"m"}"#,
        r#"{"usage" {"input_tokens":1,"output_tokens":1}}"#,
        r#"{usage:{"input_tokens":1,"output_tokens":1}}"#,
        r#"{"model":,"usage":{"input_tokens":1,"output_tokens":1}}"#,
        r#"{"usage":{"input_tokens":1,"output_tokens":1},"a":"\uzzzz"}"#,
        "]",
    ] {
        let metered = body(Endpoint::Messages, 200, text.as_bytes());
        assert_eq!((metered.usage, metered.fault), (Usage::default(), Some(Fault::Malformed)), "{text}");
    }
    for text in [&b"[1,{\"usage\":{\"input_tokens\":1}}]"[..], b"\"usage\"", b" \n", b""] {
        assert_eq!(body(Endpoint::Messages, 200, text).usage, Usage::default());
    }
}

#[test]
fn words_are_bounded_and_keys_are_not_kept() {
    let long = "m".repeat(257);
    let text = format!(
        r#"{{"model":"{long}","id":"a\u0000b","stop_reason":7,"usage":{{"speed":"fast","service_tier":"batch"}}}}"#
    );
    let metered = body(Endpoint::Messages, 200, text.as_bytes());
    assert!(metered.model.is_some_and(|model| model.len() == 256), "cut, and marked so");
    assert_eq!((metered.message_id, metered.stop_reason.as_str()), (None, ""));
    assert!(metered.fast && metered.service_tier == ServiceTier::Batch);
    let metered = body(Endpoint::Messages, 200, br#"{"model":"sk-ant-api03-abcdefgh"}"#);
    assert_eq!(metered.model.as_deref(), Some("key_..efgh"));
}

/// What results in plain bytes say.
fn results(bytes: &[u8]) -> Metered {
    feed(new_meter(Endpoint::BatchResults, false, 200, Some("application/octet-stream"), None), [bytes]).0
}

fn result(padding: &str, usage: &str) -> String {
    format!(
        r#"{{"custom_id":"{padding}","result":{{"type":"succeeded","message":{{"model":"m","usage":{usage}}}}}}}"#
    )
}

#[test]
fn lines_of_any_size_are_read_and_the_last_needs_no_break() {
    let long = "x".repeat(3 << 20);
    let usage = r#"{"input_tokens":3,"output_tokens":4,"service_tier":"standard"}"#;
    let text = [result(&long, usage), result("b", usage)].join("\r\n");
    let metered = results(text.as_bytes());
    assert_eq!((metered.items.len(), metered.items_skipped, metered.is_complete), (2, 0, true));
    for item in metered.items {
        assert_eq!(item.usage, used(Some(3), Some(4)));
        assert_eq!((item.service_tier, item.outcome), (ServiceTier::Batch, BatchOutcome::Succeeded));
    }
}

#[test]
fn a_line_that_cannot_be_read_is_counted_and_hides_no_other() {
    let usage = r#"{"input_tokens":3,"output_tokens":4}"#;
    let overlong = format!(r#"{{"input_tokens":3,"padding":"{}"}}"#, "x".repeat(OVERLONG));
    let lines = [
        result("a", usage),
        result("b", &overlong),
        "not JSON".into(),
        r#"{"custom_id":"no result"}"#.into(),
        "  ".into(),
        result("c", r#"{"input_tokens":-3}"#),
        result("d", usage),
    ];
    let metered = results((lines.join("\n") + "\n").as_bytes());
    let inputs: Vec<_> = metered.items.iter().map(|item| item.usage.input_tokens).collect();
    assert_eq!(inputs, [Some(3), Some(3), None, Some(3)]);
    assert_eq!((metered.items_skipped, metered.usage), (2, used(Some(0), Some(0))));
    // A line that is cut off is not one that cannot be read.
    let metered = results(&lines.join("\n").as_bytes()[..lines[0].len() - 1]);
    assert_eq!((metered.items.len(), metered.items_skipped, metered.is_complete), (0, 0, false));
}

#[test]
fn items_that_nobody_takes_are_counted() {
    let line = result("a", r#"{"input_tokens":3,"output_tokens":4}"#) + "\n";
    let text = line.repeat(30_000);
    let mut meter = new_meter(Endpoint::BatchResults, false, 200, None, None);
    meter.feed(text.as_bytes());
    assert_eq!(meter.take_items().len(), 20_000);
    meter.feed(line.as_bytes());
    assert_eq!(meter.take_items().len(), 1);
    assert_eq!(meter.finish().items_skipped, 10_000);
}

#[test]
fn an_error_in_the_place_of_results_is_one() {
    let error = r#"{"type":"error","error":{"type":"not_found_error","message":"secret words"}}"#;
    let pretty = error.replace(',', ",\n").replace('{', "{\n");
    for text in [error, &pretty] {
        let metered = results(text.as_bytes());
        assert_eq!(metered.failure.map(|failure| failure.kind), Some("not_found_error".to_owned()));
        assert_eq!((metered.items.len(), metered.items_skipped), (0, 0));
    }
    let line = result("a", r#"{"input_tokens":3,"output_tokens":4}"#) + "\n";
    let metered = results([&line, error].concat().as_bytes());
    assert_eq!((metered.items.len(), metered.items_skipped, metered.failure), (1, 1, None));
}
