//! Sums over time, read from rollups or from the events themselves: the same columns either way.

use domain::rollup::{Grain, Shape};
use domain::usage::ServiceTier;
use futures::TryStreamExt;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use vocabulary::{Dimension, Measure};

use super::SqliteStore;
use super::query::{from_events, push_filters, value_of};
use super::readers::Weight;
use super::rollups::table;
use super::sum_columns::{self, SUM_COLUMNS, SumColumn, columns_of};
use crate::store::{OVERFLOW, SeriesQuery, SeriesRow, SeriesSource, StoreError};

impl SqliteStore {
    pub(super) async fn read_series(&self, query: &SeriesQuery) -> Result<Vec<SeriesRow>, StoreError> {
        let mut connection = self.readers.own.acquire().await?;
        let mut rows = Vec::new();
        read(&mut connection, select(query, &[]), query.by.len(), |row| {
            rows.push(row);
            true
        })
        .await?;
        Ok(rows)
    }
}

/// Hands over row by row, for as long as `take` wants more.
pub(super) async fn read(
    connection: &mut SqliteConnection,
    mut sql: QueryBuilder<Sqlite>,
    keys: usize,
    mut take: impl FnMut(SeriesRow) -> bool + Send,
) -> Result<(), StoreError> {
    let mut rows = sql.build().fetch(connection);
    while let Some(row) = rows.try_next().await? {
        if !take(from_row(&row, keys)?) {
            break;
        }
    }
    Ok(())
}

fn from_row(row: &SqliteRow, keys: usize) -> Result<SeriesRow, StoreError> {
    let key = (1..=keys).map(|index| row.try_get(index)).collect::<Result<_, _>>()?;
    Ok(SeriesRow { bucket_ms: row.try_get(0)?, key, sums: sum_columns::from_row(row, 1 + keys)? })
}

/// Sums by bucket and dimension, in order of bucket. Where `best` names combinations of values, every other one is summed
/// as [`OVERFLOW`].
pub(super) fn select(query: &SeriesQuery, best: &[Vec<String>]) -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::new("");
    push_best(&mut sql, best);
    sql.push("select ");
    push_bucket(&mut sql, query);
    let keys = keys(&query.by);
    let all = keys.join(", ");
    for key in &keys {
        sql.push(", ");
        match best {
            [] => sql.push(key),
            _ => sql.push(format!("case when ({all}) in best then {key} else '{OVERFLOW}' end")),
        };
    }
    for column in SUM_COLUMNS {
        sql.push(", ").push(sum_of(query, column));
    }
    push_source(&mut sql, query);
    push_group(&mut sql, 1 + keys.len());
    sql.push(" order by 1");
    sql
}

/// Begins a query with a table of combinations, `best`, if there are any.
fn push_best(sql: &mut QueryBuilder<Sqlite>, best: &[Vec<String>]) {
    if best.is_empty() {
        return;
    }
    sql.push("with best as (").push_values(best, |mut row, values| {
        for value in values {
            row.push_bind(value.clone());
        }
    });
    sql.push(") ");
}

/// SQL for the start of the bucket.
pub(super) fn push_bucket(sql: &mut QueryBuilder<Sqlite>, query: &SeriesQuery) {
    // Of rows that are as long as its buckets the starts are theirs, which SQLite then need not sort.
    match query.source {
        SeriesSource::Rollup(_, grain) if grain.length_ms() == query.step_ms && query.turns.is_empty() => {
            sql.push(time_of(query));
        }
        _ => push_start(sql, time_of(query), query),
    }
}

/// SQL for the start of the bucket of a question that a time falls in.
pub(super) fn push_start(sql: &mut QueryBuilder<Sqlite>, time: &str, query: &SeriesQuery) {
    let mut turns = query.all_turns().rev().peekable();
    while let Some(turn) = turns.next() {
        let is_first = turns.peek().is_none();
        if !is_first {
            sql.push("case when ").push(time).push(" >= ").push_bind(turn.at_ms).push(" then ");
        }
        sql.push("(").push(time).push(" - ").push_bind(turn.offset_ms()).push(") / ").push_bind(turn.step_ms);
        sql.push(" * ").push_bind(turn.step_ms).push(" + ").push_bind(turn.offset_ms());
        sql.push(if is_first { "" } else { " else " });
    }
    sql.push(" end".repeat(query.turns.len()));
}

/// SQL for when it was.
pub(super) fn time_of(query: &SeriesQuery) -> &'static str {
    if is_rolled(query) { "r.bucket_ms" } else { "e.at_ms" }
}

/// SQL for the value of each dimension.
pub(super) fn keys(by: &[Dimension]) -> Vec<String> {
    by.iter().map(|dimension| value_of(*dimension)).collect()
}

/// SQL for a measure, to put sums in order by.
pub(super) fn measure_of(query: &SeriesQuery, measure: Measure) -> String {
    columns_of(measure).map(|column| sum_of(query, column)).collect::<Vec<_>>().join(" + ")
}

/// SQL for a measure of each row or event that is summed.
pub(super) fn measure_of_each(query: &SeriesQuery, measure: Measure) -> String {
    columns_of(measure).map(|column| value_of_each(query, column)).collect::<Vec<_>>().join(" + ")
}

/// SQL for one column, summed.
fn sum_of(query: &SeriesQuery, column: SumColumn) -> String {
    if is_rolled(query) { column.of_rows() } else { column.of_events() }
}

/// SQL for one column of each row or event that is summed.
pub(super) fn value_of_each(query: &SeriesQuery, column: SumColumn) -> String {
    if is_rolled(query) { format!("r.{}", column.name) } else { column.of_event() }
}

/// How much work a question for sums looks like.
pub(super) fn weight(query: &SeriesQuery) -> Weight {
    let is_short = query.to_ms.saturating_sub(query.from_ms) <= Grain::Minute.length_ms();
    if is_rolled(query) || is_short { Weight::Light } else { Weight::Heavy }
}

fn is_rolled(query: &SeriesQuery) -> bool {
    matches!(query.source, SeriesSource::Rollup(..))
}

/// Goes on with where the rows come from.
pub(super) fn push_source(sql: &mut QueryBuilder<Sqlite>, query: &SeriesQuery) {
    let SeriesQuery { from_ms, to_ms, filters, .. } = query;
    match query.source {
        SeriesSource::Rollup(shape, grain) => {
            sql.push(" from ").push(table(grain)).push(" r");
            // The total has one series, without values.
            if shape != Shape::Total {
                sql.push(" join series s on s.series_id = r.series_id");
            }
            sql.push(" where r.shape = ");
            sql.push_bind(i64::from(shape.code()));
            sql.push(" and r.bucket_ms >= ").push_bind(*from_ms);
            sql.push(" and r.bucket_ms < ").push_bind(*to_ms);
            push_filters(sql, filters);
        }
        SeriesSource::Raw | SeriesSource::Counted(_) => {
            from_events(sql, "", *from_ms, *to_ms, filters);
            sql.push(" and e.answered_here = 0");
        }
    }
    if let SeriesSource::Counted(endpoints) = query.source {
        sql.push(" and e.service_tier <> ")
            .push_bind(ServiceTier::Batch as i64)
            .push(" and e.endpoint_class in (");
        let mut list = sql.separated(", ");
        for class in endpoints.classes() {
            list.push_bind(class as i64);
        }
        sql.push(")");
    }
}

/// Groups by the first columns.
pub(super) fn push_group(sql: &mut QueryBuilder<Sqlite>, columns: usize) {
    let columns: Vec<String> = (1..=columns).map(|column| column.to_string()).collect();
    sql.push(" group by ").push(columns.join(", "));
}
