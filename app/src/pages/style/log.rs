//! What happened, what is to be known at once, what policies did.

use leptos::prelude::*;
use vocabulary::Severity;
use vocabulary::view::{Nonsense, Senseless, View as Shown};

use super::{NOON_MS, part, state};
use crate::api::happened::{Happening, Incident, LearnedAmount, LearnedLately, LearnedPool};
use crate::api::notice::{Amount, FirstCall, FirstOutcome, Notice};
use crate::api::policies::PolicyItem;
use crate::pages::now::{self, LogPlace};
use crate::reader::Reader;

const MINUTE_MS: i64 = 60_000;

/// Lines of the log.
pub(super) fn log(reader: &Reader) -> AnyView {
    let view = Shown::default();
    let incident = |number: u32, worst: Severity, peak: f64, began_ms: i64, ended_ms: Option<i64>| Incident {
        key: format!("style-{number}"),
        name: "requests per minute".to_owned(),
        kind: "requests_per_minute".to_owned(),
        is_learned: false,
        value: None,
        worst,
        peak,
        began_ms: NOON_MS - began_ms * MINUTE_MS,
        ended_ms: ended_ms.map(|ended_ms| NOON_MS - ended_ms * MINUTE_MS),
    };
    let of_user = Incident {
        name: "Each user of the shop, tokens per day".to_owned(),
        value: Some("u_0123456789abcdef@example.com".to_owned()),
        ..incident(4, Severity::Critical, 17.69, 4_000, Some(2_600))
    };
    let learned = |kind: &str, amount: f64, unit: &str| LearnedAmount {
        kind: kind.to_owned(),
        amount,
        unit: unit.to_owned(),
    };
    let limits = vec![
        learned("requests_per_minute", 1_000.0, "requests"),
        learned("input_tokens_per_minute", 2_000_000.0, "tokens"),
    ];
    let pool = |name: &str| LearnedPool { pool: name.to_owned(), limits: limits.clone() };
    let happenings = [
        Happening::Incident(incident(1, Severity::Critical, 1.25, 4, None)),
        Happening::Incident(incident(2, Severity::Warning, 0.84, 12, None)),
        Happening::Incident(incident(3, Severity::Warning, 0.91, 90, Some(71))),
        Happening::Learned(LearnedLately {
            at_ms: NOON_MS - 300 * MINUTE_MS,
            pools: vec![pool("Opus 5"), pool("Haiku 5")],
        }),
        Happening::Learned(LearnedLately { at_ms: NOON_MS - 310 * MINUTE_MS, pools: vec![pool("Sonnet 5")] }),
        Happening::Incident(of_user),
    ];
    let beside = LogPlace::Beside { is_long: false };
    part(
        "Log",
        vec![
            state("Every kind of line", now::happened(reader, &happenings, &view, beside)),
            state(
                "Beside a long time",
                now::happened(reader, &happenings, &view, LogPlace::Beside { is_long: true }),
            ),
            state("Nothing happened", now::happened(reader, &[], &view, beside)),
        ],
    )
}

/// Notices, failures, and what policies did.
pub(super) fn notices(reader: &Reader) -> AnyView {
    let learned = vec![Amount { amount: 1_000.0, kind: "requests_per_minute".to_owned() }];
    let first_call = |outcome: FirstOutcome, learned: Vec<Amount>| {
        now::first_call(reader, Some(&FirstCall { model: "claude-opus-5".to_owned(), outcome, learned }))
    };
    let all = [
        Notice::Lost { events: 12 },
        Notice::Waiting { bytes: 48_213 },
        Notice::Refused {
            events: 3,
            key: "nightly".to_owned(),
            code: "invalid_time".to_owned(),
            message: "`at` is no time".to_owned(),
        },
        Notice::Unreadable {
            calls: 7,
            fields: vec![("usage.output_tokens".to_owned(), 5), ("usage.cache_creation".to_owned(), 2)],
        },
        Notice::Overflowing { values: 10_000, limits: vec!["Each user".to_owned()], more: 2 },
    ];
    let nonsense = [Nonsense::new("range", "42y", Senseless::Unknown)];
    let policy = |word: &str| PolicyItem {
        policy: word.to_owned(),
        retries: 0,
        answered: 0,
        refused: 0,
        given_up: 0,
        waited: 0,
        wait_p50_ms: None,
        wait_p99_ms: None,
    };
    let policies = [
        PolicyItem {
            waited: 412,
            wait_p50_ms: Some(740),
            wait_p99_ms: Some(12_400),
            given_up: 3,
            ..policy("queue")
        },
        PolicyItem { retries: 31, ..policy("retry") },
        PolicyItem { answered: 1_204, ..policy("cache") },
        PolicyItem { refused: 17, ..policy("enforce") },
    ];
    let failed = view! { <p class="notice failure" role="status">"Tacho cannot read its database at the moment; try again in a few seconds"</p> };
    let stale = view! { <div class="region" data-failed=""><p>"The last figures of a part of which nothing newer is known."</p></div> };
    part(
        "Notices",
        vec![
            state("Every notice", now::notices(reader, &all)),
            state("The first call", first_call(FirstOutcome::Used { input_tokens: 412 }, learned)),
            state("The first call failed", first_call(FirstOutcome::Failed { status: 401 }, Vec::new())),
            state("Of the first call little is known", first_call(FirstOutcome::Unknown, Vec::new())),
            state("What of an address made no sense", now::nonsense(reader, &nonsense)),
            state("A part that failed", failed.into_any()),
            state("A part that failed after it was shown", stale.into_any()),
            state("What policies did", now::policies(reader, &policies)),
            state("No policy did anything", now::policies(reader, &[])),
        ],
    )
}
