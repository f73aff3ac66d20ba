//! What SQLite sums over stored events is what [`Sums::of`] says of each of them.

use std::collections::BTreeMap;

use domain::rollup::Sums;
use domain::usage::{
    ApiFailure, Dimensions, EndpointClass, Endpoints, Event, EventKey, Handling, Iteration, NanoUsd, Outcome,
    ServiceTier, Usage,
};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use server::store::{AlertChanges, Entry, Ledger, SeriesQuery, SeriesSource, plan};
use vocabulary::Dimension;

use super::{MINUTE_MS, sqlite};
use crate::harness::tacho::NOON_MS;

/// Counts up to where sums stop, and beyond.
fn count() -> impl Strategy<Value = Option<u64>> {
    let largest = Sums::LARGEST.unsigned_abs();
    let absurd =
        prop::sample::select(vec![largest - 1, largest, largest + 1, i64::MAX.unsigned_abs(), u64::MAX]);
    prop_oneof![3 => Just(None), 2 => Just(Some(0)), 4 => (1..2_000u64).prop_map(Some), 1 => absurd.prop_map(Some)]
}

fn usage() -> impl Strategy<Value = Usage> {
    (prop::array::uniform5(count()), prop_oneof![Just(0), 1..9u64]).prop_map(
        |(counts, web_search_requests)| {
            let [
                input_tokens,
                cache_write_5m_tokens,
                cache_write_1h_tokens,
                cache_read_tokens,
                output_tokens,
            ] = counts;
            Usage {
                input_tokens,
                cache_write_5m_tokens,
                cache_write_1h_tokens,
                cache_read_tokens,
                output_tokens,
                web_search_requests,
            }
        },
    )
}

/// Nothing is known of it but a search.
fn searched() -> Usage {
    Usage { web_search_requests: 1, ..Usage::default() }
}

fn iteration() -> impl Strategy<Value = Iteration> {
    let kinds = vec!["message", "compaction", "advisor_message", "fallback_message", "unheard-of"];
    // Most have no output, and tell so: whether they were declined, and billed, is then for what follows them.
    let told = (prop::option::weighted(0.7, 0..3u64), prop_oneof![3 => Just(0), 1 => 1..3u64]);
    let told = told.prop_map(|(input_tokens, output)| Usage {
        input_tokens,
        output_tokens: Some(output),
        ..Usage::default()
    });
    (prop::sample::select(kinds), prop_oneof![4 => told, 1 => usage()]).prop_map(|(kind, usage)| Iteration {
        kind: kind.to_owned(),
        model: None,
        usage,
    })
}

prop_compose! {
    fn entry()(
        status in prop::option::of(prop::sample::select(vec![200u16, 399, 400, 428, 429, 430, 500, 529])),
        outcome in prop::sample::select(Outcome::ALL.to_vec()),
        failure in prop::option::weighted(0.2, prop::sample::select(vec!["", "overloaded_error"])),
        usage in prop_oneof![1 => Just(Usage::default()), 1 => Just(searched()), 2 => Just(Usage::nothing()), 3 => usage()],
        iterations in prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(iteration(), 1..5)],
        service_tier in
            prop::sample::select(vec![ServiceTier::Standard, ServiceTier::Priority, ServiceTier::Batch]),
        endpoint_class in prop::sample::select(EndpointClass::ALL.to_vec()),
        cost in prop::option::of(prop_oneof![4 => 0..1_000_000i64, 1 => Just(Sums::LARGEST), 1 => Just(i64::MAX)]),
        answered_here in prop::bool::weighted(0.1),
        (minute, session) in (0..3i64, prop::sample::select(vec!["", "s_1"])),
    ) -> Entry {
        let dimensions = Dimensions { session: session.to_owned(), ..Dimensions::default() };
        let failure = failure.map(|kind| ApiFailure { kind: kind.to_owned(), code: String::new() });
        let handling = Handling::stored(0, None, answered_here);
        let event = Event {
            at_ms: NOON_MS + minute * MINUTE_MS, received_at_ms: NOON_MS, status, outcome, failure, usage, iterations,
            service_tier, endpoint_class, handling, dimensions, ..Event::default()
        };
        let cost = cost.map(NanoUsd);
        Entry { event, key: EventKey([0; 16]), digest: [0; 8], cost, observation: None, hold: None }
    }
}

fn summed<'a>(entries: impl Iterator<Item = &'a Entry>, by_session: bool) -> BTreeMap<(i64, String), Sums> {
    let mut all: BTreeMap<(i64, String), Sums> = BTreeMap::new();
    for Entry { event, cost, .. } in entries.filter(|entry| !entry.event.handling.answered_here) {
        let session = if by_session { event.dimensions.session.as_str() } else { "" };
        all.entry((event.at_ms, session.to_owned())).or_default().add(&Sums::of(event, *cost));
    }
    all
}

async fn answered(store: &dyn Ledger, query: &SeriesQuery) -> BTreeMap<(i64, String), Sums> {
    let rows = store.series(query).await.unwrap().into_iter();
    rows.map(|row| ((row.bucket_ms, row.key.into_iter().next().unwrap_or_default()), row.sums)).collect()
}

#[test]
fn what_is_summed_over_stored_events_is_what_is_summed_as_they_come_in() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    TestRunner::new(ProptestConfig { cases: 64, ..ProptestConfig::default() })
        .run(&prop::collection::vec(entry(), 1..25), |mut entries| {
            for (number, entry) in entries.iter_mut().enumerate() {
                entry.event.id = format!("e{number}");
                entry.key = EventKey::new("", &entry.event.id);
            }
            runtime.block_on(async {
                let directory = tempfile::tempdir().unwrap();
                let store = sqlite(directory.path(), 100_000).await;
                store.ingest(&entries, &mut |_: &[&Entry]| AlertChanges::default()).await.unwrap();
                let rolled = plan::query(&[], &[], NOON_MS, NOON_MS + 3 * MINUTE_MS, MINUTE_MS);
                let all = summed(entries.iter(), false);
                prop_assert_eq!(&answered(&store, &rolled).await, &all, "rollups");
                let raw = SeriesQuery { source: SeriesSource::Raw, ..rolled.clone() };
                prop_assert_eq!(&answered(&store, &raw).await, &all, "events");
                let by = SeriesQuery { by: vec![Dimension::Session], ..raw };
                prop_assert_eq!(answered(&store, &by).await, summed(entries.iter(), true), "by session");
                for class in EndpointClass::ALL {
                    let endpoints = Endpoints::of([class]);
                    let counted = SeriesQuery { source: SeriesSource::Counted(endpoints), ..rolled.clone() };
                    let wanted = entries.iter().filter(|Entry { event, .. }| {
                        event.endpoint_class == class && event.service_tier != ServiceTier::Batch
                    });
                    prop_assert_eq!(answered(&store, &counted).await, summed(wanted, false), "{:?}", class);
                }
                prop_assert_eq!(store.check().await.unwrap().problems, Vec::<String>::new());
                Ok(())
            })
        })
        .unwrap();
}
