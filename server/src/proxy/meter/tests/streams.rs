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
    assert_eq!(stream(zero.as_bytes()).usage, used(Some(5), Some(0)));
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
fn iterations_in_message_start_have_placeholders_too() {
    let start = START.replace("\"input_tokens\":5", "\"iterations\":[{\"type\":\"compaction\",\"input_tokens\":90,\"output_tokens\":1}],\"input_tokens\":5");
    let metered = stream([&start, &delta(r#"{"output_tokens":12}"#), STOP].concat().into_bytes().as_slice());
    assert_eq!(metered.usage, used(Some(90), None));
    assert_eq!(metered.iterations[0].usage.output_tokens, None);
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
fn what_cannot_be_read_leaves_the_usage_unknown() {
    for (event, fault) in [
        (delta(r#"{"output_tokens":-1}"#), Fault::UnreadableUsage),
        (delta(r#"{"output_tokens":1}}"#), Fault::Malformed),
        ("event: message_delta\ndata: {\"usage\":\n\n".into(), Fault::Malformed),
        (delta(&format!("{{\"x\":\"{}\"}}", "x".repeat(70 << 10))), Fault::TooLarge),
    ] {
        let metered = stream([START, &event, STOP].concat().as_bytes());
        assert_eq!((metered.usage, metered.fault), (Usage::default(), Some(fault)));
        assert_eq!(metered.model.as_deref(), Some("m"));
        assert!(metered.is_complete);
    }
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
