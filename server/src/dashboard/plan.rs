//! Chooses where a question is answered from: the narrowest rollup of the coarsest grain that fits.

use app::api::vocabulary::{Dimension, Filter};

use crate::rollup::{Grain, Shape};
use crate::store::{SeriesQuery, Source};

/// The query for sums by `by` in buckets of `step_ms`. The range is widened to whole buckets of a minute.
pub fn query(by: &[Dimension], filters: &[Filter], from_ms: i64, to_ms: i64, step_ms: i64) -> SeriesQuery {
    let minute_ms = Grain::Minute.length_s() * 1_000;
    let from_ms = from_ms.div_euclid(minute_ms) * minute_ms;
    let to_ms = (to_ms + minute_ms - 1).div_euclid(minute_ms) * minute_ms;
    let filtered: Vec<Dimension> = filters.iter().map(|filter| filter.dimension).collect();
    let source = match Shape::for_question(by, &filtered) {
        None => Source::Raw,
        Some(shape) => {
            let fits = |grain: &Grain| {
                let length_ms = grain.length_s() * 1_000;
                step_ms % length_ms == 0 && from_ms % length_ms == 0 && to_ms % length_ms == 0
            };
            let grain = [Grain::Day, Grain::Hour].into_iter().find(fits).unwrap_or(Grain::Minute);
            Source::Rollup(shape, grain)
        }
    };
    SeriesQuery { source, by: by.to_vec(), filters: filters.to_vec(), from_ms, to_ms, step_ms }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_MS: i64 = 3_600_000;
    const DAY_MS: i64 = 24 * HOUR_MS;

    #[test]
    fn the_coarsest_grain_that_fits_is_read() {
        let source = |from_ms, to_ms, step_ms| query(&[], &[], from_ms, to_ms, step_ms).source;
        assert_eq!(source(DAY_MS, 3 * DAY_MS, DAY_MS), Source::Rollup(Shape::Total, Grain::Day));
        assert_eq!(source(DAY_MS + HOUR_MS, 3 * DAY_MS, DAY_MS), Source::Rollup(Shape::Total, Grain::Hour));
        assert_eq!(source(DAY_MS, 3 * DAY_MS, 60_000), Source::Rollup(Shape::Total, Grain::Minute));
        assert_eq!(source(DAY_MS + 1, 3 * DAY_MS, HOUR_MS), Source::Rollup(Shape::Total, Grain::Hour));
    }

    #[test]
    fn a_range_is_widened_to_whole_minutes() {
        let query = query(&[], &[], 60_001, 119_999, 60_000);
        assert_eq!((query.from_ms, query.to_ms), (60_000, 120_000));
    }

    #[test]
    fn sessions_are_answered_from_the_events() {
        assert_eq!(query(&[Dimension::Session], &[], 0, DAY_MS, DAY_MS).source, Source::Raw);
    }
}
