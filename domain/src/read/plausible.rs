//! Counts that no call can have: a sender's mistake, which would use up every limit at once.

use super::bounds::Bounds;
use super::refusal::{Code, Refusal};
use crate::usage::{Event, RemarkCode, Remarks, Usage};

/// What becomes of a count that no call can have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Implausible {
    /// Its event is refused, so that its sender puts it right.
    #[default]
    Refused,
    /// It is unknown, and remarked: who passes on what another has counted cannot put it right.
    Unknown,
}

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

/// Of what a call cannot have used, it is unknown how much it was; all else stands. Of several attempts each may have
/// used what it says, and all together not.
pub fn or_unknown(event: &mut Event, bounds: &Bounds) {
    let whole = if event.iterations.is_empty() { "" } else { "iterations[]." };
    let mut unknown = Remarks::default();
    let of_iterations = event.iterations.iter_mut().map(|iteration| (&mut iteration.usage, "iterations[]."));
    for (usage, path) in of_iterations.chain([(&mut event.usage, whole)]) {
        let names = kinds(usage).map(|(names, _)| names[0]);
        let counts = [
            &mut usage.input_tokens,
            &mut usage.cache_write_5m_tokens,
            &mut usage.cache_write_1h_tokens,
            &mut usage.cache_read_tokens,
            &mut usage.output_tokens,
        ];
        for (count, name) in counts.into_iter().zip(names) {
            if *count > Some(bounds.event_tokens) {
                *count = None;
                unknown.note(RemarkCode::UsageUnreadable, &format!("{path}{name}"));
            }
        }
        if usage.web_search_requests > bounds.event_searches {
            usage.web_search_requests = 0;
            let field = format!("{path}server_tool_use.web_search_requests");
            unknown.note(RemarkCode::UsageUnreadable, &field);
        }
    }
    if unknown.is_empty() {
        return;
    }
    tracing::warn!(
        event = %event.id,
        "An answer told of more tokens than a call can use (`max_event_tokens`): they are kept as unknown"
    );
    event.estimated &= event.usage.output_tokens.is_some();
    // First, as a price may hang on it: only so many remarks are kept.
    unknown.extend(&std::mem::take(&mut event.remarks));
    event.remarks = unknown;
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
    use crate::read::tests::hostile::{try_read_as, try_read_within};

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

    /// What a sender that cannot put it right has read: the event, and the fields that are unknown.
    fn passed_on(usage: &str) -> (Event, Vec<String>) {
        let item = format!(r#"{{"id":"a","model":"m","usage":{usage}}}"#);
        let event = try_read_as(&Bounds::default(), Implausible::Unknown, &item).expect("an event").event;
        let fields = event.remarks.iter().map(|remark| remark.field.clone()).collect();
        (event, fields)
    }

    #[test]
    fn only_the_count_that_no_call_can_have_is_unknown() {
        let rest = r#""input_tokens":5,"output_tokens":7"#;
        for (count, field) in [
            (MOST + 1, r#""cache_read_input_tokens""#),
            ((1 << 53) - 1, r#""cache_creation_input_tokens""#),
            (1 << 53, r#""cache_read_input_tokens""#),
        ] {
            let (event, fields) = passed_on(&format!("{{{field}:{count},{rest}}}"));
            let known = Usage { input_tokens: Some(5), output_tokens: Some(7), ..Usage::default() };
            assert_eq!((event.usage, fields), (known, vec![field.trim_matches('"').to_owned()]));
            assert!(event.remarks.hide_a_price());
        }
        let most = Bounds::default().event_searches;
        let (event, fields) =
            passed_on(&format!(r#"{{"server_tool_use":{{"web_search_requests":{}}},{rest}}}"#, most + 1));
        assert_eq!(
            (event.usage.total_tokens(), fields),
            (12, vec!["server_tool_use.web_search_requests".into()])
        );
        let (event, fields) = passed_on(&format!(r#"{{{rest},"cache_creation_input_tokens":{MOST}}}"#));
        assert_eq!((event.usage.cache_write_5m_tokens, fields), (Some(MOST), vec![]));
        // What counts nothing is still its sender's mistake.
        let item = r#"{"model":"m","usage":{"output_tokens":-1}}"#;
        let refusal = try_read_as(&Bounds::default(), Implausible::Unknown, item).expect_err("a mistake");
        assert_eq!(refusal.code, Code::InvalidNumber);
    }

    #[test]
    fn one_attempt_that_tells_too_much_leaves_what_the_others_and_the_top_say() {
        let usage = format!(
            r#"{{"input_tokens":23,"output_tokens":10,"iterations":[{{"type":"compaction","input_tokens":{},"output_tokens":3}},{{"input_tokens":23,"output_tokens":10}}]}}"#,
            MOST + 1
        );
        let (event, fields) = passed_on(&usage);
        assert_eq!((event.usage.input_tokens, event.usage.output_tokens), (Some(23), Some(13)));
        assert_eq!((fields, event.has_unknown_usage()), (vec!["iterations[].input_tokens".into()], true));
    }

    #[test]
    fn what_all_attempts_come_to_is_bounded_too() {
        let attempt = format!(r#"{{"input_tokens":{},"output_tokens":1}}"#, MOST / 2 + 1);
        let (event, fields) = passed_on(&format!(r#"{{"iterations":[{attempt},{attempt}]}}"#));
        assert_eq!((event.usage.input_tokens, event.usage.output_tokens), (None, Some(2)));
        assert_eq!((fields, event.iterations.len()), (vec!["iterations[].input_tokens".into()], 2));
    }
}
