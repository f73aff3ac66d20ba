//! The latest minute in which calls were throttled: the latest day with any, in it the latest hour, in that the minute. What
//! it costs grows with the days that are asked about, and not with what is kept or how it was used.

use std::cmp::Reverse;

use domain::rollup::Grain;
use sqlx::{QueryBuilder, Row, SqliteConnection};
use vocabulary::{Dimension, Filter};

use super::readers::{Question, Weight};
use super::sum_columns::THROTTLED;
use super::sums::{push_source, read, select, time_of, value_of_each, weight};
use crate::store::{SeriesQuery, SeriesSource, StoreError, Throttled, plan};

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
        let (calls, model) = self.most(connection, minute_ms, Dimension::Model).await?;
        let (_, project) = self.most(connection, minute_ms, Dimension::Project).await?;
        Ok(Throttled { minute_ms, calls, model, project })
    }

    /// How many calls were throttled in a minute, and which value had most of them.
    async fn most(
        &self,
        connection: &mut SqliteConnection,
        minute_ms: i64,
        of: Dimension,
    ) -> Result<(u64, String), StoreError> {
        let length_ms = Grain::Minute.length_ms();
        let query = plan::query(&[of], self.filters, minute_ms, minute_ms + length_ms, length_ms);
        let (mut calls, mut values) = (0, Vec::new());
        read(connection, select(&query, &[]), 1, |row| {
            calls += row.sums.throttled.unsigned_abs();
            values.push((Reverse(row.sums.throttled), row.key.concat()));
            true
        })
        .await?;
        Ok((calls, values.into_iter().min().map(|(_, value)| value).unwrap_or_default()))
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
