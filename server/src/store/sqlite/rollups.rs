//! Minute, hour and day rollups: added to in the transaction of their events.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use domain::rollup::{Grain, Sums};
use sqlx::{AssertSqlSafe, Sqlite, Transaction};

use super::bulk::Bulk;
use super::series::{Placed, RowKey};
use super::sum_columns::{self, SUM_COLUMNS, SumColumn};
use crate::store::{Entry, StoreError};

static UPSERTS: LazyLock<[Bulk; 3]> = LazyLock::new(|| [Grain::Minute, Grain::Hour, Grain::Day].map(upsert));

pub(super) fn table(grain: Grain) -> &'static str {
    match grain {
        Grain::Minute => "rollup_minute",
        Grain::Hour => "rollup_hour",
        Grain::Day => "rollup_day",
    }
}

fn upsert(grain: Grain) -> Bulk {
    let head = format!(
        "insert into {} as r (shape, bucket_ms, series_id, {}) values",
        table(grain),
        sum_columns::names()
    );
    let sums = SUM_COLUMNS
        .map(|SumColumn { name, .. }| format!("{name} = min(r.{name} + excluded.{name}, {})", Sums::LARGEST));
    let tail = format!("on conflict (shape, bucket_ms, series_id) do update set {}", sums.join(", "));
    Bulk::new(&head, 3 + SUM_COLUMNS.len(), &tail)
}

/// Adds new events to every rollup: summed in memory first, written in key order.
pub(super) async fn add(
    transaction: &mut Transaction<'static, Sqlite>,
    fresh: &[&Entry],
    places: &[Placed],
) -> Result<(), StoreError> {
    for (grain, bulk) in [Grain::Minute, Grain::Hour, Grain::Day].into_iter().zip(UPSERTS.iter()) {
        let mut rows: BTreeMap<RowKey, Sums> = BTreeMap::new();
        for (entry, place) in fresh.iter().zip(places) {
            let sums = Sums::of(&entry.event, entry.cost);
            for row in place.rows(grain, entry.event.at_ms) {
                rows.entry(row).or_default().add(&sums);
            }
        }
        let rows: Vec<_> = rows.into_iter().collect();
        write(transaction, bulk, &rows).await?;
    }
    Ok(())
}

/// Writes rows of a rollup by a statement that takes their keys and then their sums.
pub(super) async fn write(
    transaction: &mut Transaction<'static, Sqlite>,
    bulk: &Bulk,
    rows: &[(RowKey, Sums)],
) -> Result<(), StoreError> {
    for (sql, piece) in bulk.pieces(rows) {
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for ((shape, bucket_ms, series_id), sums) in piece {
            query = query.bind(i64::from(*shape)).bind(bucket_ms).bind(series_id);
            for sum in sum_columns::to_columns(sums) {
                query = query.bind(sum);
            }
        }
        query.execute(&mut **transaction).await?;
    }
    Ok(())
}
