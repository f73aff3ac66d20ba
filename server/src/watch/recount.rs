//! Counts again what is stored, for a board that has counted nothing yet.

use std::cmp::Reverse;
use std::collections::HashMap;

use domain::alert::machine::Instance;
use domain::limits::{Board, LATENESS_S, Limit, Scope, SeedNeed, Tally, longest_rolling_s};
use domain::read::bounds::LONGEST_REQUEST_S;
use vocabulary::{Dimension, Filter};

use crate::store::{
    EventQuery, LONG_MS, OVERFLOW, SeriesQuery, SeriesRow, SeriesSource, Store, StoreError, plan,
};

/// Events read at a time.
const PAGE: u32 = 5_000;

/// What rolling windows see has ended then or later.
fn seen_from_ms(now_ms: i64) -> i64 {
    now_ms - (longest_rolling_s() + LATENESS_S + 1) * 1_000
}

/// Tells calendar limits what their windows have used. Where there are more values than a limit counts one by one, those
/// whose alerts are `open` come first, then those that have used most, then those first by name: every restart decides the
/// same.
pub(super) async fn calendar(
    store: &dyn Store,
    limits: &[Limit],
    open: &HashMap<(String, String), Instance>,
    board: &mut Board,
    now_ms: i64,
) -> Result<(), StoreError> {
    for SeedNeed { limit_id, window } in board.seed_needs(now_ms) {
        let Some(limit) = limits.iter().find(|limit| limit.id == limit_id) else { continue };
        let tallies = tallies(store, limit, window).await?.into_iter().map(|(scope_value, used)| {
            let key = (limit_id.clone(), scope_value);
            (Reverse((open.contains_key(&key), used.used)), key.1, used)
        });
        let mut tallies: Vec<_> = tallies.collect();
        tallies.sort_unstable_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
        for (_, scope_value, used) in tallies {
            board.seed(&limit_id, &scope_value, window.0, used);
        }
    }
    Ok(())
}

/// What a window has used, by scope value.
async fn tallies(
    store: &dyn Store,
    limit: &Limit,
    (from_ms, to_ms): (i64, i64),
) -> Result<HashMap<String, Tally>, StoreError> {
    let by: Vec<Dimension> = limit.scope.dimension().into_iter().collect();
    let wanted = |value: &str| by.first().map(|of| Filter::only(*of, value));
    let mut filters: Vec<Filter> = limit.scope.value().and_then(wanted).into_iter().collect();
    // A model has many spellings, which only the scope knows.
    filters.retain(|filter| filter.dimension != Dimension::Model);
    let mut totals: HashMap<String, Tally> = HashMap::new();
    let queries = match limit.kind.counts_batches() {
        true => plan::totals(&by, &filters, from_ms, to_ms),
        false => vec![SeriesQuery {
            source: SeriesSource::Counted(limit.endpoints),
            by: by.clone(),
            filters,
            from_ms,
            to_ms,
            step_ms: i64::MAX,
            turns: Vec::new(),
        }],
    };
    for query in queries {
        for row in each_value(store, query).await? {
            let value = row.key.into_iter().next().unwrap_or_default();
            let value = match limit.scope == Scope::Everything {
                true => value,
                false => match limit.scope.covers(&value) {
                    Some(value) => value.to_owned(),
                    None => continue,
                },
            };
            totals.entry(value).or_default().add(&limit.kind.of_sums(&row.sums));
        }
    }
    Ok(totals)
}

/// Sums by value. Values beyond the cap on series share a sum that says nothing about any of them: where there
/// is one, the events are asked.
async fn each_value(store: &dyn Store, query: SeriesQuery) -> Result<Vec<SeriesRow>, StoreError> {
    if !matches!(query.source, SeriesSource::Rollup(..)) {
        return store.series(&query).await;
    }
    let shared = query.filters.iter().map(|filter| Filter { value: OVERFLOW.to_owned(), ..filter.clone() });
    let filters = query.filters.iter().cloned().chain(shared).collect();
    let rows = store.series(&SeriesQuery { filters, ..query.clone() }).await?;
    if rows.iter().any(|row| row.key.iter().any(|value| value == OVERFLOW)) {
        return store.series(&SeriesQuery { source: SeriesSource::Raw, ..query }).await;
    }
    Ok(rows)
}

/// Counts the events again that rolling windows still see.
pub(super) async fn rolling(store: &dyn Store, board: &mut Board, now_ms: i64) -> Result<(), StoreError> {
    let seen_from_ms = seen_from_ms(now_ms);
    // What was sent earlier and took so short has ended before that.
    let recent_from_ms = seen_from_ms - LONG_MS;
    let longest_from_ms = seen_from_ms - LONGEST_REQUEST_S.cast_signed() * 1_000;
    replay(store, board, now_ms, recent_from_ms..i64::MAX, false).await?;
    replay(store, board, now_ms, longest_from_ms..recent_from_ms, true).await
}

async fn replay(
    store: &dyn Store,
    board: &mut Board,
    now_ms: i64,
    at_ms: std::ops::Range<i64>,
    only_long: bool,
) -> Result<(), StoreError> {
    let (from_ms, to_ms) = (at_ms.start, at_ms.end);
    let mut query = EventQuery { from_ms, to_ms, filters: Vec::new(), only_long, before: None, limit: PAGE };
    loop {
        let page = store.events(&query).await?;
        for stored in &page {
            board.replay(&stored.event, stored.cost, now_ms);
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => query.before = Some((last.event.at_ms, last.key)),
            _ => return Ok(()),
        }
    }
}
