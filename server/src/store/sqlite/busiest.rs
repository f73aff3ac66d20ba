//! The busiest window of each bucket: sums by window, and of those the largest.

use domain::rollup::{Grain, Shape, Sums};
use sqlx::{QueryBuilder, Row, SqliteConnection};
use vocabulary::Measure;

use super::readers::{Question, Weight};
use super::sums::{measure_of, measure_of_each, push_bucket, push_group, push_source, push_start, weight};
use crate::store::{Busiest, SeriesQuery, SeriesSource, StoreError, plan};

/// A question for the busiest windows.
pub(super) struct BusiestWindows<'a> {
    query: &'a SeriesQuery,
    /// The same in windows.
    windows: SeriesQuery,
    of: &'a [Measure],
}

impl<'a> BusiestWindows<'a> {
    pub(super) fn new(query: &'a SeriesQuery, window: Grain, of: &'a [Measure]) -> Self {
        BusiestWindows { query, windows: plan::windows(query, window), of }
    }
}

impl Question for BusiestWindows<'_> {
    type Answer = Vec<Busiest>;

    fn weight(&self) -> Weight {
        weight(&self.windows)
    }

    async fn answer(&self, connection: &mut SqliteConnection) -> Result<Vec<Busiest>, StoreError> {
        let BusiestWindows { query, windows, of } = self;
        let mut sql = QueryBuilder::new("select ");
        push_start(&mut sql, "window", query);
        for place in 0..of.len() {
            sql.push(format!(", max(sum_{place})"));
        }
        sql.push(" from (select ");
        push_bucket(&mut sql, windows);
        sql.push(" as window");
        // The total has one row for each window, which is its sum.
        let is_summed = matches!(windows.source, SeriesSource::Rollup(Shape::Total, _));
        for (place, measure) in of.iter().enumerate() {
            let measure = if is_summed { measure_of_each } else { measure_of }(windows, *measure);
            sql.push(format!(", {measure} as sum_{place}"));
        }
        push_source(&mut sql, windows);
        if !is_summed {
            push_group(&mut sql, 1);
        }
        sql.push(")");
        push_group(&mut sql, 1);
        let rows = sql.push(" order by 1").build().fetch_all(connection).await?;
        let most = |row, place: usize, measure| -> Result<f64, StoreError> {
            Ok(Sums::in_unit(measure, Row::try_get(row, 1 + place)?))
        };
        rows.iter()
            .map(|row| {
                let most = of.iter().enumerate().map(|(place, measure)| most(row, place, *measure));
                Ok(Busiest { bucket_ms: row.try_get(0)?, most: most.collect::<Result<_, _>>()? })
            })
            .collect()
    }
}
