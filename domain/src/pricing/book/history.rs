//! What fast mode and long prompts cost on which day, and at whom.

use super::tests::{event, nano, settled};
use crate::usage::{Event, Iteration};

/// What an event of a model with so many tokens of input and output costs on a day, in nano-dollars.
fn asked(model: &str, day: &str, fast: bool, input: u64, output: u64) -> Option<i64> {
    nano(&at(day, Event { fast, ..event(model, input, output) }))
}

fn at(day: &str, event: Event) -> Event {
    let noon = format!("{day}T12:00:00Z").parse::<jiff::Timestamp>().expect("a time");
    Event { at_ms: noon.as_millisecond(), ..event }
}

#[test]
fn fast_mode_costs_what_it_cost_that_day_and_is_unpriced_where_there_was_none() {
    // Dollars for a million tokens of input; the last is that of output in nano-dollars for a token.
    for (model, day, input, output) in [
        ("claude-fable-5-2", "2026-11-24", Some(16), 80_000),
        ("claude-mythos-5-2", "2026-11-24", Some(16), 80_000),
        ("claude-opus-5-5", "2026-11-24", Some(8), 40_000),
        ("claude-opus-5", "2026-11-24", Some(10), 50_000),
        ("claude-opus-4-8", "2026-11-30", Some(10), 50_000),
        ("claude-opus-4-8", "2026-12-01", None, 0),
        ("claude-opus-4-7", "2026-07-24", Some(30), 150_000),
        ("claude-opus-4-7", "2026-07-25", None, 0),
        // At half the price for some, and nothing says for whom.
        ("claude-opus-4-6", "2026-02-10", None, 0),
        ("claude-opus-4-6", "2026-02-18", Some(30), 150_000),
        ("claude-opus-4-6", "2026-06-29", Some(30), 150_000),
        ("claude-opus-4-6", "2026-06-30", None, 0),
        ("claude-fable-5-1", "2026-11-24", None, 0),
        ("claude-mythos-preview", "2026-11-24", None, 0),
        ("claude-opus-4-5", "2026-11-24", None, 0),
        ("claude-sonnet-5-5", "2026-11-24", None, 0),
        ("claude-haiku-5-5", "2026-11-24", None, 0),
        ("claude-2.1", "2023-11-24", None, 0),
    ] {
        let cost = asked(model, day, true, 1_000, 0);
        assert_eq!(cost, input.map(|usd: i64| usd * 1_000_000), "{model} on {day}");
        assert_eq!(asked(model, day, true, 0, 1), input.map(|_| output), "{model} on {day}");
        assert!(asked(model, day, false, 1_000, 0).is_some(), "{model} on {day}");
        // Where it is a model of its own.
        assert_eq!(asked(&format!("{model}-fast"), day, false, 1_000, 0), cost, "{model} on {day}");
    }
}

#[test]
fn fast_mode_is_on_top_of_what_a_long_prompt_costs() {
    let cost = |day| asked("claude-opus-4-6", day, true, 200_001, 1);
    assert_eq!(cost("2026-03-12"), Some(200_001 * 60_000 + 225_000));
    assert_eq!(cost("2026-03-13"), Some(200_001 * 30_000 + 150_000));
}

#[test]
fn fast_mode_is_unpriced_where_who_serves_it_names_no_price() {
    for (model, input) in [
        ("vertex_ai/claude-fable-5-2", Some(16_000_000)),
        ("projects/p/locations/eu/publishers/anthropic/models/claude-fable-5-2", Some(17_600_000)),
        ("vertex_ai/claude-opus-5-5", None),
        ("azure_ai/claude-opus-5-5", Some(8_000_000)),
        ("azure_ai/claude-opus-5", None),
        ("openrouter/anthropic/claude-opus-5", Some(10_000_000)),
        ("openrouter/anthropic/claude-opus-5-fast", Some(10_000_000)),
        ("openrouter/anthropic/claude-sonnet-5", None),
        ("vercel/anthropic/claude-opus-5-fast", None),
        ("github_copilot/claude-opus-4.8-fast", Some(10_000_000)),
        ("bedrock/claude_platform/claude-opus-5-5", None),
        ("us.anthropic.claude-opus-5-5", None),
        ("global.anthropic.claude-fable-5-2", None),
        ("bedrock_mantle/anthropic.claude-opus-5-5", None),
        ("databricks-claude-opus-5-5", None),
        ("kyma/claude-opus-5-5", None),
        ("perplexity/claude-opus-5", None),
    ] {
        assert_eq!(asked(model, "2026-11-24", true, 1_000, 0), input, "{model}");
    }
}

#[test]
fn an_attempt_in_fast_mode_by_a_model_that_has_none_leaves_an_event_unpriced() {
    let mut fast = Event { fast: true, ..event("claude-opus-5-5", 10, 1) };
    let advice = event("claude-sonnet-5-5", 10, 1).usage;
    fast.iterations = vec![
        Iteration { kind: "message".to_owned(), model: None, usage: fast.usage },
        Iteration {
            kind: "advisor_message".to_owned(),
            model: Some("claude-sonnet-5-5".to_owned()),
            usage: advice,
        },
    ];
    let top = fast.usage;
    settled(&mut fast, top);
    assert_eq!(nano(&fast), None);
    assert_eq!(nano(&Event { fast: false, ..fast }), Some(10 * 4_000 + 20_000 + 10 * 2_000 + 10_000));
}

#[test]
fn a_long_prompt_costs_what_it_cost_that_day() {
    // Nano-dollars for a token of input and of output.
    for (model, day, input, output) in [
        ("claude-sonnet-4", "2025-08-11", 3_000, 15_000),
        ("claude-sonnet-4", "2025-08-12", 6_000, 22_500),
        ("claude-sonnet-4-20250514[1m]", "2026-04-30", 6_000, 22_500),
        ("claude-sonnet-4", "2026-05-01", 3_000, 15_000),
        ("claude-sonnet-4-5", "2025-09-29", 6_000, 22_500),
        ("claude-sonnet-4-5", "2026-04-30", 6_000, 22_500),
        ("claude-sonnet-4-5", "2026-05-01", 3_000, 15_000),
        ("claude-opus-4-6", "2026-02-05", 10_000, 37_500),
        ("claude-opus-4-6", "2026-03-12", 10_000, 37_500),
        ("claude-opus-4-6", "2026-03-13", 5_000, 25_000),
        ("claude-sonnet-4-6", "2026-02-17", 6_000, 22_500),
        ("claude-sonnet-4-6", "2026-03-12", 6_000, 22_500),
        ("claude-sonnet-4-6", "2026-03-13", 3_000, 15_000),
        ("claude-opus-4-5", "2026-02-05", 5_000, 25_000),
        // Clouds ask a multiple of it, once.
        ("us.anthropic.claude-sonnet-4-20250514-v1:0", "2025-11-01", 6_000, 22_500),
        ("us.anthropic.claude-sonnet-4-20250514-v1:0", "2026-11-01", 6_000, 22_500),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "2026-02-01", 6_600, 24_750),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "2026-11-01", 6_600, 24_750),
        ("us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0", "2026-02-01", 7_200, 27_000),
        ("global.anthropic.claude-opus-4-6-v1", "2026-03-18", 5_000, 25_000),
        ("us.anthropic.claude-sonnet-4-6", "2026-03-18", 3_300, 16_500),
        ("claude-sonnet-4@20250514", "2025-11-01", 6_000, 22_500),
        ("claude-sonnet-4-5@20250929", "2026-02-01", 6_000, 22_500),
        ("claude-sonnet-4-5@20250929", "2026-11-01", 6_000, 22_500),
        ("projects/p/locations/eu/publishers/anthropic/models/claude-opus-4-6", "2026-03-12", 11_000, 41_250),
        ("projects/p/locations/eu/publishers/anthropic/models/claude-opus-4-6", "2026-03-13", 5_500, 27_500),
        ("azure_ai/claude-opus-4-6", "2026-03-12", 10_000, 37_500),
    ] {
        let cost = asked(model, day, false, 200_001, 10);
        assert_eq!(cost, Some(200_001 * input + 10 * output), "{model} on {day}");
        let short = asked(model, day, false, 200_000, 0).expect("a price");
        assert!(short <= 200_000 * input, "{model} on {day}");
    }
}

#[test]
fn a_long_prompt_is_unpriced_while_nobody_knows_what_a_cloud_asked_for_it() {
    for model in ["anthropic.claude-opus-4-6-v1", "bedrock/eu-west-1/anthropic.claude-sonnet-4-6"] {
        assert!(asked(model, "2026-03-17", false, 200_000, 1).is_some(), "{model}");
        assert_eq!(asked(model, "2026-03-17", false, 200_001, 1), None, "{model}");
        assert!(asked(model, "2026-03-18", false, 200_001, 1).is_some(), "{model}");
    }
}

#[test]
fn the_cache_counts_towards_a_long_prompt_and_costs_twice_in_it() {
    let mut cached = at("2026-02-01", event("claude-sonnet-4-5", 1, 0));
    cached.usage.cache_read_tokens = Some(150_000);
    cached.usage.cache_write_5m_tokens = Some(49_999);
    assert_eq!(nano(&cached), Some(3_000 + 150_000 * 300 + 49_999 * 3_750));
    cached.usage.cache_write_1h_tokens = Some(1);
    assert_eq!(nano(&cached), Some(6_000 + 150_000 * 600 + 49_999 * 7_500 + 12_000));
}
