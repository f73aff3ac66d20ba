//! What every store sums.

use domain::rollup::{Grain, Shape, Sums};
use domain::usage::{EndpointClass, Endpoints, ServiceTier};
use serde_json::json;
use server::store::{SeriesQuery, SeriesSource, Store, plan};
use vocabulary::{Dimension, Filter};

use super::super::given::store_all;
use super::whole;
use crate::harness::tacho::NOON_MS;
use crate::store::corrections::ingest;
use crate::store::{HOUR_MS, MINUTE_MS};

contract! {
    sums_are_by_bucket_and_value,
    a_total_is_exact_to_the_minute,
    limits_on_requests_count_what_they_cover,
}

/// Requests by bucket and value, in order.
pub(super) async fn requests(store: &dyn Store, query: &SeriesQuery) -> Vec<(i64, String, i64)> {
    let rows = store.series(query).await.unwrap();
    assert!(rows.is_sorted_by_key(|row| row.bucket_ms), "{rows:?}");
    let rows = rows.into_iter().map(|row| (row.bucket_ms, row.key.join(" "), row.sums.requests));
    let mut rows: Vec<_> = rows.collect();
    rows.sort();
    rows
}

async fn sums_are_by_bucket_and_value(store: &dyn Store) {
    let start_ms = NOON_MS - 2 * HOUR_MS;
    let item = |id: &str, minute: i64, user: &str, model: &str| {
        let at_ms = start_ms + minute * MINUTE_MS + 1;
        json!({ "id": id, "at": at_ms, "model": model, "user": user, "session": user, "status": 429 })
    };
    let items = [
        item("a", -1, "u_1", "m"),
        item("b", 0, "u_1", "m"),
        item("c", 0, "u_2", "m"),
        item("d", 1, "u_2", "n"),
        item("e", 60, "u_2", "n"),
    ];
    ingest(store, &items).await;
    let of = |shape, grain, by: &[Dimension], from_ms, to_ms| SeriesQuery {
        source: SeriesSource::Rollup(shape, grain),
        by: by.to_vec(),
        filters: Vec::new(),
        from_ms,
        to_ms,
        step_ms: grain.length_ms(),
        turns: Vec::new(),
    };
    let named = |rows: &[(i64, &str, i64)]| -> Vec<(i64, String, i64)> {
        rows.iter().map(|(at_ms, key, requests)| (*at_ms, (*key).to_owned(), *requests)).collect()
    };
    let hour = of(Shape::Total, Grain::Hour, &[], start_ms, start_ms + HOUR_MS);
    assert_eq!(requests(store, &hour).await, named(&[(start_ms, "", 3)]), "from inclusive to exclusive");
    let row = &store.series(&hour).await.unwrap()[0];
    assert_eq!(row.sums, Sums { requests: 3, errors: 3, throttled: 3, ..Sums::default() });
    let users = of(
        Shape::By(Dimension::User),
        Grain::Minute,
        &[Dimension::User],
        start_ms - MINUTE_MS,
        start_ms + HOUR_MS,
    );
    let by_minute = named(&[
        (start_ms - MINUTE_MS, "u_1", 1),
        (start_ms, "u_1", 1),
        (start_ms, "u_2", 1),
        (start_ms + MINUTE_MS, "u_2", 1),
    ]);
    assert_eq!(requests(store, &users).await, by_minute);
    assert_eq!(requests(store, &SeriesQuery { source: SeriesSource::Raw, ..users.clone() }).await, by_minute);
    let two = SeriesQuery { step_ms: 2 * MINUTE_MS, from_ms: start_ms, ..users };
    assert_eq!(requests(store, &two).await, named(&[(start_ms, "u_1", 1), (start_ms, "u_2", 2)]));
    // Two minutes from where the question starts, and what is left of the next.
    let odd = SeriesQuery { from_ms: start_ms - MINUTE_MS, to_ms: start_ms + 2 * MINUTE_MS, ..two };
    let by_two = named(&[
        (start_ms - MINUTE_MS, "u_1", 2),
        (start_ms - MINUTE_MS, "u_2", 1),
        (start_ms + MINUTE_MS, "u_2", 1),
    ]);
    for source in [odd.source, SeriesSource::Raw] {
        assert_eq!(requests(store, &SeriesQuery { source, ..odd.clone() }).await, by_two, "{source:?}");
    }
    let day_ms = Grain::Day.bucket_start(start_ms);
    let both = [Dimension::Model, Dimension::User];
    let cube = of(Shape::Cube, Grain::Day, &both, day_ms, day_ms + Grain::Day.length_ms());
    let by_both = named(&[(day_ms, "m u_1", 2), (day_ms, "m u_2", 1), (day_ms, "n u_2", 2)]);
    assert_eq!(requests(store, &cube).await, by_both);
    let filter = |dimension, value: &str| Filter::only(dimension, value);
    let filters = vec![
        filter(Dimension::Model, "m"),
        filter(Dimension::Model, "unheard-of"),
        filter(Dimension::User, "u_1"),
    ];
    let only = SeriesQuery { filters, by: Vec::new(), ..cube };
    for source in [only.source, SeriesSource::Raw] {
        let only = SeriesQuery { source, ..only.clone() };
        assert_eq!(requests(store, &only).await, named(&[(day_ms, "", 2)]), "{source:?}");
        let filters = vec![Filter::except(Dimension::Model, "m"), Filter::except(Dimension::User, "u_1")];
        let others = SeriesQuery { filters, ..only };
        assert_eq!(requests(store, &others).await, named(&[(day_ms, "", 2)]), "{source:?}");
    }
}

async fn a_total_is_exact_to_the_minute(store: &dyn Store) {
    // Across two midnights, at times that hit the first and the last millisecond of minutes.
    let ago_ms = |number: i64| number * 7 * MINUTE_MS + number % 2;
    let item = |number: i64| {
        let user = format!("u_{}", number % 3);
        json!({ "id": format!("e{number}"), "at": NOON_MS - ago_ms(number), "model": "m", "user": user })
    };
    ingest(store, &(0..400).map(item).collect::<Vec<_>>()).await;
    for (from, to) in
        [(2_800, 0), (2_799, 1), (1_511, 62), (721, 719), (720, 719), (700, 650), (61, 59), (7, 6)]
    {
        let (from_ms, to_ms) = (NOON_MS - from * MINUTE_MS, NOON_MS - to * MINUTE_MS);
        let counted =
            (0..400).filter(|number| (from_ms..to_ms).contains(&(NOON_MS - ago_ms(*number)))).count();
        for by in [vec![], vec![Dimension::User]] {
            let mut total = 0;
            for piece in plan::totals(&by, &[], from_ms, to_ms) {
                total += requests(store, &piece).await.iter().map(|(_, _, requests)| requests).sum::<i64>();
            }
            assert_eq!(total, counted as i64, "{from} {to} {by:?}");
        }
    }
}

async fn limits_on_requests_count_what_they_cover(store: &dyn Store) {
    let mut batch = Vec::new();
    for (number, class) in (0..).zip(EndpointClass::ALL) {
        // Of batches more than of any other, so that no tier can stand for another.
        let tiers = [ServiceTier::Standard, ServiceTier::Priority, ServiceTier::Batch, ServiceTier::Batch];
        for (tier, service_tier) in (0..).zip(tiers) {
            let mut entry = whole(&format!("{number} {tier}"));
            (entry.event.endpoint_class, entry.event.service_tier) = (class, service_tier);
            batch.push(entry);
        }
    }
    let mut here = whole("here");
    here.event.handling.answered_here = true;
    batch.push(here);
    store_all(store, &batch).await;
    for (classes, counted) in [
        (vec![EndpointClass::Messages], 2),
        (vec![EndpointClass::Files, EndpointClass::Other], 4),
        (EndpointClass::ALL.to_vec(), 12),
    ] {
        let query = SeriesQuery {
            source: SeriesSource::Counted(Endpoints::of(classes.clone())),
            ..plan::query(&[], &[], NOON_MS - MINUTE_MS, NOON_MS, MINUTE_MS)
        };
        assert_eq!(
            requests(store, &query).await,
            [(NOON_MS - MINUTE_MS, String::new(), counted)],
            "{classes:?}"
        );
    }
}
