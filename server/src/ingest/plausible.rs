//! Counts that no call can have: a sender's mistake, which would use up every limit at once.

use super::bounds::Bounds;
use super::refusal::{Code, Refusal};
use crate::usage::{Event, RemarkCode, Usage};

/// Refuses an event that has used more than a call can.
pub fn check(event: &Event, bounds: &Bounds) -> Result<(), Refusal> {
    let (most, most_searches) = (bounds.event_tokens, bounds.event_searches);
    let of_iterations = event.iterations.iter().map(|iteration| (&iteration.usage, "usage.iterations[]."));
    let whole = if event.iterations.is_empty() { "usage." } else { "usage.iterations[]." };
    for (usage, path) in of_iterations.chain([(&event.usage, whole)]) {
        if let Some((names, _)) = kinds(usage).into_iter().find(|(_, tokens)| *tokens > Some(most)) {
            let names: Vec<String> = names.iter().map(|name| format!("`{path}{name}`")).collect();
            let message = format!(
                "{} must be at most {most} tokens: no call uses more. Correct it; where calls do use more, raise \
                 `max_event_tokens` in [ingest] (TACHO_INGEST_MAX_EVENT_TOKENS)",
                names.join(", ")
            );
            return Err(Refusal::new(Code::Implausible, message));
        }
        if usage.web_search_requests > most_searches {
            let message = format!(
                "`{path}server_tool_use.web_search_requests` must be at most {most_searches}: no call makes more; \
                 correct it"
            );
            return Err(Refusal::new(Code::Implausible, message));
        }
    }
    Ok(())
}

/// The usage of an event that has used more than a call can is unknown.
pub fn or_unknown(event: &mut Event, bounds: &Bounds) {
    if check(event, bounds).is_err() {
        tracing::warn!(
            event = %event.id,
            "An answer told of more tokens than a call can use (`max_event_tokens`): its usage is kept as unknown"
        );
        event.usage = Usage::default();
        event.iterations = Vec::new();
        event.estimated = false;
        let others = std::mem::take(&mut event.remarks);
        event.remarks.note(RemarkCode::UsageUnreadable, "usage");
        event.remarks.extend(&others);
    }
}

/// Each kind of tokens, under the names it may have been given by.
fn kinds(usage: &Usage) -> [(&'static [&'static str], Option<u64>); 5] {
    [
        (&["input_tokens"], usage.input_tokens),
        (
            &["cache_creation_input_tokens", "cache_creation.ephemeral_5m_input_tokens"],
            usage.cache_write_5m_tokens,
        ),
        (&["cache_creation.ephemeral_1h_input_tokens"], usage.cache_write_1h_tokens),
        (&["cache_read_input_tokens"], usage.cache_read_tokens),
        (&["output_tokens"], usage.output_tokens),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::hostile::try_read_within;

    const MOST: u64 = 10_000_000;

    fn read(usage: &str, bounds: &Bounds) -> Result<Event, Refusal> {
        let item = format!(r#"{{"id":"a","model":"m","usage":{usage}}}"#);
        try_read_within(bounds, &item).map(|reading| reading.event)
    }

    #[test]
    fn each_kind_of_tokens_has_the_bound_and_says_its_name() {
        for name in [
            "input_tokens",
            "output_tokens",
            "cache_read_input_tokens",
            "cache_creation_input_tokens",
            "cache_creation.ephemeral_5m_input_tokens",
            "cache_creation.ephemeral_1h_input_tokens",
        ] {
            let usage = |tokens: u64| match name.split_once('.') {
                Some((outer, inner)) => format!(r#"{{"{outer}":{{"{inner}":{tokens}}}}}"#),
                None => format!(r#"{{"{name}":{tokens}}}"#),
            };
            assert!(read(&usage(MOST), &Bounds::default()).is_ok(), "{name}");
            for tokens in [MOST + 1, 4_120_000_000_000] {
                let refusal = read(&usage(tokens), &Bounds::default()).expect_err(name);
                assert_eq!((refusal.code, refusal.id.as_deref()), (Code::Implausible, Some("a")));
                for word in [&format!("`usage.{name}`"), "10000000", "max_event_tokens"] {
                    assert!(refusal.message.contains(word), "{word}: {refusal}");
                }
                let raised = Bounds { event_tokens: tokens, ..Bounds::default() };
                assert!(read(&usage(tokens), &raised).is_ok(), "{name}");
            }
        }
    }

    #[test]
    fn attempts_count_together() {
        let usage = |each: u64| {
            format!(
                r#"{{"iterations":[{{"input_tokens":{each},"output_tokens":1}},{{"input_tokens":{each},"output_tokens":1}}]}}"#
            )
        };
        assert!(read(&usage(MOST / 2), &Bounds::default()).is_ok());
        let refusal = read(&usage(MOST / 2 + 1), &Bounds::default()).expect_err("too much");
        assert_eq!(refusal.code, Code::Implausible);
        assert!(refusal.message.contains("`usage.iterations[].input_tokens`"), "{refusal}");
        // One that is not billed is bounded by itself.
        let declined = format!(r#"{{"iterations":[{{"input_tokens":{},"output_tokens":0}}]}}"#, MOST + 1);
        assert_eq!(read(&declined, &Bounds::default()).expect_err("too much").code, Code::Implausible);
    }

    #[test]
    fn searches_are_bounded_too() {
        let most = Bounds::default().event_searches;
        let usage = |searches: u64| format!(r#"{{"server_tool_use":{{"web_search_requests":{searches}}}}}"#);
        assert!(read(&usage(most), &Bounds::default()).is_ok());
        let refusal = read(&usage(most + 1), &Bounds::default()).expect_err("too many");
        assert!(refusal.message.contains("`usage.server_tool_use.web_search_requests`"), "{refusal}");
        assert_eq!(refusal.code, Code::Implausible);
    }

    #[test]
    fn what_an_answer_tells_beyond_the_bound_is_unknown() {
        let raised = Bounds { event_tokens: MOST + 1, ..Bounds::default() };
        let mut event = read(&format!(r#"{{"input_tokens":{}}}"#, MOST + 1), &raised).expect("an event");
        let before = event.clone();
        or_unknown(&mut event, &raised);
        assert_eq!(event, before);
        or_unknown(&mut event, &Bounds::default());
        assert_eq!((event.usage, event.has_unknown_usage()), (Usage::default(), true));
        let remarks: Vec<_> =
            event.remarks.iter().map(|remark| (remark.code, remark.field.as_str())).collect();
        assert_eq!(remarks, [(RemarkCode::UsageUnreadable, "usage")]);
    }
}
