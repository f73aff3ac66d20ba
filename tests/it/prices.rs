//! What usage costs: the price book against a price file of others, and through the door.

use std::collections::BTreeSet;

use domain::pricing::PriceBook;
use domain::usage::{Dimensions, Event, ServiceTier, Usage};
use serde_json::{Map, Value, json};

use crate::given;
use crate::harness::tacho::{NOON_MS, Tacho};

const FILE: &str = include_str!("../fixtures/prices/litellm-1.110.2.json");

/// Ids, fields, and the reason with its source.
type Exception = (&'static [&'static str], &'static [&'static str], &'static str);

/// Where the price book answers otherwise than the file, and why. Nothing else may differ, and all of these must.
const EXCEPTIONS: [Exception; 8] = [
    (
        &["anthropic.claude-3-7-sonnet-20240620-v1:0"],
        &[
            "input_cost_per_token",
            "output_cost_per_token",
            "cache_creation_input_token_cost",
            "cache_read_input_token_cost",
        ],
        "Claude 3.7 Sonnet is of 2025-02-19: the date is that of 3.5, the prices are GovCloud's. Source: the file's own \
         rows of us-gov-west-1.",
    ),
    (
        &["bedrock_mantle/anthropic.claude-haiku-4-5"],
        &[
            "input_cost_per_token",
            "output_cost_per_token",
            "cache_creation_input_token_cost",
            "cache_creation_input_token_cost_above_1hr",
            "cache_read_input_token_cost",
            "input_cost_per_token_batches",
            "output_cost_per_token_batches",
        ],
        "The endpoint is regional, and costs 10 % more since Claude Sonnet 4.5, as the file's newer rows of it say; this one \
         repeats the announcement of 2025-10. Source: Anthropic, Claude on Amazon Bedrock.",
    ),
    (
        &["vertex_ai/claude-3-5-haiku", "vertex_ai/claude-3-5-haiku@20241022"],
        &["input_cost_per_token", "output_cost_per_token"],
        "The price before 2024-12-03, when Anthropic lowered it on all platforms. Source: Anthropic, Claude 3.5 Haiku on AWS \
         Trainium2.",
    ),
    (
        &["vertex_ai/claude-opus-5-5", "vertex_ai/claude-opus-5-5@default"],
        &["input_cost_per_token_batches", "output_cost_per_token_batches"],
        "Half the price of Claude Opus 5, whose row was copied; its cached tokens in the same row are half of its own. \
         Source: Anthropic, Pricing: batches cost half.",
    ),
    (
        &[
            "vertex_ai/claude-sonnet-4-5",
            "vertex_ai/claude-sonnet-4-5@20250929",
            "vertex_ai/claude-sonnet-4-6",
            "vertex_ai/claude-sonnet-4-6@default",
        ],
        &["cache_creation_input_token_cost_batches"],
        "Half of 3.75 is 1.875 dollars per million, which Google's list rounds to cents. Source: Anthropic, Pricing.",
    ),
    (
        &["snowflake/claude-4-opus"],
        &["input_cost_per_token", "output_cost_per_token", "cache_read_input_token_cost"],
        "The prices of Claude Opus 4.5, a third of those of Opus 4; Snowflake's own list is in credits. Unpriced. Source: \
         Anthropic, Pricing.",
    ),
    (
        &["databricks/databricks-claude-sonnet-4-1"],
        &[
            "input_cost_per_token",
            "output_cost_per_token",
            "cache_creation_input_token_cost",
            "cache_read_input_token_cost",
        ],
        "There is no Claude Sonnet 4.1. Unpriced. Source: Anthropic, Models overview.",
    ),
    (
        &["azure_ai/claude-opus-5-5-fast"],
        &["search_context_cost_per_query"],
        "Fast mode multiplies the prices of tokens; a search costs a cent. Source: Anthropic, Pricing.",
    ),
];

/// On the day of the file.
fn event(model: &str) -> Event {
    let dimensions = Dimensions { model: model.to_owned(), ..Dimensions::default() };
    let usage = Usage { input_tokens: Some(0), output_tokens: Some(0), ..Usage::default() };
    Event { at_ms: NOON_MS, dimensions, usage, ..Event::default() }
}

/// In nano-dollars.
fn cost(book: &PriceBook, event: &Event) -> Option<i64> {
    book.cost(event).map(|cost| cost.0)
}

/// What a thousand more tokens of the kind that a field prices cost, in nano-dollars.
fn asked(book: &PriceBook, id: &str, field: &str) -> Option<i64> {
    const THOUSAND: u64 = 1_000;
    let mut event = event(id);
    let (field, batches) = field.strip_suffix("_batches").map_or((field, false), |field| (field, true));
    if batches {
        event.service_tier = ServiceTier::Batch;
    }
    let above = [("_above_100k_tokens", 101_000), ("_above_200k_tokens", 201_000)];
    let above = above.iter().find_map(|(suffix, prompt)| Some((field.strip_suffix(suffix)?, *prompt)));
    let (field, prompt) = above.unwrap_or((field, 0));
    event.usage.input_tokens = Some(prompt);
    let mut more = event.clone();
    let tokens = match field {
        "input_cost_per_token" => &mut more.usage.input_tokens,
        "output_cost_per_token" => &mut more.usage.output_tokens,
        "cache_creation_input_token_cost" => &mut more.usage.cache_write_5m_tokens,
        "cache_creation_input_token_cost_above_1hr" => &mut more.usage.cache_write_1h_tokens,
        "cache_read_input_token_cost" => &mut more.usage.cache_read_tokens,
        _ => panic!("{id}: what does {field} price?"),
    };
    *tokens = Some(tokens.unwrap_or(0) + THOUSAND);
    Some(cost(book, &more)? - cost(book, &event)?)
}

/// What a row of the file says and what the price book says, by field, in nano-dollars for a thousand tokens.
fn compared(book: &PriceBook, id: &str, row: &Map<String, Value>) -> Vec<(String, Option<i64>, Option<i64>)> {
    let nano = |usd: &Value| (usd.as_f64().expect("a price") * 1e12).round() as i64;
    let mut found = Vec::new();
    let tokens = |event: &mut Event| event.usage.input_tokens = Some(1_000);
    let mut plain = event(id);
    tokens(&mut plain);
    let times = |factor: &Value, event: &Event, than: &Event| {
        let times = |cost: i64| (cost as f64 * factor.as_f64().expect("a factor")).round() as i64;
        (cost(book, than).map(times), cost(book, event))
    };
    for (field, value) in row {
        match field.as_str() {
            "litellm_provider" | "alias_of" | "cost_per_second" | "input_cost_per_second" => {}
            "search_context_cost_per_query" => {
                let mut searching = plain.clone();
                searching.usage.web_search_requests = 1;
                let more = cost(book, &searching).zip(cost(book, &plain)).map(|(more, less)| more - less);
                found.push((field.clone(), Some(nano(&value["search_context_size_medium"]) / 1_000), more));
            }
            "provider_specific_entry" => {
                for (word, factor) in value.as_object().expect("factors") {
                    let changed = Event { fast: word == "fast", geo_us: word == "us", ..plain.clone() };
                    let (listed, ours) = times(factor, &changed, &plain);
                    found.push((format!("{field}.{word}"), listed, ours));
                }
            }
            "regional_endpoint_uplift_multiplier" => {
                let model = id.strip_prefix("vertex_ai/").expect("a model of Vertex AI");
                let place = "projects/p/locations/europe-west1/publishers/anthropic/models";
                let mut regional = event(&format!("{place}/{model}"));
                tokens(&mut regional);
                let (listed, ours) = times(value, &regional, &plain);
                found.push((field.clone(), listed, ours));
            }
            "tiered_pricing" => {
                for tier in value.as_array().expect("tiers") {
                    let above = if tier["range"][0] == 0 { "" } else { "_above_100k_tokens" };
                    assert!(above.is_empty() || tier["range"][0] == 100_000, "{id}: {tier}");
                    for (kind, price) in
                        tier.as_object().expect("prices").iter().filter(|(kind, _)| *kind != "range")
                    {
                        let kind = format!("{kind}{above}");
                        let ours = asked(book, id, &kind);
                        found.push((kind, Some(nano(price)), ours));
                    }
                }
            }
            _ => found.push((field.clone(), Some(nano(value)), asked(book, id, field))),
        }
    }
    found
}

#[test]
fn the_price_book_agrees_with_the_price_file_of_litellm_but_for_what_is_listed() {
    let file: Map<String, Value> = serde_json::from_str(FILE).expect("the file");
    let book = PriceBook::embedded();
    let mut differing = BTreeSet::new();
    let (mut said, mut prices) = (String::new(), 0);
    for (id, row) in &file {
        let row = row.as_object().expect("a row");
        for (field, listed, ours) in compared(&book, id, row) {
            prices += 1;
            if listed != ours {
                said += &format!("{id} {field}: {listed:?}, but here {ours:?}\n");
                differing.insert((id.clone(), field));
            }
        }
        // Priced by the second or not at all, or an alias that means another model with each version of LiteLLM.
        if !row.contains_key("input_cost_per_token") {
            let mut some = event(id);
            some.usage.input_tokens = Some(1);
            assert_eq!(cost(&book, &some), None, "{id} has no price per token");
        }
    }
    assert!(file.len() == 434 && prices > 1_500, "{} rows, {prices} prices", file.len());
    let excepted: BTreeSet<_> = EXCEPTIONS
        .iter()
        .flat_map(|(ids, fields, _)| {
            ids.iter().flat_map(move |id| fields.iter().map(move |field| (*id, *field)))
        })
        .map(|(id, field)| (id.to_owned(), field.to_owned()))
        .collect();
    let unexplained: Vec<_> = differing.difference(&excepted).collect();
    assert!(unexplained.is_empty(), "{unexplained:#?}\nof\n{said}");
    let needless: Vec<_> = excepted.difference(&differing).collect();
    assert!(needless.is_empty(), "no longer needed: {needless:#?}");
}

#[tokio::test]
async fn a_model_is_priced_by_whatever_name_it_is_reported() {
    let tacho = Tacho::at_noon().await;
    // Dollars for a thousand tokens of input and of output.
    let priced = [
        ("claude-3-sonnet-20240229", Some(0.018)),
        ("claude-2.1", Some(0.032)),
        ("claude-instant-v1", Some(0.0032)),
        ("claude-3-5-haiku-latest", Some(0.0048)),
        ("claude-mythos-preview", Some(0.06)),
        ("anthropic/claude-sonnet-4.5", Some(0.018)),
        ("anthropic/claude-3.5-sonnet", Some(0.018)),
        ("openrouter/anthropic/claude-3.7-sonnet:thinking", Some(0.018)),
        ("Claude-Sonnet-4-5", Some(0.018)),
        ("claude-sonnet-4-5-thinking", Some(0.018)),
        ("claude-sonnet-4-5-20250929[1m]", Some(0.018)),
        ("global.anthropic.claude-sonnet-4-5-20250929-v1:0", Some(0.018)),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", Some(0.0198)),
        ("us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0", Some(0.0216)),
        ("us.anthropic.claude-sonnet-4-20250514-v1:0", Some(0.018)),
        ("claude-sonnet-4-5@20250929", Some(0.018)),
        (
            "projects/p/locations/us-east5/publishers/anthropic/models/claude-sonnet-4-5@20250929",
            Some(0.0198),
        ),
        ("kyma/claude-sonnet-5", Some(0.0162)),
        ("claude-sonnet-9", None),
        ("my-claude-sonnet-4-5-finetune", None),
        ("somewhere/claude-sonnet-4-5", None),
        ("us-gov.anthropic.claude-opus-4-1-20250805-v1:0", None),
    ];
    let events: Value = priced
        .iter()
        .enumerate()
        .map(|(number, (model, _))| {
            given::with(given::event(&format!("m_{number}"), 1_000, 1_000), "model", *model)
        })
        .collect();
    tacho.reporter.report(&events).await;
    let listed = tacho.admin.get("/v1/events?limit=100").await.json();
    let listed = listed["events"].as_array().expect("events");
    assert_eq!(listed.len(), priced.len());
    for (model, usd) in priced {
        let event = listed.iter().find(|event| event["model"] == model).unwrap_or_else(|| panic!("{model}"));
        assert_eq!(event["cost_usd"], json!(usd), "{model}");
    }
}

#[tokio::test]
async fn an_event_without_a_known_price_of_its_speed_or_place_is_stored_unpriced() {
    let tacho = Tacho::at_noon().await;
    // Dollars for a thousand tokens of input.
    let asked = [
        ("claude-fable-5-2", "standard", Some(0.008)),
        ("claude-fable-5-2", "fast", Some(0.016)),
        ("claude-fable-5-1", "fast", None),
        ("claude-opus-4-6", "standard", Some(0.005)),
        ("claude-opus-4-6", "fast", None),
        ("us.anthropic.claude-opus-5-5", "standard", Some(0.0044)),
        ("us.anthropic.claude-opus-5-5", "fast", None),
        ("bedrock/eu-west-1/anthropic.claude-opus-4-6-v1", "standard", Some(0.0055)),
        ("bedrock/mars-north-9/anthropic.claude-opus-4-6-v1", "standard", None),
        ("bedrock/us-gov-west-1/anthropic.claude-opus-4-6-v1", "standard", None),
    ];
    let id = |number| format!("p_{number}");
    let events: Value = asked
        .iter()
        .enumerate()
        .map(|(number, (model, speed, _))| {
            let mut event = given::with(given::event(&id(number), 1_000, 0), "model", *model);
            event["usage"]["speed"] = json!(speed);
            event
        })
        .collect();
    tacho.reporter.report(&events).await;
    let listed = tacho.admin.get("/v1/events?limit=100").await.json();
    let listed = listed["events"].as_array().expect("events");
    for (number, (model, speed, usd)) in asked.iter().enumerate() {
        let event = listed.iter().find(|event| event["id"] == id(number));
        let event = event.unwrap_or_else(|| panic!("{model}, {speed}"));
        assert_eq!(event["cost_usd"], json!(usd), "{model}, {speed}");
    }
}
