mod room;

use super::super::headers;
use super::*;
use crate::limits::Source;
use crate::usage::{Dimensions, ServiceTier};

const NOON_MS: i64 = 1_795_521_600_000;

/// A book and its limits, taking in one response after the other.
#[derive(Default)]
struct Learner {
    book: Book,
    limits: HashMap<String, Limit>,
}

fn event(model: &str, at_ms: i64) -> Event {
    let dimensions = Dimensions { model: model.to_owned(), ..Dimensions::default() };
    Event { id: format!("at {at_ms}"), at_ms, dimensions, ..Event::default() }
}

impl Learner {
    fn take(&mut self, event: &Event, headers: &[(&str, &str)]) -> Vec<Lesson> {
        self.told(&Reporter::Unknown, event, headers)
    }

    fn told(&mut self, reporter: &Reporter, event: &Event, headers: &[(&str, &str)]) -> Vec<Lesson> {
        let mut observation = headers::read(headers.iter().copied());
        observation.reporter = reporter.clone();
        self.book.take(event, &observation, NOON_MS, &mut self.limits)
    }

    fn requests(&mut self, at_ms: i64, limit: &str) -> Vec<Lesson> {
        self.take(&event("m", at_ms), &[("anthropic-ratelimit-requests-limit", limit)])
    }

    fn amounts(&self) -> Vec<(&str, i64)> {
        let mut amounts: Vec<_> =
            self.limits.values().map(|limit| (limit.name.as_str(), limit.amount)).collect();
        amounts.sort_unstable();
        amounts
    }
}

#[test]
fn what_the_proxy_has_met_is_not_put_right_by_what_a_key_says() {
    let mut learner = Learner::default();
    let key = Reporter::Key("abcd1234".into());
    let mut says = |reporter: &Reporter, at_ms: i64, amount: &str| {
        learner.told(reporter, &event("m", at_ms), &[("anthropic-ratelimit-requests-limit", amount)]);
        learner.amounts()[0].1
    };
    assert_eq!(says(&Reporter::Proxy, NOON_MS - 7_200_000, "50"), 50);
    assert_eq!(says(&key, NOON_MS - 7_199_000, "1"), 50, "it was met a second ago");
    assert_eq!(says(&Reporter::Proxy, NOON_MS - 7_198_000, "60"), 60);
    assert_eq!(says(&key, NOON_MS - 3_597_000, "1"), 1, "more than an hour ago");
}

#[test]
fn a_limit_is_learned_once_and_changes_are_told() {
    let mut learner = Learner::default();
    let first = learner.requests(NOON_MS - 9_000, "1000");
    assert_eq!(first.len(), 1);
    let change = first[0].change.clone().expect("a change");
    assert_eq!((change.before, change.after, change.at_ms), (None, 1_000, NOON_MS - 9_000));
    assert_eq!(change.event_id, format!("at {}", NOON_MS - 9_000));
    let again = learner.requests(NOON_MS - 8_000, "1000");
    assert_eq!((&again[0].limit, &again[0].change), (&None, &None));
    assert_eq!(again[0].seen.as_ref().map(|seen| seen.last_seen_ms), Some(NOON_MS - 8_000));
    let raised = learner.requests(NOON_MS - 7_000, "2000");
    let limit = raised[0].limit.as_ref().expect("a limit");
    assert_eq!((limit.amount, limit.revision, limit.source), (2_000, 2, Source::Learned));
    assert_eq!(raised[0].change.as_ref().and_then(|change| change.before), Some(1_000));
    assert_eq!(learner.amounts(), [("m: requests per minute", 2_000)]);
}

#[test]
fn of_two_responses_the_one_to_the_later_request_is_believed_whichever_comes_first() {
    let mut learner = Learner::default();
    learner.requests(NOON_MS - 1_000, "2000");
    let older = learner.requests(NOON_MS - 9_000, "1000");
    assert_eq!((&older[0].limit, &older[0].seen, &older[0].report), (&None, &None, &None));
    assert_eq!(learner.amounts(), [("m: requests per minute", 2_000)]);
    // It came in before the limit was raised, and ended after: what it says is old.
    let slow = Event { duration_ms: Some(8_500), ..event("m", NOON_MS - 9_000) };
    learner.take(&slow, &[("anthropic-ratelimit-requests-limit", "1000")]);
    assert_eq!(learner.amounts(), [("m: requests per minute", 2_000)]);
    learner.requests(NOON_MS - 500, "1000");
    assert_eq!(learner.amounts(), [("m: requests per minute", 1_000)]);
}

#[test]
fn headers_were_written_between_the_request_and_the_head_of_its_answer() {
    let plain = Event { duration_ms: Some(8_000), ..event("m", NOON_MS - 9_000) };
    let streamed = Event { stream: true, ttft_ms: Some(100), ..plain.clone() };
    // Of a stream that came to no token, such as a refusal, the end is all that is known.
    let refused = Event { stream: true, status: Some(429), ..plain.clone() };
    let untimed = Event { at_assigned: true, ..plain.clone() };
    for (event, expected) in [
        (&plain, (-9_000, -1_000)),
        (&streamed, (-9_000, -8_900)),
        (&refused, (-9_000, -1_000)),
        (&untimed, (-17_000, -9_000)),
    ] {
        let (from_ms, to_ms) = written(event, NOON_MS);
        assert_eq!((from_ms - NOON_MS, to_ms - NOON_MS), expected, "{event:?}");
    }
}

#[test]
fn where_two_amounts_alternate_the_lower_one_holds() {
    let mut learner = Learner::default();
    let mut changes = 0;
    for number in 0..100 {
        let limit = if number % 2 == 0 { "1000" } else { "2000" };
        let lessons = learner.requests(NOON_MS - 200_000 + number * 500, limit);
        changes += lessons.iter().filter(|lesson| lesson.change.is_some()).count();
    }
    // Met, raised before anything was suspicious, lowered.
    assert_eq!(changes, 3);
    assert_eq!(learner.amounts(), [("m: requests per minute", 1_000)]);
    // A minute without the lower one, and the higher one is taken.
    learner.requests(NOON_MS - 200_000 + 49_000 + HOLD_MS, "2000");
    assert_eq!(learner.amounts(), [("m: requests per minute", 2_000)]);
}

#[test]
fn tiers_and_windows_have_limits_of_their_own() {
    let mut learner = Learner::default();
    let fast = Event { fast: true, ..event("claude-opus-5", NOON_MS) };
    learner.take(
        &fast,
        &[("anthropic-fast-input-tokens-limit", "0"), ("anthropic-ratelimit-input-tokens-limit", "7")],
    );
    let priority = Event { service_tier: ServiceTier::Priority, ..event("claude-opus-5", NOON_MS) };
    learner.take(&priority, &[("anthropic-priority-output-tokens-limit", "5")]);
    learner.take(&fast, &[("anthropic-ratelimit-unified-7d_sonnet-utilization", "0.5")]);
    assert_eq!(
        learner.amounts(),
        [
            ("Opus 5 fast: input tokens per minute", 0),
            ("Opus 5 priority: output tokens per minute", 5),
            ("Opus 5: input tokens per minute", 7),
            ("subscription: 7d sonnet window", 10_000),
        ]
    );
    let not_provisioned: Vec<_> =
        learner.limits.values().filter(|limit| limit.is_not_provisioned()).collect();
    assert_eq!(not_provisioned.len(), 1);
}

#[test]
fn workspaces_have_limits_of_their_own() {
    let mut learner = Learner::default();
    for workspace in ["a", "b"] {
        let mut event = event("m", NOON_MS);
        event.dimensions.workspace = workspace.to_owned();
        learner.take(&event, &[("anthropic-ratelimit-requests-limit", "10")]);
    }
    assert_eq!(learner.limits.len(), 2);
}

#[test]
fn a_clock_that_is_ahead_or_headers_of_long_ago_teach_nothing_wrong() {
    let mut learner = Learner::default();
    assert_eq!(learner.requests(NOON_MS - OLDEST_MS - 1, "10"), []);
    let ahead = learner.requests(NOON_MS + 200_000, "10");
    assert_eq!(ahead[0].seen.as_ref().map(|seen| seen.last_seen_ms), Some(NOON_MS));
    assert!(learner.requests(NOON_MS, "20")[0].change.is_some());
}

#[test]
fn names_are_short_enough_to_be_edited() {
    let mut learner = Learner::default();
    let model = "é".repeat(128);
    learner.take(&event(&model, NOON_MS), &[("anthropic-ratelimit-requests-limit", "10")]);
    assert!(learner.limits.values().all(|limit| limit.check().is_ok()));
}

#[test]
fn a_book_that_is_read_again_says_the_same() {
    let mut learner = Learner::default();
    let headers =
        [("anthropic-ratelimit-requests-limit", "10"), ("anthropic-ratelimit-requests-remaining", "3")];
    let lesson = learner.take(&event("m", NOON_MS), &headers).remove(0);
    let seen = lesson.seen.expect("something seen");
    assert_eq!(seen.report.map(|report| report.remaining), Some(3));
    let again = Book::new(vec![seen.clone()]);
    assert_eq!(again.seen(&lesson.limit_id), Some(&seen));
}

#[test]
fn a_book_that_is_read_again_still_holds_an_amount_that_was_lowered() {
    let mut learner = Learner::default();
    learner.requests(NOON_MS - 50_000, "2000");
    let seen = learner.requests(NOON_MS - 40_000, "1000").remove(0).seen.expect("something seen");
    let mut again = Book::new(vec![seen]);
    again.go_on_from(&learner.book);
    learner.book = again;
    learner.requests(NOON_MS - 30_000, "2000");
    assert_eq!(learner.amounts(), [("m: requests per minute", 1_000)]);
}
