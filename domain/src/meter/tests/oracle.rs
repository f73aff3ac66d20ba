//! A JSON library that reads whole documents says the same as the meter.

use proptest::collection::vec;
use proptest::prelude::*;

use super::writes::{Writes, writes_of};
use super::*;
use crate::read::bounds::Bounds;
use crate::read::context::Context;
use crate::read::event::read;
use crate::read::item::item;
use crate::read::plausible::Implausible;
use crate::read::refusal::Code;
use crate::usage::{Dimensions, Fingerprints};

/// Mostly what the API says; sometimes the same as others write it, or nothing that counts.
fn number() -> impl Strategy<Value = Value> {
    let odd = vec![json!(-1), json!(1.5), json!(true), json!("many"), json!([]), json!(1_u64 << 60)];
    prop_oneof![
        2 => Just(Value::Null),
        12 => (0..100_000_u64).prop_map(Value::from),
        1 => (0..100_000_u32).prop_map(|number| json!(f64::from(number))),
        1 => (0..100_000_u64).prop_map(|number| json!(number.to_string())),
        1 => prop::sample::select(odd),
    ]
}

/// No call makes very many of them.
fn searches() -> impl Strategy<Value = Value> {
    number().prop_filter("as a call makes them", |searches| count_of(searches) <= Some(10_000))
}

/// A count, however it is written.
pub(super) fn count_of(value: &Value) -> Option<u64> {
    let whole = || value.as_f64().filter(|number| *number >= 0.0 && number.fract() == 0.0);
    let number = value.as_u64().or_else(|| whole().map(|number| number as u64));
    number.or_else(|| value.as_str()?.parse().ok()).filter(|number| *number < 1 << 53)
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
        ("server_tool_use", some(vec![("web_search_requests", searches().boxed()), ("x", number().boxed())])),
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
    let (cache_write_5m_tokens, cache_write_1h_tokens) = writes_of(usage).lifetimes();
    Usage {
        input_tokens: count_of(&usage["input_tokens"]),
        cache_write_5m_tokens,
        cache_write_1h_tokens,
        cache_read_tokens: count_of(&usage["cache_read_input_tokens"]),
        output_tokens: count_of(&usage["output_tokens"]),
        web_search_requests: count_of(&usage["server_tool_use"]["web_search_requests"]).unwrap_or(0),
    }
}

fn is_beside(iteration: &Value) -> bool {
    iteration["type"] == "compaction" || iteration["type"] == "advisor_message"
}

/// The place of the attempt that produced the message.
fn answer_of(usage: &Value) -> Option<usize> {
    usage["iterations"].as_array()?.iter().rposition(|iteration| !is_beside(iteration))
}

/// What is billed: the larger of the top and the attempts, and what is beside them.
fn billed_of(usage: &Value) -> Usage {
    let top = counts_of(usage);
    let iterations = usage["iterations"].as_array().cloned().unwrap_or_default();
    if iterations.is_empty() {
        return top;
    }
    let (mut attempts, mut beside) = (Vec::new(), Vec::new());
    let (mut written, mut written_beside) = (Writes::default(), Writes::default());
    for (place, iteration) in iterations.iter().enumerate() {
        let counts = counts_of(iteration);
        if is_beside(iteration) {
            beside.push(counts);
            written_beside = written_beside.and(writes_of(iteration));
        } else if Some(place) == answer_of(usage) || counts.output_tokens != Some(0) {
            attempts.push(counts);
            written = written.and(writes_of(iteration));
        }
    }
    let of_answer = attempts.last().copied().unwrap_or(top);
    match attempts.as_mut_slice() {
        [] => attempts.push(top),
        [only] => {
            only.input_tokens = only.input_tokens.or(top.input_tokens);
            only.output_tokens = only.output_tokens.or(top.output_tokens);
        }
        _ => {}
    }
    let together = |top: u64, attempts: u64, beside: u64| top.max(attempts) + beside;
    let known = |kind: fn(&Usage) -> Option<u64>| {
        let sum = |of: &[Usage]| of.iter().filter_map(kind).sum::<u64>();
        let is_told = attempts.iter().chain(&beside).chain([&top]).any(|usage| kind(usage).is_some());
        is_told.then(|| together(kind(&top).unwrap_or(0), sum(&attempts), sum(&beside)))
    };
    // Unknown where neither the top nor the attempt that produced the message tells it.
    let whole = |kind: fn(&Usage) -> Option<u64>| {
        known(kind).filter(|_| kind(&top).is_some() || kind(&of_answer).is_some())
    };
    let (cache_write_5m_tokens, cache_write_1h_tokens) =
        writes_of(usage).or(written).and(written_beside).lifetimes();
    Usage {
        input_tokens: whole(|usage| usage.input_tokens),
        cache_write_5m_tokens,
        cache_write_1h_tokens,
        cache_read_tokens: known(|usage| usage.cache_read_tokens),
        output_tokens: whole(|usage| usage.output_tokens),
        web_search_requests: known(|usage| Some(usage.web_search_requests)).unwrap_or(0),
    }
}

fn tier_of(usage: &Value) -> ServiceTier {
    match usage["service_tier"].as_str() {
        Some("priority") => ServiceTier::Priority,
        Some("batch") => ServiceTier::Batch,
        _ => ServiceTier::Standard,
    }
}

/// A prompt that is told again, with more of it from the cache.
fn is_split(held: &Usage, later: &Usage) -> bool {
    let cached = |usage: &Usage| usage.cache_write_tokens() + usage.cache_read_tokens.unwrap_or(0);
    let input = later.input_tokens.unwrap_or(0);
    let is_less = input > 0 && Some(input) < held.input_tokens;
    is_less && cached(later) > cached(held) && Some(input + cached(later)) >= held.input_tokens
}

/// `new` over `old`: counts never fall, words are the last, and what says nothing changes nothing.
fn merge(old: &mut Value, new: &Value) {
    if is_split(&counts_of(old), &counts_of(new)) {
        for name in [
            "/input_tokens",
            "/cache_creation_input_tokens",
            "/cache_read_input_tokens",
            "/cache_creation/ephemeral_5m_input_tokens",
            "/cache_creation/ephemeral_1h_input_tokens",
        ] {
            if let (Some(old), Some(_)) = (old.pointer_mut(name), new.pointer(name).and_then(count_of)) {
                *old = Value::Null;
            }
        }
    }
    match (&mut *old, new) {
        (_, Value::Null) => {}
        (Value::Object(old), Value::Object(new)) => {
            for (name, value) in new {
                merge(old.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (Value::Array(olds), Value::Array(news)) => {
            if olds.iter().zip(news).any(|(old, new)| old["type"] != new["type"]) {
                if news.len() >= olds.len() {
                    *old = new.clone();
                }
                return;
            }
            olds.resize(olds.len().max(news.len()), Value::Null);
            for (old, new) in olds.iter_mut().zip(news) {
                merge(old, new);
            }
        }
        (old, new) => match (count_of(old), count_of(new)) {
            (Some(before), Some(now)) if before >= now => {}
            (Some(_), None) => {}
            (None, None) if old.is_string() && !new.is_string() => {}
            _ => *old = new.clone(),
        },
    }
}

/// Without the output that is still generated.
fn unfinished(mut usage: Value) -> Value {
    let answer = answer_of(&usage);
    if let Some(answer) = answer {
        usage["iterations"][answer]["output_tokens"] = Value::Null;
    }
    usage["output_tokens"] = Value::Null;
    usage
}

/// The usage of a stream that came to its end.
fn merged_of(start: &Value, deltas: &[Value]) -> Value {
    let mut usage = unfinished(start.clone());
    deltas.iter().for_each(|delta| merge(&mut usage, delta));
    let attempts = |usage: &Value| usage["iterations"].as_array().cloned().unwrap_or_default();
    let is_told = |usage: &Value| count_of(&usage["output_tokens"]).is_some();
    if !deltas.iter().any(|delta| is_told(delta) || attempts(delta).iter().any(is_told)) {
        return unfinished(usage);
    }
    let mut start = start.clone();
    if deltas.iter().any(|delta| !attempts(delta).is_empty()) {
        start["iterations"] = Value::Null;
    }
    let mut whole = start;
    merge(&mut whole, &usage);
    whole
}

fn check(metered: &Metered, message: &Value, usage: &Value) -> Result<(), TestCaseError> {
    prop_assert_eq!(metered.fault, None);
    prop_assert_eq!(metered.usage, billed_of(usage));
    let listed = usage["iterations"].as_array().map_or(0, Vec::len);
    let is_added = listed > 0 && answer_of(usage).is_none();
    prop_assert_eq!(metered.iterations.len(), listed + usize::from(is_added));
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
        let meter = new_meter(Endpoint::Messages, false, 200, Some("application/json"), None);
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
        let meter = new_meter(Endpoint::BatchResults, false, 200, None, None);
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
        let meter = new_meter(Endpoint::Messages, false, 200, Some("text/event-stream"), None);
        let (metered, has_begun_output) = feed(meter, written.as_bytes().chunks(chunk));

        check(&metered, &message, &merged_of(&message["usage"], &deltas))?;
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
        let (accepts_old, just_sent, implausible) = (true, true, Implausible::Refused);
        let context =
            Context { now_ms: 0, accepts_old, just_sent, shift_ms: 0, implausible, bounds, key_defaults, fingerprints };
        let meter =
            UsageMeter::new(Endpoint::Messages, false, 200, Some("application/json"), None, bounds.clone());
        let (metered, _) = feed(meter, [format!(r#"{{"usage":{usage}}}"#).as_bytes()]);
        match read(&format!(r#"{{"model":"m","usage":{usage}}}"#), &context) {
            Ok(reading) => {
                prop_assert_eq!(metered.fault, None);
                prop_assert_eq!(metered.usage, reading.event.usage);
                prop_assert_eq!(&metered.iterations, &reading.event.iterations);
                prop_assert_eq!(metered.service_tier, reading.event.service_tier);
                prop_assert_eq!(&metered.remarks, &reading.event.remarks);
                // As it is listed, it can be posted again.
                let again = read(&Value::Object(item(&reading.event)).to_string(), &context).unwrap();
                prop_assert_eq!(again.event.usage, metered.usage);
                prop_assert_eq!(again.digest, reading.digest);
            }
            // What is the sender's mistake in an event is unknown in an answer.
            Err(refusal) if matches!(refusal.code, Code::InvalidNumber | Code::DuplicateField) => {}
            // Of a body that is cut off, what has come whole is taken; events are not cut.
            Err(_) if is_cut(&usage) => {}
            Err(_) => prop_assert_eq!(metered.usage, Usage::default()),
        }
    }
}
