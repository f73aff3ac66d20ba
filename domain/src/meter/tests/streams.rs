//! Odd streams.

use super::*;

const START: &str = "event: message_start\ndata: {\"message\":{\"model\":\"m\",\"usage\":{\"input_tokens\":5,\"output_tokens\":1}}}\n\n";
const STOP: &str = "event: message_stop\ndata: {}\n\n";

fn delta(usage: &str) -> String {
    format!(
        "event: message_delta\ndata: {{\"delta\":{{\"stop_reason\":\"end_turn\"}},\"usage\":{usage}}}\n\n"
    )
}

#[test]
fn the_output_of_message_start_is_a_placeholder() {
    assert_eq!(stream(START.as_bytes()).usage, used(Some(5), None));
    assert_eq!(stream([START, STOP].concat().as_bytes()).usage, used(Some(5), None));
    let null = [START, &delta(r#"{"output_tokens":null}"#), STOP].concat();
    assert_eq!(stream(null.as_bytes()).usage, used(Some(5), None));
    let zero = [START, &delta(r#"{"output_tokens":0}"#), STOP].concat();
    // One that was told once holds, whatever a `message_delta` says.
    assert_eq!(stream(zero.as_bytes()).usage, used(Some(5), Some(1)));
}

#[test]
fn an_event_of_an_unknown_name_is_what_its_data_says() {
    let recorded = String::from_utf8(Recorded::named("plain").bytes).unwrap();
    let expected = stream(recorded.as_bytes());
    assert_eq!(expected.usage.output_tokens, Some(12));
    for name in ["message", "x", "a-name-that-is-longer-than-any-of-the-api"] {
        let lines = recorded.lines().map(|line| match line.starts_with("event:") {
            true => format!("event: {name}\n"),
            false => format!("{line}\n"),
        });
        assert_eq!(stream(lines.collect::<String>().as_bytes()), expected, "{name}");
    }
}

#[test]
fn an_output_count_is_final_once_generation_has_stopped() {
    let running =
        "event: message_delta\ndata: {\"delta\":{\"stop_reason\":null},\"usage\":{\"output_tokens\":9}}\n\n";
    assert_eq!(stream([START, running].concat().as_bytes()).usage, used(Some(5), None));
    assert_eq!(stream([START, running, STOP].concat().as_bytes()).usage, used(Some(5), Some(9)));
    let stopped = [START, running, &delta(r#"{"output_tokens":12}"#)].concat();
    assert_eq!(stream(stopped.as_bytes()).usage, used(Some(5), Some(12)));
}

#[test]
fn iterations_in_message_start_are_read_up_to_the_attempt_that_goes_on() {
    let start = START.replace("\"input_tokens\":5", "\"iterations\":[{\"type\":\"compaction\",\"input_tokens\":90,\"output_tokens\":1}],\"input_tokens\":5");
    let metered = stream([&start, &delta(r#"{"output_tokens":12}"#), STOP].concat().into_bytes().as_slice());
    // The compaction is over; the message, which is not listed, is what the top tells of.
    assert_eq!(metered.usage, used(Some(95), Some(13)));
    let cut = stream(start.as_bytes());
    assert_eq!((cut.usage, cut.iterations[0].usage), (used(Some(95), None), used(Some(90), Some(1))));
    let told = delta(
        r#"{"iterations":[{"type":"compaction","input_tokens":90,"output_tokens":7},{"type":"message","input_tokens":5,"output_tokens":12}]}"#,
    );
    assert_eq!(stream([&start, &told, STOP].concat().as_bytes()).usage, used(Some(95), Some(19)));
}

#[test]
fn objects_are_overwritten_member_by_member() {
    let start = START.replace("\"input_tokens\":5", "\"input_tokens\":5,\"cache_creation_input_tokens\":70,\"cache_creation\":{\"ephemeral_5m_input_tokens\":30,\"ephemeral_1h_input_tokens\":40},\"server_tool_use\":{\"web_search_requests\":2}");
    let told = delta(
        r#"{"output_tokens":6,"cache_creation_input_tokens":70,"cache_creation":{"ephemeral_1h_input_tokens":null},"server_tool_use":{"web_search_requests":null,"web_fetch_requests":3}}"#,
    );
    let usage = stream([&start, &told, STOP].concat().as_bytes()).usage;
    let expected = Usage {
        cache_write_5m_tokens: Some(30),
        cache_write_1h_tokens: Some(40),
        web_search_requests: 2,
        ..used(Some(5), Some(6))
    };
    assert_eq!(usage, expected);
}

#[test]
fn an_event_that_cannot_be_read_leaves_only_what_it_would_have_told_unknown() {
    for (event, field) in [
        (delta(r#"{"output_tokens":-1}"#), "output_tokens"),
        (delta(r#"{"output_tokens":1}}"#), "usage"),
        ("event: message_delta\ndata: {\"usage\":\n\n".into(), "usage"),
        (delta(&format!("{{\"output_tokens\":[\"{}\"]}}", "x".repeat(700 << 10))), "output_tokens"),
        (delta("7"), "usage"),
    ] {
        let metered = stream([START, &event, STOP].concat().as_bytes());
        assert_eq!((metered.usage, metered.fault), (used(Some(5), None), None), "{field}");
        let remarked: Vec<_> = metered.remarks.iter().map(|remark| remark.field.as_str()).collect();
        assert_eq!(remarked, [field]);
        assert_eq!(metered.model.as_deref(), Some("m"));
        assert!(metered.is_complete);
    }
    // What was told before, or is told later, is known.
    let told = delta(r#"{"input_tokens":[],"output_tokens":7}"#);
    for text in [
        [START, &told, &delta(r#"{"output_tokens":-1}"#), STOP],
        [START, &delta(r#"{"output_tokens":-1}"#), &told, STOP],
    ] {
        let metered = stream(text.concat().as_bytes());
        assert_eq!((metered.usage, metered.remarks.is_empty()), (used(Some(5), Some(7)), true));
    }
}

#[test]
fn counts_never_fall_and_words_are_the_last() {
    let start = START.replace(
        "\"input_tokens\":5",
        r#""input_tokens":1234,"cache_read_input_tokens":5000,"cache_creation":{"ephemeral_5m_input_tokens":30,"ephemeral_1h_input_tokens":40},"server_tool_use":{"web_search_requests":2},"service_tier":"priority","speed":"fast""#,
    );
    let zeros = delta(
        r#"{"input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"server_tool_use":{"web_search_requests":0},"service_tier":null,"speed":"standard"}"#,
    );
    let output = delta(r#"{"output_tokens":52}"#);
    let expected = Usage {
        cache_write_5m_tokens: Some(30),
        cache_write_1h_tokens: Some(40),
        cache_read_tokens: Some(5_000),
        web_search_requests: 2,
        ..used(Some(1_234), Some(52))
    };
    for deltas in [[&zeros, &output], [&output, &zeros]] {
        let metered = stream([&start, deltas[0], deltas[1], STOP].concat().as_bytes());
        assert_eq!((metered.usage, metered.service_tier), (expected, ServiceTier::Priority));
        assert!(!metered.fast);
    }
}

#[test]
fn counts_of_attempts_never_fall_either() {
    let attempts = |declined: u64, answered: &str| {
        delta(&format!(
            r#"{{"output_tokens":64,"iterations":[{{"type":"message","input_tokens":700,"output_tokens":{declined}}},{{"type":"fallback_message","model":"claude-haiku-4-5",{answered}}}]}}"#
        ))
    };
    let told = attempts(0, r#""input_tokens":702,"output_tokens":64"#);
    let zeros = attempts(0, r#""input_tokens":0,"output_tokens":0"#);
    for deltas in [[&told, &zeros], [&zeros, &told]] {
        let metered = stream([START, deltas[0], deltas[1], STOP].concat().as_bytes());
        assert_eq!(metered.usage, used(Some(702), Some(64)));
    }
    // What `message_start` told of the output of the one attempt it knew was a placeholder: it was declined.
    let start = START.replace(
        "\"input_tokens\":5",
        r#""iterations":[{"type":"message","input_tokens":700,"output_tokens":1}],"input_tokens":700"#,
    );
    let metered = stream([&start, &told, STOP].concat().as_bytes());
    assert_eq!(metered.usage, used(Some(702), Some(64)));
    // Without more of them it is the attempt that answered.
    let metered = stream([&start, &delta(r#"{"output_tokens":52}"#), STOP].concat().as_bytes());
    assert_eq!(metered.usage, used(Some(700), Some(52)));
    let cut = stream(start.as_bytes());
    assert_eq!(cut.usage, used(Some(700), None));
}

#[test]
fn what_an_iteration_leaves_out_leaves_the_message_as_it_is() {
    for output in [r#","output_tokens":null"#, r#","output_tokens":"n/a""#, ""] {
        let told = delta(&format!(
            r#"{{"output_tokens":12,"iterations":[{{"type":"compaction","input_tokens":90{output}}},{{"type":"message","input_tokens":5,"output_tokens":12}}]}}"#
        ));
        let metered = stream([START, &told, STOP].concat().as_bytes());
        assert_eq!(metered.usage, used(Some(95), Some(12)), "{output}");
        let remarked: Vec<_> = metered.remarks.iter().map(|remark| remark.field.as_str()).collect();
        assert_eq!(remarked, ["iterations[].output_tokens"]);
    }
    // One that is deep in it, or large, is as good as none that is read.
    let deep = format!("{}1{}", "[".repeat(50), "]".repeat(50));
    let told = delta(&format!(r#"{{"x":{deep},"output_tokens":12}}"#));
    assert_eq!(stream([START, &told, STOP].concat().as_bytes()).usage, used(Some(5), Some(12)));
}

#[test]
fn events_of_any_size_pass() {
    let long = "y".repeat(5 << 20);
    let block = format!("event: content_block_start\ndata: {{\"x\":\"{long}\"}}\n\n: {long}\n{long}\n");
    let text = format!("event: content_block_delta\ndata: {{\"delta\":{{\"text\":\"{long}\"}}}}\n\n");
    let metered = stream([START, &block, &text, &delta(r#"{"output_tokens":6}"#), STOP].concat().as_bytes());
    assert_eq!(metered.usage, used(Some(5), Some(6)));
    assert_eq!(metered.generated_bytes, 5 << 20);
}

#[test]
fn an_event_that_is_not_ended_does_not_count() {
    let text = [START, delta(r#"{"output_tokens":6}"#).trim_end()].concat();
    assert_eq!(stream(text.as_bytes()).usage, used(Some(5), None));
    assert_eq!(stream([&text, "\n"].concat().as_bytes()).usage, used(Some(5), None));
    assert_eq!(stream([&text, "\n\n"].concat().as_bytes()).usage, used(Some(5), Some(6)));
}

#[test]
fn an_error_without_words_is_still_one() {
    for data in ["{}", "{\"error\":null}", "oops", "{\"error\":{\"type\":7}}"] {
        let text = [START, "event: error\ndata: ", data, "\n\n"].concat();
        let metered = stream(text.as_bytes());
        assert_eq!(metered.failure, Some(ApiFailure::default()), "{data}");
        assert_eq!(metered.usage, used(Some(5), None));
    }
}

#[test]
fn the_first_bytes_say_what_it_is_whatever_the_headers_say() {
    let headers =
        [None, Some("text/event-stream"), Some("application/json; charset=utf-8"), Some("text/plain")];
    let streamed = [START, &delta(r#"{"output_tokens":6}"#), STOP].concat();
    let unnamed = streamed
        .replace("event: message_start\n", "")
        .replace("{\"message\"", "{\"type\":\"message_start\",\"message\"");
    let refused = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n";
    let message = r#"{"model":"m","usage":{"input_tokens":5,"output_tokens":6}}"#;
    for content_type in headers {
        for asks_for_stream in [false, true] {
            let metered = |status, text: &str| {
                let meter = || new_meter(Endpoint::Messages, asks_for_stream, status, content_type, None);
                let whole = feed(meter(), [text.as_bytes()]).0;
                assert_eq!(feed(meter(), text.as_bytes().chunks(1)).0, whole);
                whole
            };
            for before in ["", "\n\n", "\u{feff}", ": hello\n\n", "retry: 7\r\n", "id\n"] {
                for text in [&streamed, &unnamed] {
                    let metered = metered(200, &format!("{before}{text}"));
                    assert_eq!(metered.usage, used(Some(5), Some(6)), "{content_type:?} {before:?}");
                    assert!(metered.streamed && metered.is_complete);
                }
                let refused = metered(529, &format!("{before}{refused}"));
                assert_eq!(refused.failure.map(|failure| failure.kind), Some("overloaded_error".to_owned()));
            }
            for before in ["", "\n ", "\u{feff}"] {
                let metered = metered(200, &format!("{before}{message}"));
                assert_eq!((metered.usage, metered.streamed), (used(Some(5), Some(6)), false));
            }
        }
    }
}

#[test]
fn headers_decide_where_the_first_bytes_leave_it_open() {
    let text = format!("x-of-a-gateway: 1\n{START}");
    for (content_type, asks_for_stream, is_stream) in [
        (Some("text/event-stream"), false, true),
        // No message in JSON begins so, and a stream was asked for.
        (Some("application/json"), true, true),
        (Some("application/json"), false, false),
        (None, true, true),
        (Some("text/plain"), true, true),
        (None, false, false),
    ] {
        let meter = new_meter(Endpoint::Messages, asks_for_stream, 200, content_type, None);
        assert_eq!(feed(meter, [text.as_bytes()]).0.streamed, is_stream, "{content_type:?}");
    }
    for first_line in ["x-trace: 1", "event : x", "id ", "0", "eventually", "dat"] {
        let text = [first_line, "\n\n", START, &delta(r#"{"output_tokens":6}"#), STOP].concat();
        let meter = new_meter(Endpoint::Messages, true, 200, Some("application/json"), None);
        let metered = feed(meter, [text.as_bytes()]).0;
        assert_eq!((metered.usage, metered.is_complete), (used(Some(5), Some(6)), true), "{first_line}");
    }
}
