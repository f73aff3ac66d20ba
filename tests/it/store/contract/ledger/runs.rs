//! What every store keeps of when Tacho ran.

use server::store::{KEPT_RUNS, RESTART_MS, Store};

use crate::harness::tacho::NOON_MS;
use crate::store::MINUTE_MS;

contract! {
    a_run_goes_on_as_long_as_it_is_noted,
    the_latest_runs_are_kept,
}

async fn a_run_goes_on_as_long_as_it_is_noted(store: &dyn Store) {
    let mut seen_ms = NOON_MS;
    store.note_run(seen_ms, seen_ms).await.unwrap();
    for later_ms in [RESTART_MS - 1, 20_000, 0, 20_000] {
        store.note_run(seen_ms + later_ms, seen_ms + later_ms).await.unwrap();
        seen_ms += later_ms;
    }
    // Noted late, since it could not be before.
    store.note_run(seen_ms, seen_ms + 90 * MINUTE_MS).await.unwrap();
    seen_ms += 90 * MINUTE_MS;
    // What was noted already takes nothing back.
    store.note_run(NOON_MS, NOON_MS + 1).await.unwrap();
    store.note_run(seen_ms + RESTART_MS, seen_ms + RESTART_MS).await.unwrap();
    let gaps = store.gaps(0, seen_ms + 2 * RESTART_MS).await.unwrap();
    assert_eq!(gaps, [(seen_ms, seen_ms + RESTART_MS)]);
}

async fn the_latest_runs_are_kept(store: &dyn Store) {
    let runs = KEPT_RUNS as i64 + 3;
    let at = |number: i64| NOON_MS + number * 2 * MINUTE_MS;
    for number in 0..runs {
        store.note_run(at(number), at(number) + MINUTE_MS).await.unwrap();
    }
    assert_eq!(store.gaps(at(0), at(3) + MINUTE_MS).await.unwrap(), []);
    let first = store.gaps(at(0), at(4)).await.unwrap();
    assert_eq!(first, [(at(3) + MINUTE_MS, at(4))]);
    assert_eq!(store.gaps(at(runs - 2), at(runs)).await.unwrap().len(), 1);
}
