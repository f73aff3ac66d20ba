//! The latest minute in which calls were throttled: the latest day with any, in it the latest hour, in that the minute. What
//! it costs grows with the days that are asked about, and not with what is kept or how it was used.

use domain::rollup::Grain;
use sqlx::{QueryBuilder, Row, SqliteConnection};
use vocabulary::{Dimension, Filter};

use super::readers::{Question, Weight};
use super::sum_columns::THROTTLED;
use super::sums::{push_source, read, select, time_of, value_of_each, weight};
use crate::store::{Largest, SeriesQuery, SeriesSource, StoreError, Throttled, plan};

/// A question for the latest minute in which calls were throttled.
pub(super) struct LastThrottled<'a> {
    pub from_ms: i64,
    pub to_ms: i64,
    pub filters: &'a [Filter],
}

impl Question for LastThrottled<'_> {
    type Answer = Option<Throttled>;

    fn weight(&self) -> Weight {
        self.pieces().first().map_or(Weight::Light, weight)
    }

    async fn answer(&self, connection: &mut SqliteConnection) -> Result<Option<Throttled>, StoreError> {
        for piece in self.pieces().into_iter().rev() {
            if let Some(minute_ms) = last_minute(connection, piece).await? {
                return Ok(Some(self.about(connection, minute_ms).await?));
            }
        }
        Ok(None)
    }
}

impl LastThrottled<'_> {
    /// Days, and hours and minutes at the edges, in order.
    fn pieces(&self) -> Vec<SeriesQuery> {
        plan::totals(&[], self.filters, self.from_ms, self.to_ms)
    }

    async fn about(
        &self,
        connection: &mut SqliteConnection,
        minute_ms: i64,
    ) -> Result<Throttled, StoreError> {
        let models = self.by(connection, minute_ms, Dimension::Model).await?;
        let projects = self.by(connection, minute_ms, Dimension::Project).await?;
        let calls = models.iter().map(|(_, calls)| calls).sum();
        Ok(Throttled { minute_ms, calls, models: Largest::of(models), projects: Largest::of(projects) })
    }

    /// How many calls were throttled in a minute, by the values of a dimension.
    async fn by(
        &self,
        connection: &mut SqliteConnection,
        minute_ms: i64,
        of: Dimension,
    ) -> Result<Vec<(String, u64)>, StoreError> {
        let length_ms = Grain::Minute.length_ms();
        let query = plan::query(&[of], self.filters, minute_ms, minute_ms + length_ms, length_ms);
        let mut values = Vec::new();
        read(connection, select(&query, &[]), 1, |row| {
            if row.sums.throttled > 0 {
                values.push((row.key.concat(), row.sums.throttled.unsigned_abs()));
            }
            true
        })
        .await?;
        Ok(values)
    }
}

/// The latest minute of a piece in which calls were throttled.
async fn last_minute(
    connection: &mut SqliteConnection,
    mut query: SeriesQuery,
) -> Result<Option<i64>, StoreError> {
    while let Some(at_ms) = last(connection, &query).await? {
        let SeriesSource::Rollup(shape, grain) = query.source else {
            return Ok(Some(Grain::Minute.bucket_start(at_ms)));
        };
        let Some(finer) = grain.finer() else { return Ok(Some(at_ms)) };
        let source = SeriesSource::Rollup(shape, finer);
        query = SeriesQuery { source, from_ms: at_ms, to_ms: at_ms + grain.length_ms(), ..query };
    }
    Ok(None)
}

/// When calls were throttled last: the start of a bucket, or the time of an event.
async fn last(connection: &mut SqliteConnection, query: &SeriesQuery) -> Result<Option<i64>, StoreError> {
    let time = time_of(query);
    let mut sql = QueryBuilder::new("select ");
    sql.push(time);
    push_source(&mut sql, query);
    sql.push(" and ").push(value_of_each(query, THROTTLED)).push(" > 0 order by ").push(time);
    let row = sql.push(" desc limit 1").build().fetch_optional(connection).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}
