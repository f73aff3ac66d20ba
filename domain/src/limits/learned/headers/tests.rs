//! Every family of headers, and what makes no sense.

use proptest::prelude::*;

use super::*;

fn of(headers: &[(&str, &str)]) -> Observation {
    read(headers.iter().copied())
}

fn observed(observation: &Observation, word: &str) -> (Option<u64>, Option<i64>, Option<i64>) {
    let found = observation.observed.iter().find(|observed| observed.limiter.word() == word);
    found.map(|observed| (observed.limit, observed.remaining, observed.reset_ms)).expect(word)
}

#[test]
fn times_are_read_in_every_form() {
    for value in [
        "1796011331",
        "1796011331.0",
        "1796011331.4",
        "1796011331000",
        "\"1796011331\"",
        "2026-11-30T04:02:11Z",
        "2026-11-30 04:02:11Z",
        "2026-11-30T13:02:11+09:00",
        "2026-11-30T04:02:11",
        "Mon, 30 Nov 2026 04:02:11 GMT",
    ] {
        assert_eq!(time(value).map(|ms| ms.div_euclid(1_000)), Some(1_796_011_331), "{value}");
    }
    for value in ["", "soon", ".", "1.2.3", "-5", "1e400", "99999999999999999999999", "inf", "nan"] {
        assert_eq!(time(value), None, "{value}");
    }
}

#[test]
fn every_family_is_read() {
    let observation = of(&[
        ("Anthropic-RateLimit-Requests-Limit", "1000"),
        ("anthropic-ratelimit-requests-remaining", " 871 "),
        ("anthropic-ratelimit-requests-reset", "2025-08-21T12:40:59Z"),
        ("anthropic-ratelimit-input-tokens-limit", "80000"),
        ("anthropic-ratelimit-output-tokens-remaining", "16000"),
        ("anthropic-ratelimit-tokens-limit", "96000"),
        ("anthropic-fast-input-tokens-limit", "0"),
        ("anthropic-priority-output-tokens-limit", "5"),
        ("anthropic-organization-id", "org"),
        ("anthropic-workspace-id", "wrkspc"),
        ("request-id", "req_1"),
        ("retry-after", "7"),
    ]);
    assert_eq!(observed(&observation, "requests"), (Some(1_000), Some(871), Some(1_755_780_059_000)));
    assert_eq!(observed(&observation, "input_tokens"), (Some(80_000), None, None));
    assert_eq!(observed(&observation, "output_tokens"), (None, Some(16_000), None));
    assert_eq!(observed(&observation, "tokens"), (Some(96_000), None, None));
    assert_eq!(observed(&observation, "fast_input_tokens"), (Some(0), None, None));
    assert_eq!(observed(&observation, "priority_output_tokens"), (Some(5), None, None));
    assert_eq!(observation.observed.len(), 6);
    let Observation { organization, workspace, request_id, .. } = observation;
    assert_eq!((&*organization, &*workspace, &*request_id), ("org", "wrkspc", "req_1"));
}

#[test]
fn windows_are_read_by_prefix_whatever_they_are_called() {
    let observation = of(&[
        ("anthropic-ratelimit-unified-status", "allowed"),
        ("anthropic-ratelimit-unified-reset", "1795521600"),
        ("anthropic-ratelimit-unified-representative-claim", "five_hour"),
        ("anthropic-ratelimit-unified-fallback-percentage", "0.5"),
        ("anthropic-ratelimit-unified-5h-status", "allowed_warning"),
        ("anthropic-ratelimit-unified-5h-utilization", "0.83"),
        ("anthropic-ratelimit-unified-5h-reset", "1795521600"),
        ("anthropic-ratelimit-unified-5h-surpassed-threshold", "0.8"),
        ("anthropic-ratelimit-unified-7d-sonnet-utilization", "1.024"),
        ("anthropic-ratelimit-unified-9w_new-utilization", "0"),
    ]);
    let words: Vec<_> = observation.observed.iter().map(|observed| observed.limiter.word()).collect();
    assert_eq!(words, ["unified_5h", "unified_7d_sonnet", "unified_9w_new"]);
    let five_hours = observed(&observation, "unified_5h");
    assert_eq!(five_hours, (Some(10_000), Some(1_700), Some(1_795_521_600_000)));
    assert_eq!(observed(&observation, "unified_7d_sonnet").1, Some(-240));
    assert_eq!(observation.observed[0].status, "allowed_warning");
}

#[test]
fn what_makes_no_sense_is_passed_over() {
    let long = "9".repeat(200);
    let nothing = of(&[
        ("anthropic-ratelimit-requests-limit", "many"),
        ("anthropic-ratelimit-requests-limit", "-5"),
        ("anthropic-ratelimit-requests-limit", "+5"),
        ("anthropic-ratelimit-requests-remaining", "99999999999999999999"),
        ("anthropic-ratelimit-requests-reset", "tomorrow"),
        ("anthropic-ratelimit-input-tokens-limit", &long),
        ("anthropic-ratelimit-moods-limit", "5"),
        ("anthropic-ratelimit-unified-5h-utilization", "NaN"),
        ("anthropic-ratelimit-unified-5h-utilization", "-1"),
        ("anthropic-ratelimit-unified-5h-utilization", "inf"),
        ("anthropic-ratelimit-unified--utilization", "0.5"),
        ("anthropic-ratelimit-unified-5h-reset", "99999999999999"),
        ("anthropic-organization-id", "two words"),
    ]);
    assert_eq!(nothing, Observation::default());
    assert_eq!(nothing.boxed(), None);
}

#[test]
fn a_window_that_is_rejected_has_nothing_left_whatever_else_it_says() {
    for (utilization, remaining) in [(None, 0), (Some("0.99"), 0), (Some("1.02"), -200)] {
        let mut headers = vec![("anthropic-ratelimit-unified-5h-status", "rejected")];
        headers.extend(utilization.map(|used| ("anthropic-ratelimit-unified-5h-utilization", used)));
        assert_eq!(observed(&of(&headers), "unified_5h"), (Some(10_000), Some(remaining), None));
    }
    let claim = |status, claim| {
        of(&[
            ("anthropic-ratelimit-unified-status", status),
            ("anthropic-ratelimit-unified-reset", "1795521600"),
            ("anthropic-ratelimit-unified-representative-claim", claim),
            ("anthropic-ratelimit-unified-5h-utilization", "0.2"),
        ])
    };
    let nothing_left = (Some(10_000), Some(0), Some(1_795_521_600_000));
    assert_eq!(observed(&claim("rejected", "five_hour"), "unified_5h"), nothing_left);
    assert_eq!(observed(&claim("rejected", "seven_day_sonnet"), "unified_7d_sonnet"), nothing_left);
    for untold in [claim("allowed_warning", "seven_day"), claim("rejected", "overage")] {
        assert_eq!(untold.observed.len(), 1);
        assert_eq!(observed(&untold, "unified_5h"), (Some(10_000), Some(8_000), None));
    }
    let taught_nothing = of(&[
        ("anthropic-ratelimit-unified-5h-status", "allowed"),
        ("anthropic-ratelimit-unified-overage-status", "rejected"),
    ]);
    for word in ["unified_5h", "unified_overage"] {
        assert_eq!(observed(&taught_nothing, word), (None, None, None));
    }
}

#[test]
fn windows_do_not_grow_without_end() {
    let names: Vec<_> =
        (0..100).map(|number| format!("anthropic-ratelimit-unified-{number}d-utilization")).collect();
    let observation = read(names.iter().map(|name| (name.as_str(), "0.5")));
    assert_eq!(observation.observed.len(), MOST_WINDOWS);
}

proptest! {
    #[test]
    fn nothing_that_is_sent_does_harm(
        headers in prop::collection::vec((
            prop_oneof![
                "[ -~]{0,60}",
                "anthropic-ratelimit-(requests|tokens|unified-5h|unified-\\PC{0,40})-(limit|remaining|reset|utilization|status)",
            ],
            prop_oneof!["\\PC{0,200}", "[0-9.e+-]{0,30}"],
        ), 0..60),
    ) {
        let observation = read(headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        prop_assert!(observation.observed.len() <= FAMILIES.len() + MOST_WINDOWS);
        for observed in &observation.observed {
            prop_assert!(observed.limit.is_none_or(|limit| limit <= LARGEST));
            prop_assert!(observed.status.len() <= LONGEST_VALUE);
        }
    }
}
