//! The largest groups of a question, and all the others as one: what a chart of a million sessions shows.
//!
//! The groups are put in order and summed by the database, which sorts on disk what does not fit its cache; what comes out
//! is as large as was asked for, however many groups there are.

use std::collections::HashSet;

use sqlx::{QueryBuilder, Row, SqliteConnection};

use super::readers::{Question, Weight};
use super::sums::{keys, measure_of, push_group, push_source, read, select, weight};
use crate::store::{Most, SeriesQuery, SeriesRow, StoreError, TopSeries};

/// A question for the largest groups.
pub(super) struct Top<'a>(pub &'a SeriesQuery, pub Most);

impl Question for Top<'_> {
    type Answer = TopSeries;

    fn weight(&self) -> Weight {
        weight(self.0)
    }

    async fn answer(&self, connection: &mut SqliteConnection) -> Result<TopSeries, StoreError> {
        let Top(query, most) = self;
        // Rollups have few groups, most of the time: then asking plainly is enough.
        if (self.weight() == Weight::Light || query.by.is_empty())
            && let Some(top) = all(connection, query, most.groups).await?
        {
            return Ok(top);
        }
        let (best, groups) = best(connection, query, most).await?;
        let is_all = groups <= best.len() as u64;
        let mut rows = Vec::new();
        let sql = select(query, if is_all { &[] } else { &best });
        read(connection, sql, query.by.len(), |row| {
            rows.push(row);
            true
        })
        .await?;
        Ok(TopSeries { rows, groups })
    }
}

/// All groups; nothing when there are more than so many.
async fn all(
    connection: &mut SqliteConnection,
    query: &SeriesQuery,
    most: usize,
) -> Result<Option<TopSeries>, StoreError> {
    let mut rows: Vec<SeriesRow> = Vec::new();
    let mut groups: HashSet<Vec<String>> = HashSet::new();
    read(connection, select(query, &[]), query.by.len(), |row| {
        if !groups.contains(&row.key) {
            groups.insert(row.key.clone());
        }
        rows.push(row);
        groups.len() <= most
    })
    .await?;
    let groups = groups.len();
    Ok((groups <= most).then_some(TopSeries { rows, groups: groups as u64 }))
}

/// The largest groups, and how many there are in all.
async fn best(
    connection: &mut SqliteConnection,
    query: &SeriesQuery,
    most: &Most,
) -> Result<(Vec<Vec<String>>, u64), StoreError> {
    let keys = keys(&query.by);
    let mut sql = QueryBuilder::new("select *, count(*) over () from (select ");
    sql.push(keys.iter().map(|key| format!("{key}, ")).collect::<String>());
    sql.push(measure_of(query, most.by));
    push_source(&mut sql, query);
    if !keys.is_empty() {
        push_group(&mut sql, keys.len());
    }
    let in_order: String = (1..=keys.len()).map(|column| format!(", {column}")).collect();
    sql.push(format!(") order by {} desc{in_order} limit ", 1 + keys.len()));
    sql.push_bind(i64::try_from(most.groups).unwrap_or(i64::MAX));
    let rows = sql.build().fetch_all(connection).await?;
    let groups = rows.first().map_or(Ok(0), |row| row.try_get::<i64, _>(keys.len() + 1))?;
    let best = rows
        .iter()
        .map(|row| (0..keys.len()).map(|index| row.try_get(index)).collect::<Result<Vec<String>, _>>())
        .collect::<Result<_, _>>()?;
    Ok((best, groups.unsigned_abs()))
}
