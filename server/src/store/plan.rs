//! Chooses where a question is answered from: the narrowest rollup of the coarsest grain that fits.

use domain::rollup::{Grain, Shape};
use vocabulary::{Dimension, Filter};

use super::{SeriesQuery, SeriesSource, Turn};

/// The query for sums by `by` in buckets of `step_ms`, which is whole minutes. The range is widened to whole
/// buckets, so that each holds all that belongs in it.
pub fn query(by: &[Dimension], filters: &[Filter], from_ms: i64, to_ms: i64, step_ms: i64) -> SeriesQuery {
    let (from_ms, to_ms) = widened(from_ms, to_ms, step_ms);
    bins(by, filters, from_ms, to_ms, step_ms)
}

/// The query for sums by `by` from one whole minute to another, in buckets of `step_ms`, which is whole minutes. The
/// first bucket starts at `from_ms`, as a day does in somebody's zone; the last ends at `to_ms`, if that comes sooner.
pub fn bins(by: &[Dimension], filters: &[Filter], from_ms: i64, to_ms: i64, step_ms: i64) -> SeriesQuery {
    let source = source(by, filters, coarsest(&[from_ms, to_ms, step_ms]));
    let (by, filters) = (by.to_vec(), filters.to_vec());
    SeriesQuery { source, by, filters, from_ms, to_ms, step_ms, turns: Vec::new() }
}

/// The query for sums by `by` in buckets from edge to edge, which are whole minutes, in order, and two at least.
pub fn between(by: &[Dimension], filters: &[Filter], edges_ms: &[i64]) -> SeriesQuery {
    let (from_ms, to_ms) = (edges_ms.first().copied().unwrap_or(0), edges_ms.last().copied().unwrap_or(0));
    let mut buckets = edges_ms.windows(2).map(|edges| Turn { at_ms: edges[0], step_ms: edges[1] - edges[0] });
    let step_ms = buckets.next().map_or(1, |first| first.step_ms);
    let mut turns: Vec<Turn> = Vec::new();
    for bucket in buckets {
        if bucket.step_ms != turns.last().map_or(step_ms, |turn| turn.step_ms) {
            turns.push(bucket);
        }
    }
    let source = source(by, filters, coarsest(edges_ms));
    SeriesQuery { source, by: by.to_vec(), filters: filters.to_vec(), from_ms, to_ms, step_ms, turns }
}

/// The coarsest grain of whose buckets none of these times cuts one.
fn coarsest(times_ms: &[i64]) -> Grain {
    let fits = |grain: &Grain| times_ms.iter().all(|at_ms| at_ms % grain.length_ms() == 0);
    [Grain::Day, Grain::Hour].into_iter().find(fits).unwrap_or(Grain::Minute)
}

/// The query for all that another one is about, together, in windows of one length. The range is widened to whole
/// windows.
pub fn windows(query: &SeriesQuery, window: Grain) -> SeriesQuery {
    let step_ms = window.length_ms();
    let (from_ms, to_ms) = widened(query.from_ms, query.to_ms, step_ms);
    let source = match query.source {
        SeriesSource::Counted(endpoints) => SeriesSource::Counted(endpoints),
        SeriesSource::Rollup(..) | SeriesSource::Raw => source(&[], &query.filters, window),
    };
    let filters = query.filters.clone();
    SeriesQuery { source, by: Vec::new(), filters, from_ms, to_ms, step_ms, turns: Vec::new() }
}

/// The narrowest rollup of a grain that can answer; the events where none can.
fn source(by: &[Dimension], filters: &[Filter], grain: Grain) -> SeriesSource {
    let filtered: Vec<Dimension> = filters.iter().map(|filter| filter.dimension).collect();
    match Shape::for_question(by, &filtered) {
        None => SeriesSource::Raw,
        Some(shape) => SeriesSource::Rollup(shape, grain),
    }
}

/// A range widened to multiples of a length.
pub fn widened(from_ms: i64, to_ms: i64, length_ms: i64) -> (i64, i64) {
    let end_ms = to_ms.saturating_add(length_ms - 1);
    (from_ms.div_euclid(length_ms) * length_ms, end_ms.div_euclid(length_ms) * length_ms)
}

/// Queries for the sums of a whole range, one row per value: days inside it, hours and minutes at its edges. The
/// range is widened to whole minutes.
pub fn totals(by: &[Dimension], filters: &[Filter], from_ms: i64, to_ms: i64) -> Vec<SeriesQuery> {
    let (mut from_ms, end_ms) = widened(from_ms, to_ms, Grain::Minute.length_ms());
    let piece = |source, from_ms, to_ms| SeriesQuery {
        source,
        by: by.to_vec(),
        filters: filters.to_vec(),
        from_ms,
        to_ms,
        step_ms: i64::MAX,
        turns: Vec::new(),
    };
    if source(by, filters, Grain::Minute) == SeriesSource::Raw {
        return vec![piece(SeriesSource::Raw, from_ms, end_ms)];
    }
    let mut queries = Vec::new();
    while from_ms < end_ms {
        // The coarsest bucket that begins here and fits, and as many more as come before a coarser one.
        let starts =
            |grain: &Grain| from_ms % grain.length_ms() == 0 && from_ms + grain.length_ms() <= end_ms;
        let grain = [Grain::Day, Grain::Hour].into_iter().find(starts).unwrap_or(Grain::Minute);
        let until_ms = match grain {
            Grain::Day => end_ms,
            Grain::Hour => next(from_ms, Grain::Day).min(end_ms),
            Grain::Minute => next(from_ms, Grain::Hour).min(end_ms),
        };
        let until_ms = from_ms + (until_ms - from_ms).div_euclid(grain.length_ms()) * grain.length_ms();
        queries.push(piece(source(by, filters, grain), from_ms, until_ms));
        from_ms = until_ms;
    }
    queries
}

/// The same for a range that may end within a minute, of which the events themselves are read.
pub fn totals_until(by: &[Dimension], filters: &[Filter], from_ms: i64, to_ms: i64) -> Vec<SeriesQuery> {
    let minute_ms = Grain::Minute.bucket_start(to_ms);
    let mut queries = totals(by, filters, from_ms, minute_ms);
    if minute_ms < to_ms {
        queries.push(SeriesQuery {
            source: SeriesSource::Raw,
            by: by.to_vec(),
            filters: filters.to_vec(),
            from_ms: minute_ms.max(from_ms),
            to_ms,
            step_ms: i64::MAX,
            turns: Vec::new(),
        });
    }
    queries
}

/// Start of the next bucket after a time.
fn next(at_ms: i64, grain: Grain) -> i64 {
    grain.bucket_start(at_ms) + grain.length_ms()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn totals_tile_their_range_with_whole_buckets(from_min in 0..100_000i64, length_min in 1..100_000i64) {
            let minute_ms = Grain::Minute.length_ms();
            let (from_ms, to_ms) = (from_min * minute_ms, (from_min + length_min) * minute_ms);
            let queries = totals(&[], &[], from_ms, to_ms);
            prop_assert_eq!(queries.first().map(|query| query.from_ms), Some(from_ms));
            prop_assert_eq!(queries.last().map(|query| query.to_ms), Some(to_ms));
            prop_assert!(queries.windows(2).all(|pair| pair[0].to_ms == pair[1].from_ms));
            prop_assert!(queries.len() <= 5, "{} queries", queries.len());
            for query in queries {
                let SeriesSource::Rollup(_, grain) = query.source else { panic!("not rolled up") };
                prop_assert_eq!((query.from_ms % grain.length_ms(), query.to_ms % grain.length_ms()), (0, 0));
                prop_assert!(query.from_ms < query.to_ms);
            }
        }
    }

    proptest! {
        #[test]
        fn a_minute_that_is_cut_short_is_read_from_the_events(
            from_min in 0..100_000i64,
            length_ms in 1..10_000_000i64,
        ) {
            let minute_ms = Grain::Minute.length_ms();
            let from_ms = from_min * minute_ms;
            let queries = totals_until(&[], &[], from_ms, from_ms + length_ms);
            prop_assert_eq!(queries.first().map(|query| query.from_ms), Some(from_ms));
            prop_assert_eq!(queries.last().map(|query| query.to_ms), Some(from_ms + length_ms));
            prop_assert!(queries.windows(2).all(|pair| pair[0].to_ms == pair[1].from_ms));
            for query in queries {
                let is_short = query.source == SeriesSource::Raw;
                prop_assert_eq!(is_short, query.to_ms % minute_ms != 0);
                prop_assert!(!is_short || query.to_ms - query.from_ms < minute_ms);
            }
        }
    }

    const HOUR_MS: i64 = 3_600_000;
    const DAY_MS: i64 = 24 * HOUR_MS;

    #[test]
    fn the_coarsest_grain_that_fits_is_read() {
        let source = |step_ms| query(&[], &[], 1, 3 * DAY_MS, step_ms).source;
        assert_eq!(source(2 * DAY_MS), SeriesSource::Rollup(Shape::Total, Grain::Day));
        assert_eq!(source(DAY_MS), SeriesSource::Rollup(Shape::Total, Grain::Day));
        assert_eq!(source(DAY_MS + HOUR_MS), SeriesSource::Rollup(Shape::Total, Grain::Hour));
        assert_eq!(source(60_000), SeriesSource::Rollup(Shape::Total, Grain::Minute));
    }

    #[test]
    fn bins_are_read_from_what_none_of_their_edges_cuts() {
        let half_ms = HOUR_MS / 2;
        let source = |from_ms, to_ms, step_ms| bins(&[], &[], from_ms, to_ms, step_ms).source;
        for (from_ms, to_ms, step_ms, grain) in [
            (DAY_MS, 3 * DAY_MS, DAY_MS, Grain::Day),
            (DAY_MS - 2 * HOUR_MS, 3 * DAY_MS - 2 * HOUR_MS, DAY_MS, Grain::Hour),
            (DAY_MS, 3 * DAY_MS - HOUR_MS, DAY_MS, Grain::Hour),
            (DAY_MS + half_ms, 3 * DAY_MS + half_ms, DAY_MS, Grain::Minute),
            (DAY_MS, 3 * DAY_MS + half_ms, HOUR_MS, Grain::Minute),
        ] {
            assert_eq!(source(from_ms, to_ms, step_ms), SeriesSource::Rollup(Shape::Total, grain));
        }
    }

    #[test]
    fn a_range_is_widened_to_whole_buckets() {
        for (step_ms, range) in [(60_000, (60_000, 240_000)), (120_000, (0, 240_000)), (DAY_MS, (0, DAY_MS))]
        {
            let query = query(&[], &[], 60_001, 180_001, step_ms);
            assert_eq!((query.from_ms, query.to_ms), range);
        }
    }

    #[test]
    fn windows_are_read_from_the_narrowest_rollup_of_their_length() {
        let by_model = query(&[Dimension::Model], &[], 1, 3 * DAY_MS, 6 * HOUR_MS);
        let hours = windows(&by_model, Grain::Hour);
        assert_eq!(hours.source, SeriesSource::Rollup(Shape::Total, Grain::Hour));
        assert_eq!((hours.from_ms, hours.to_ms, hours.step_ms), (0, 3 * DAY_MS, HOUR_MS));
        let filter = Filter::only(Dimension::Model, "m");
        let minutes = windows(&SeriesQuery { filters: vec![filter], from_ms: 1, ..by_model }, Grain::Minute);
        assert_eq!(minutes.source, SeriesSource::Rollup(Shape::By(Dimension::Model), Grain::Minute));
        assert_eq!((minutes.from_ms, minutes.by), (0, vec![]));
    }

    #[test]
    fn sessions_are_answered_from_the_events() {
        assert_eq!(query(&[Dimension::Session], &[], 0, DAY_MS, DAY_MS).source, SeriesSource::Raw);
    }
}
