//! Numbers that are none, or larger than they may be, and counts that are left out.

use super::*;

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
