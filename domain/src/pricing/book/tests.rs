//! Prices of the price list, with every modifier.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::pricing::model;
use crate::usage::{CacheWrites, Dimensions, Iteration, settle};

fn book() -> &'static PriceBook {
    static BOOK: LazyLock<PriceBook> =
        LazyLock::new(|| PriceBook::parse(EMBEDDED, provider::EMBEDDED).expect("the embedded price book"));
    &BOOK
}

pub fn event(model: &str, input: u64, output: u64) -> Event {
    Event {
        at_ms: "2026-11-24T12:00:00Z".parse::<jiff::Timestamp>().expect("a time").as_millisecond(),
        usage: Usage { input_tokens: Some(input), output_tokens: Some(output), ..Usage::default() },
        dimensions: Dimensions { model: model.to_owned(), ..Dimensions::default() },
        ..Event::default()
    }
}

pub fn nano(event: &Event) -> Option<i64> {
    book().cost(event).map(|cost| cost.0)
}

#[test]
fn every_model_of_the_price_list_has_its_price() {
    // Dollars for a million input and a million output tokens.
    for (model, input, output) in [
        ("claude-fable-5-2", 8.0, 40.0),
        ("claude-fable-5-1", 10.0, 50.0),
        ("claude-mythos-5", 10.0, 50.0),
        ("claude-opus-5-5", 4.0, 20.0),
        ("claude-opus-5", 5.0, 25.0),
        ("claude-opus-4-8", 5.0, 25.0),
        ("claude-opus-4-7", 5.0, 25.0),
        ("claude-opus-4-6", 5.0, 25.0),
        ("claude-opus-4-5-20251101", 5.0, 25.0),
        ("claude-opus-4-1", 15.0, 75.0),
        ("claude-opus-4-20250514", 15.0, 75.0),
        ("claude-3-opus-20240229", 15.0, 75.0),
        ("claude-sonnet-5-5", 2.0, 10.0),
        ("claude-sonnet-5", 2.0, 10.0),
        ("claude-sonnet-4-6", 3.0, 15.0),
        ("claude-sonnet-4-5-20250929", 3.0, 15.0),
        ("claude-3-7-sonnet-20250219", 3.0, 15.0),
        ("claude-haiku-4-5", 1.0, 5.0),
        ("claude-3-5-haiku-20241022", 0.8, 4.0),
        ("claude-3-haiku-20240307", 0.25, 1.25),
        ("claude-3-sonnet-20240229", 3.0, 15.0),
        ("claude-3-5-sonnet-20240620", 3.0, 15.0),
        ("claude-3-5-sonnet-latest", 3.0, 15.0),
        ("claude-mythos-preview", 10.0, 50.0),
        ("claude-2.1", 8.0, 24.0),
        ("claude-2", 8.0, 24.0),
        ("claude-1.3", 8.0, 24.0),
        ("claude-v1", 8.0, 24.0),
        ("claude-v1.3-100k", 8.0, 24.0),
        ("claude-1", 8.0, 24.0),
        ("claude-instant-1.2", 0.8, 2.4),
        ("claude-instant-v1", 0.8, 2.4),
        ("claude-instant-v1.1-100k", 0.8, 2.4),
    ] {
        let cost = book().cost(&event(model, 1_000_000, 1_000_000)).map(NanoUsd::as_usd);
        assert_eq!(cost, Some(input + output), "{model}");
    }
}

#[test]
fn every_model_with_a_name_has_a_price_and_every_price_a_name() {
    let book = book();
    let priced: BTreeSet<&str> = book.prices.keys().map(String::as_str).collect();
    let named: BTreeSet<&str> = model::ids().collect();
    assert_eq!(priced, named);
    let offered: BTreeSet<&str> = book.offers.models().collect();
    assert_eq!(offered.difference(&named).collect::<Vec<_>>(), Vec::<&&str>::new());
}

#[test]
fn a_price_belongs_to_the_provider_and_the_region() {
    // Nano-dollars for a thousand tokens of input.
    for (model, input) in [
        ("claude-sonnet-4-5", Some(3_000_000)),
        ("anthropic.claude-sonnet-4-5-20250929-v1:0", Some(3_000_000)),
        ("global.anthropic.claude-sonnet-4-5-20250929-v1:0", Some(3_000_000)),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", Some(3_300_000)),
        ("jp.anthropic.claude-sonnet-4-5-20250929-v1:0", Some(3_300_000)),
        ("us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0", Some(3_600_000)),
        ("bedrock/eu-west-1/anthropic.claude-sonnet-4-5-20250929-v1:0", Some(3_300_000)),
        ("bedrock/us-gov-west-1/claude-sonnet-4-5-20250929-v1:0", Some(3_600_000)),
        ("us.anthropic.claude-3-7-sonnet-20250219-v1:0", Some(3_000_000)),
        ("us.anthropic.claude-opus-4-1-20250805-v1:0", Some(15_000_000)),
        ("us-gov.anthropic.claude-opus-4-1-20250805-v1:0", None),
        ("mars.anthropic.claude-sonnet-4-5-20250929-v1:0", None),
        ("bedrock/eu-central-1/anthropic.claude-instant-v1", Some(2_480_000)),
        ("bedrock/eu-central-1/anthropic.claude-v2:1", Some(8_000_000)),
        ("bedrock/us-east-1/anthropic.claude-instant-v1", Some(800_000)),
        ("us.anthropic.claude-mythos-preview", Some(27_500_000)),
        ("claude-opus-4-5@20251101", Some(5_000_000)),
        ("projects/p/locations/global/publishers/anthropic/models/claude-opus-4-5", Some(5_000_000)),
        ("projects/p/locations/us/publishers/anthropic/models/claude-opus-4-5", Some(5_500_000)),
        ("projects/p/locations/us-east5/publishers/anthropic/models/claude-opus-4-1", Some(15_000_000)),
        ("azure_ai/claude-opus-5-5", Some(4_000_000)),
        ("azure_ai/claude-opus-5-5-fast", Some(8_000_000)),
        ("azure_ai/claude-sonnet-5-5-fast", None),
        ("databricks-claude-sonnet-4-5", Some(2_999_990)),
        ("replicate/anthropic/claude-3.5-sonnet", Some(3_750_000)),
        ("replicate/anthropic/claude-opus-5", None),
        ("heroku/claude-4-sonnet", None),
        ("somewhere/claude-sonnet-4-5", None),
        ("claude-sonnet-9", None),
        ("claude-sonnet-latest", None),
        ("my-claude-sonnet-4-5-finetune", None),
        ("claude-sonnet-4-5:free", None),
    ] {
        assert_eq!(nano(&event(model, 1_000, 0)), input, "{model}");
    }
}

#[test]
fn what_govcloud_does_not_offer_is_unpriced_there() {
    for place in [
        "bedrock/us-gov-west-1/anthropic.",
        "bedrock/us-gov-east-1/anthropic.",
        "us-gov.anthropic.",
        "bedrock_mantle/us-gov-west-1/anthropic.",
        "bedrock_mantle/us-gov-east-1/anthropic.",
        "arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/anthropic.",
    ] {
        for id in [
            "claude-opus-4-1-20250805-v1:0",
            "claude-opus-4-5-20251101-v1:0",
            "claude-opus-4-6-v1",
            "claude-sonnet-4-6",
            "claude-sonnet-4-20250514-v1:0",
            "claude-3-5-haiku-20241022-v1:0",
            "claude-instant-v1",
            "claude-fable-5-2",
        ] {
            assert_eq!(nano(&event(&format!("{place}{id}"), 1_000, 0)), None, "{place}{id}");
        }
    }
    let mantle = "bedrock_mantle/us-gov-east-1/anthropic.claude-haiku-5-5";
    assert_eq!(nano(&event(mantle, 1_000, 0)), None);
}

#[test]
fn a_region_that_its_cloud_does_not_have_has_no_price() {
    for (place, priced) in [
        ("bedrock/us-east-1/anthropic.", true),
        ("bedrock/ap-northeast-1/anthropic.", true),
        ("bedrock_mantle/eu-north-1/anthropic.", true),
        ("arn:aws:bedrock:eu-west-1::foundation-model/anthropic.", true),
        ("arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/anthropic.", true),
        ("projects/p/locations/europe-west4/publishers/anthropic/models/", true),
        ("vertex_ai/us-east5/", true),
        ("bedrock/mars-north-9/anthropic.", false),
        ("bedrock/xx-nowhere-7/anthropic.", false),
        ("bedrock/mars-north-9/us.anthropic.", false),
        ("bedrock/cn-north-1/anthropic.", false),
        ("bedrock/us-iso-east-1/anthropic.", false),
        ("bedrock/eusc-de-east-1/anthropic.", false),
        ("bedrock/europe-west4/anthropic.", false),
        ("bedrock_mantle/mars-north-9/anthropic.", false),
        ("mars-north-9.anthropic.", false),
        ("arn:aws-cn:bedrock:cn-north-1::foundation-model/anthropic.", false),
        ("arn:aws-cn:bedrock:us-east-1::foundation-model/anthropic.", false),
        ("arn:aws:bedrock:us-gov-west-1::foundation-model/anthropic.", false),
        ("arn:aws-iso:bedrock:us-iso-east-1::foundation-model/anthropic.", false),
        ("projects/p/locations/atlantis-north9/publishers/anthropic/models/", false),
        ("projects/p/locations/us-gov-west-1/publishers/anthropic/models/", false),
        ("projects/p/locations/us-east-1/publishers/anthropic/models/", false),
        ("vertex_ai/eu-west-1/", false),
    ] {
        let id = format!("{place}claude-haiku-4-5");
        assert_eq!(nano(&event(&id, 1_000, 0)).is_some(), priced, "{id}");
    }
}

#[test]
fn a_kind_of_tokens_whose_price_is_not_known_leaves_an_event_unpriced() {
    for (model, known) in
        [("vercel/anthropic/claude-sonnet-4.5", true), ("perplexity/anthropic/claude-sonnet-4-5", false)]
    {
        let mut cached = event(model, 1, 1);
        cached.usage.cache_write_1h_tokens = Some(0);
        cached.usage.cache_write_5m_tokens = Some(1);
        assert_eq!(nano(&cached).is_some(), known, "{model}");
        cached.usage.cache_write_1h_tokens = Some(1);
        assert_eq!(nano(&cached), None, "{model}");
    }
    // A model without a prompt cache.
    let mut cached = event("claude-2.1", 1, 1);
    cached.usage.cache_read_tokens = Some(1);
    assert_eq!(nano(&cached), None);
}

#[test]
fn long_prompts_cost_more_where_a_cloud_says_so() {
    let sonnet = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
    assert_eq!(nano(&event(sonnet, 200_000, 10)), Some(200_000 * 3_300 + 10 * 16_500));
    assert_eq!(nano(&event(sonnet, 200_001, 10)), Some(200_001 * 6_600 + 10 * 24_750));
}

#[test]
fn modifiers_multiply() {
    let base = event("claude-opus-5-5", 1_000, 100);
    assert_eq!(nano(&base), Some(1_000 * 4_000 + 100 * 20_000));
    assert_eq!(nano(&Event { fast: true, ..base.clone() }), Some(12_000_000));
    assert_eq!(nano(&Event { geo_us: true, ..base.clone() }), Some(6_600_000));
    assert_eq!(nano(&Event { service_tier: ServiceTier::Batch, ..base.clone() }), Some(3_000_000));
    assert_eq!(nano(&Event { geo_us: true, fast: true, ..base }), Some(13_200_000));
}

#[test]
fn cache_kinds_have_their_own_prices() {
    let mut cached = event("claude-opus-5-5", 0, 0);
    cached.usage.cache_write_5m_tokens = Some(10);
    assert_eq!(nano(&cached), Some(50_000));
    cached.usage.cache_write_1h_tokens = Some(10);
    assert_eq!(nano(&cached), Some(130_000));
    cached.usage.cache_read_tokens = Some(10);
    assert_eq!(nano(&cached), Some(132_000));
}

#[test]
fn the_price_is_that_of_the_day() {
    let mut read = event("claude-sonnet-5-5", 0, 0);
    read.usage.cache_read_tokens = Some(1_000);
    assert_eq!(nano(&read), Some(100_000));
    read.at_ms = "2026-10-06T23:59:59Z".parse::<jiff::Timestamp>().expect("a time").as_millisecond();
    assert_eq!(nano(&read), Some(200_000));
    for (model, day, input) in [
        ("claude-2", "2023-11-20", 11_020),
        ("claude-2", "2023-11-21", 8_000),
        ("claude-instant-1", "2023-08-09", 1_630),
        ("claude-3-5-haiku-20241022", "2024-12-02", 1_000),
        ("claude-3-5-haiku-20241022", "2024-12-03", 800),
        ("claude-mythos-preview", "2026-06-08", 25_000),
    ] {
        let at = format!("{day}T12:00:00Z").parse::<jiff::Timestamp>().expect("a time");
        let dated = Event { at_ms: at.as_millisecond(), ..event(model, 1, 0) };
        assert_eq!(nano(&dated), Some(input), "{model} on {day}");
    }
}

#[test]
fn a_book_that_makes_no_sense_says_why() {
    let row = |fields: &str| {
        let text = format!("web_search = 0.01\n[[price]]\nmodels = [\"m\"]\n{fields}\n");
        PriceBook::parse(&text, "older = []\nprovider = []").expect_err(fields).to_string()
    };
    assert!(row("from = \"soon\"\ninput = 1.0\ncache_read = 0.1\noutput = 1.0").contains("no date"));
    assert!(row("input = -1.0\ncache_read = 0.1\noutput = 1.0").contains("negative"));
    assert!(row("input = 0.0000001\ncache_read = 0.1\noutput = 1.0").contains("finer"));
    let offer = "older = []\n[[provider]]\nname = \"p\"\nprefixes = []\n[[provider.offer]]\n";
    for (fields, why) in [("times = 0.0", "multiple"), ("times = 1.0001", "multiple"), ("form = 1", "form")] {
        let error = PriceBook::parse(EMBEDDED, &format!("{offer}{fields}")).expect_err(fields);
        assert!(error.to_string().contains(why), "{error}");
    }
}

#[test]
fn a_long_prompt_moves_the_whole_request_to_the_higher_card() {
    assert_eq!(nano(&event("claude-haiku-5-5", 100_000, 0)), Some(100_000 * 100));
    assert_eq!(nano(&event("claude-haiku-5-5", 100_001, 0)), Some(100_001 * 500));
    let mut cached = event("claude-haiku-5-5", 1, 0);
    cached.usage.cache_read_tokens = Some(100_000);
    assert_eq!(nano(&cached), Some(500 + 100_000 * 50));
}

#[test]
fn the_unknown_is_unpriced_and_the_refused_is_free() {
    assert_eq!(nano(&event("claude-experimental", 1, 1)), None);
    let answered = Event { usage: Usage::default(), status: Some(200), ..event("claude-opus-5-5", 0, 0) };
    assert_eq!(nano(&answered), None);
    assert_eq!(nano(&Event { status: Some(429), ..answered }), Some(0));
}

#[test]
fn searches_cost_a_cent() {
    let mut searching = event("claude-sonnet-5-5", 0, 0);
    searching.usage.web_search_requests = 3;
    assert_eq!(nano(&searching), Some(30_000_000));
}

/// What the iterations of an event bill with this usage around them.
pub(super) fn settled(event: &mut Event, top: Usage) {
    let listed = std::mem::take(&mut event.iterations).into_iter();
    let told = listed.map(|iteration| (CacheWrites::of(&iteration.usage), iteration));
    (event.usage, event.iterations) = settle(&top.into(), told.map(|(writes, one)| (one, writes)).collect());
}

#[test]
fn what_an_iteration_leaves_out_has_no_price() {
    let used = Usage { input_tokens: Some(10), output_tokens: Some(1), ..Usage::default() };
    let iteration = |kind: &str, usage| Iteration { kind: kind.into(), model: None, usage };
    let mut event = event("claude-sonnet-5-5", 0, 0);
    event.iterations = vec![iteration("compaction", Usage::default())];
    settled(&mut event, used);
    assert_eq!((event.usage, event.has_unknown_usage(), nano(&event)), (used, true, None));
}

#[test]
fn iterations_are_what_is_billed() {
    let usage =
        |input, output| Usage { input_tokens: Some(input), output_tokens: Some(output), ..Usage::default() };
    let iteration = |kind: &str, model: Option<&str>, usage| Iteration {
        kind: kind.to_owned(),
        model: model.map(str::to_owned),
        usage,
    };
    let mut event = event("claude-sonnet-5-5", 9, 9);
    event.iterations = vec![
        iteration("message", None, usage(10, 0)),
        iteration("fallback_message", Some("claude-opus-5-5"), usage(10, 1)),
        iteration("compaction", None, usage(100, 1)),
    ];
    settled(&mut event, usage(10, 1));
    assert_eq!(nano(&event), Some(10 * 4_000 + 20_000 + 100 * 2_000 + 10_000));
    // What the iterations leave out was used by the attempt that answered.
    settled(&mut event, usage(12, 5));
    assert_eq!(nano(&event), Some(12 * 4_000 + 5 * 20_000 + 100 * 2_000 + 10_000));
}

proptest! {
    #[test]
    fn more_tokens_never_cost_less(input in 0..1u64 << 53, output in 0..1u64 << 53, more in 0..1u64 << 40) {
        let less = nano(&event("claude-sonnet-5-5", input, output));
        let dearer = nano(&event("claude-sonnet-5-5", input + more, output + more));
        prop_assert!(less >= Some(0) && dearer >= less);
    }
}
