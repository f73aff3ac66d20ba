//! When Tacho did not run, as stores tell it.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use server::store::{MOST_GAPS, RESTART_MS, Store};

use crate::harness::tacho::NOON_MS;
use crate::store::{HOUR_MS, MINUTE_MS, stores};

contract! {
    a_gap_is_from_a_run_to_the_next,
    a_gap_is_told_as_far_as_it_lies_within_what_is_asked_for,
    of_very_many_the_longest_are_told_in_order,
    a_clock_that_was_wrong_makes_no_gap,
}

const DAY_MS: i64 = 24 * HOUR_MS;

/// Minutes, of which runs are noted from one to another.
async fn note(store: &dyn Store, runs: &[(i64, i64)]) {
    for (from, to) in runs {
        store.note_run(NOON_MS + from * MINUTE_MS, NOON_MS + to * MINUTE_MS).await.unwrap();
    }
}

async fn told(store: &dyn Store, from: i64, to: i64) -> Vec<(i64, i64)> {
    let gaps = store.gaps(NOON_MS + from * MINUTE_MS, NOON_MS + to * MINUTE_MS).await.unwrap();
    let minute = |at_ms: i64| (at_ms - NOON_MS).div_euclid(MINUTE_MS);
    gaps.into_iter().map(|(from_ms, to_ms)| (minute(from_ms), minute(to_ms))).collect()
}

async fn a_gap_is_from_a_run_to_the_next(store: &dyn Store) {
    assert_eq!(told(store, -900, 900).await, [], "nothing is known");
    note(store, &[(0, 10)]).await;
    assert_eq!(told(store, -900, 900).await, [], "neither before the first run nor after the last");
    note(store, &[(15, 20), (21, 30), (90, 90)]).await;
    assert_eq!(told(store, -900, 900).await, [(10, 15), (20, 21), (30, 90)]);
    // A restart is none.
    store.note_run(NOON_MS + 91 * MINUTE_MS - 1, NOON_MS + 95 * MINUTE_MS).await.unwrap();
    assert_eq!(told(store, -900, 900).await, [(10, 15), (20, 21), (30, 90)]);
}

async fn a_gap_is_told_as_far_as_it_lies_within_what_is_asked_for(store: &dyn Store) {
    note(store, &[(0, 10), (20, 30), (40, 50)]).await;
    assert_eq!(told(store, 12, 35).await, [(12, 20), (30, 35)]);
    assert_eq!(told(store, 13, 14).await, [(13, 14)]);
    assert_eq!(told(store, 20, 30).await, []);
    assert_eq!(told(store, 20, 20).await, []);
    assert_eq!(told(store, 35, 12).await, []);
}

async fn of_very_many_the_longest_are_told_in_order(store: &dyn Store) {
    let most = MOST_GAPS as i64;
    // Each gap is longer than the one before.
    let begins: Vec<i64> = (1..=most + 6).map(|number| number * (number + 1) / 2).collect();
    note(store, &begins.iter().map(|begin| (*begin, *begin)).collect::<Vec<_>>()).await;
    let gaps: Vec<(i64, i64)> = begins.windows(2).map(|pair| (pair[0], pair[1])).collect();
    assert_eq!(gaps.len(), MOST_GAPS + 5);
    assert_eq!(told(store, 0, i64::from(i32::MAX)).await, gaps[5..]);
}

async fn a_clock_that_was_wrong_makes_no_gap(store: &dyn Store) {
    note(store, &[(0, 10)]).await;
    // Before the first run, and far ahead.
    note(store, &[(-900_000, -899_990), (20, 30), (900_000, 900_010), (40, 50)]).await;
    assert_eq!(told(store, -999_999, 999_999).await, [(10, 20), (30, 40)]);
    // Set back while it runs: what is covered once stays so.
    note(store, &[(25, 45), (60, 70)]).await;
    assert_eq!(told(store, -999_999, 999_999).await, [(10, 20), (50, 60)]);
}

#[test]
fn whatever_is_noted_the_gaps_are_those_of_the_oracle() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let seconds = || prop_oneof![8 => 0..2_000i64, 1 => -9_000..9_000i64];
    let run = (seconds(), prop_oneof![3 => 0..50i64, 1 => -100..500i64]);
    let asked = prop::collection::vec((seconds(), seconds()), 1..8);
    TestRunner::new(ProptestConfig { cases: 48, ..ProptestConfig::default() })
        .run(&(prop::collection::vec(run, 0..40), asked), |(runs, asked)| {
            runtime.block_on(async {
                let at = |second: i64| NOON_MS + second * 1_000;
                let directory = tempfile::tempdir().unwrap();
                let mut told = Vec::new();
                for (_, store) in stores(directory.path()).await {
                    for (from, length) in &runs {
                        store.note_run(at(*from), at(from + length)).await.unwrap();
                    }
                    let mut gaps = vec![store.gaps(0, NOON_MS + DAY_MS).await.unwrap()];
                    for (from, to) in &asked {
                        gaps.push(store.gaps(at(*from), at(*to)).await.unwrap());
                    }
                    told.push(gaps);
                }
                prop_assert_eq!(&told[0], &told[1]);
                let all = &told[0][0];
                prop_assert!(all.iter().all(|(from_ms, to_ms)| to_ms - from_ms >= RESTART_MS));
                prop_assert!(all.windows(2).all(|pair| pair[0].1 <= pair[1].0));
                Ok(())
            })
        })
        .unwrap();
}
