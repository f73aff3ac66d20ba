//! A JSON library that reads whole documents says the same as the meter.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::ingest::bounds::Bounds;
use crate::ingest::read::{Context, read};
use crate::usage::{Dimensions, Fingerprints};

use super::*;

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![Just(Value::Null), (0..100_000_u64).prop_map(Value::from)]
}

/// An object with some of these members.
fn some(members: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let members: Vec<_> = members
        .into_iter()
        .map(|(name, value)| prop::option::of(value).prop_map(move |value| (name, value)))
        .collect();
    let object = members.prop_map(|members| {
        let present = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Value::Object(present.collect())
    });
    object.boxed()
}

fn counts() -> Vec<(&'static str, BoxedStrategy<Value>)> {
    let cache_creation = some(vec![
        ("ephemeral_5m_input_tokens", number().boxed()),
        ("ephemeral_1h_input_tokens", number().boxed()),
    ]);
    vec![
        ("input_tokens", number().boxed()),
        ("output_tokens", number().boxed()),
        ("cache_creation_input_tokens", number().boxed()),
        ("cache_read_input_tokens", number().boxed()),
        ("cache_creation", prop_oneof![Just(Value::Null), cache_creation].boxed()),
        ("output_tokens_details", Just(json!({"thinking_tokens": 3})).boxed()),
    ]
}

fn word(words: &'static [&'static str]) -> BoxedStrategy<Value> {
    prop_oneof![Just(Value::Null), prop::sample::select(words).prop_map(Value::from)].boxed()
}

fn usage() -> BoxedStrategy<Value> {
    let mut iteration = counts();
    iteration.push(("type", word(&["message", "compaction", "advisor_message", "fallback_message"])));
    iteration.push(("model", word(&["claude-haiku-4-5", "claude-sonnet-5-5"])));
    let mut members = counts();
    members.extend([
        ("server_tool_use", some(vec![("web_search_requests", number().boxed()), ("x", number().boxed())])),
        ("service_tier", word(&["standard", "priority", "batch"])),
        ("speed", word(&["standard", "fast"])),
        ("inference_geo", word(&["us", "global", "not_available"])),
        ("iterations", vec(some(iteration), 0..3).prop_map(Value::from).boxed()),
        ("new_field", "\\PC{0,9}".prop_map(Value::from).boxed()),
    ]);
    some(members)
}

fn text() -> impl Strategy<Value = String> {
    "[a-z\u{e9}\u{1f39b}\"\\\\\n{}\\[\\],:]{0,30}"
}

prop_compose! {
    fn message()(
        id in "msg_[a-z0-9]{3}", model in "[a-z-]{1,20}", texts in vec(text(), 0..4),
        stop_reason in word(&["end_turn", "tool_use", "refusal"]), usage in usage(), last in text(),
    ) -> Value {
        let blocks = texts.iter().map(|text| json!({"type": "text", "text": text, "usage": {"input_tokens": 1}}));
        json!({"a": last, "id": id, "type": "message", "model": model, "content": blocks.collect::<Vec<_>>(),
               "stop_reason": stop_reason, "usage": usage, "z": {"model": last, "id": [last]}})
    }
}

/// Counts, by the facts about the API.
fn counts_of(usage: &Value) -> Usage {
    let written = &usage["cache_creation"];
    let hour = written["ephemeral_1h_input_tokens"].as_u64();
    let five_minutes = written["ephemeral_5m_input_tokens"].as_u64();
    let total = usage["cache_creation_input_tokens"].as_u64();
    let rest = total.map(|total| total.saturating_sub(hour.unwrap_or(0)));
    Usage {
        input_tokens: usage["input_tokens"].as_u64(),
        cache_write_5m_tokens: rest.max(five_minutes),
        cache_write_1h_tokens: hour,
        cache_read_tokens: usage["cache_read_input_tokens"].as_u64(),
        output_tokens: usage["output_tokens"].as_u64(),
        web_search_requests: usage["server_tool_use"]["web_search_requests"].as_u64().unwrap_or(0),
    }
}

/// What is billed: with iterations the sum of those that generated something.
fn billed_of(usage: &Value) -> Usage {
    let iterations: Vec<_> = usage["iterations"].as_array().into_iter().flatten().map(counts_of).collect();
    if iterations.is_empty() {
        return counts_of(usage);
    }
    let all: Vec<_> = iterations.iter().filter(|usage| usage.output_tokens != Some(0)).collect();
    let whole = |kind: fn(&Usage) -> Option<u64>| all.iter().map(|usage| kind(usage)).sum::<Option<u64>>();
    let known =
        |kind: fn(&Usage) -> Option<u64>| all.iter().filter_map(|usage| kind(usage)).reduce(|a, b| a + b);
    Usage {
        input_tokens: whole(|usage| usage.input_tokens),
        cache_write_5m_tokens: known(|usage| usage.cache_write_5m_tokens),
        cache_write_1h_tokens: known(|usage| usage.cache_write_1h_tokens),
        cache_read_tokens: known(|usage| usage.cache_read_tokens),
        output_tokens: whole(|usage| usage.output_tokens),
        web_search_requests: counts_of(usage).web_search_requests,
    }
}

fn tier_of(usage: &Value) -> ServiceTier {
    match usage["service_tier"].as_str() {
        Some("priority") => ServiceTier::Priority,
        Some("batch") => ServiceTier::Batch,
        _ => ServiceTier::Standard,
    }
}

/// `new` over `old`, where null changes nothing.
fn overwrite(old: &mut Value, new: &Value) {
    match (old, new) {
        (_, Value::Null) => {}
        (Value::Object(old), Value::Object(new)) => {
            for (name, value) in new {
                overwrite(old.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (old, new) => *old = new.clone(),
    }
}

fn check(metered: &Metered, message: &Value, usage: &Value) -> Result<(), TestCaseError> {
    prop_assert_eq!(metered.fault, None);
    prop_assert_eq!(metered.usage, billed_of(usage));
    prop_assert_eq!(metered.iterations.len(), usage["iterations"].as_array().map_or(0, Vec::len));
    prop_assert_eq!(metered.model.as_deref(), message["model"].as_str());
    prop_assert_eq!(metered.message_id.as_deref(), message["id"].as_str());
    prop_assert_eq!(metered.service_tier, tier_of(usage));
    prop_assert_eq!(metered.fast, usage["speed"] == "fast");
    prop_assert_eq!(metered.geo_us, usage["inference_geo"] == "us");
    prop_assert!(metered.is_complete);
    Ok(())
}

/// Whether an object with this value ends too early, and is good JSON up to there.
fn is_cut(value: &str) -> bool {
    let read = serde_json::from_str::<Value>(&format!(r#"{{"usage":{value}}}"#));
    read.is_err_and(|error| error.is_eof())
}

proptest! {
    #[test]
    fn bodies_are_read_alike(message in message(), pretty in any::<bool>(), chunk in 1..40_usize) {
        let text = if pretty { serde_json::to_vec_pretty(&message) } else { serde_json::to_vec(&message) }.unwrap();
        let meter = UsageMeter::new(Endpoint::Messages, 200, Some("application/json"), None);
        let (metered, _) = feed(meter, text.chunks(chunk));
        check(&metered, &message, &message["usage"])?;
        prop_assert_eq!(metered.stop_reason.as_str(), message["stop_reason"].as_str().unwrap_or_default());
    }

    #[test]
    fn batch_lines_are_read_alike(messages in vec(message(), 0..5), chunk in 1..40_usize) {
        let lines = messages.iter().map(|message| {
            json!({"custom_id": message["a"], "result": {"message": message, "type": "succeeded"}}).to_string() + "\n"
        });
        let text: String = lines.collect();
        let meter = UsageMeter::new(Endpoint::BatchResults, 200, None, None);
        let (metered, _) = feed(meter, text.as_bytes().chunks(chunk));
        prop_assert_eq!((metered.items.len(), metered.items_skipped), (messages.len(), 0));
        for (item, message) in metered.items.iter().zip(&messages) {
            prop_assert_eq!(item.usage, billed_of(&message["usage"]));
            prop_assert_eq!(item.model.as_deref(), message["model"].as_str());
            prop_assert_eq!(item.service_tier, ServiceTier::Batch);
        }
    }

    #[test]
    fn streams_are_read_alike(
        message in message(), texts in vec(text(), 0..6), deltas in vec(usage(), 0..4),
        (named, end, chunk) in (any::<bool>(), prop::sample::select(vec!["\n", "\r\n", "\r"]), 1..40_usize),
    ) {
        let mut events = vec![json!({"type": "message_start", "message": message})];
        events.push(json!({"type": "ping"}));
        events.extend(texts.iter().map(|text| {
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}})
        }));
        events.extend(deltas.iter().map(|usage| {
            json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": usage})
        }));
        events.push(json!({"type": "message_stop"}));
        let written = events.iter().map(|event| {
            let name = event["type"].as_str().unwrap();
            let name = if named { format!("event: {name}{end}") } else { String::new() };
            format!("{name}data: {event}{end}{end}")
        });
        let written: String = written.collect();
        let meter = UsageMeter::new(Endpoint::Messages, 200, Some("text/event-stream"), None);
        let (metered, has_begun_output) = feed(meter, written.as_bytes().chunks(chunk));

        let mut usage = message["usage"].clone();
        usage.as_object_mut().unwrap().remove("output_tokens");
        for delta in &deltas {
            overwrite(&mut usage, delta);
        }
        // Iterations that only message_start told have placeholders for their output.
        let told = deltas.iter().any(|delta| !delta["iterations"].is_null());
        let placeholders = !told && usage["iterations"].as_array().is_some_and(|all| !all.is_empty());
        let mut metered = metered;
        if placeholders {
            prop_assert_eq!(metered.usage.output_tokens, None);
            metered.usage.output_tokens = billed_of(&usage).output_tokens;
        }
        check(&metered, &message, &usage)?;
        prop_assert_eq!(metered.generated_bytes, texts.iter().map(String::len).sum::<usize>() as u64);
        prop_assert_eq!(has_begun_output, !texts.is_empty());
    }

    #[test]
    fn the_same_usage_in_an_event_is_the_same(usage in usage(), odd in prop::option::of("[0-9eE.\\-\"{}n]{1,6}")) {
        let mut usage = usage.to_string();
        if let Some(odd) = odd {
            usage = usage.replacen("null", &odd, 1);
        }
        // What it could not have used is for the journal to say.
        let bounds = &Bounds::default().of_any_usage();
        let key_defaults = &Dimensions::default();
        let fingerprints = &Fingerprints::new([0; 32]);
        let (accepts_old, just_sent) = (true, true);
        let context =
            Context { now_ms: 0, accepts_old, just_sent, shift_ms: 0, bounds, key_defaults, fingerprints };
        let metered = body(Endpoint::Messages, 200, format!(r#"{{"usage":{usage}}}"#).as_bytes());
        match read(&format!(r#"{{"model":"m","usage":{usage}}}"#), &context) {
            Ok(reading) => {
                prop_assert_eq!(metered.fault, None);
                prop_assert_eq!(metered.usage, reading.event.usage);
                prop_assert_eq!(metered.iterations, reading.event.iterations);
                prop_assert_eq!(metered.service_tier, reading.event.service_tier);
            }
            // Of a body that is cut off, what has come whole is taken; events are not cut.
            Err(_) if is_cut(&usage) => {}
            Err(_) => prop_assert_eq!(metered.usage, Usage::default()),
        }
    }
}
