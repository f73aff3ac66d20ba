//! Minute, hour and day rollups: added to in the transaction of their events.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use domain::rollup::{Grain, Sums};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row, Sqlite, Transaction};

use super::bulk::Bulk;
use super::series::Placed;
use crate::store::{Entry, StoreError};

/// The sums of a rollup row, in the order of [`Sums`].
pub(super) const SUM_COLUMNS: [&str; 12] = [
    "requests",
    "input_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "cache_read_tokens",
    "output_tokens",
    "cost_nano_usd",
    "unpriced",
    "unknown_usage",
    "errors",
    "throttled",
    "web_search_requests",
];

static UPSERTS: LazyLock<[Bulk; 3]> = LazyLock::new(|| [Grain::Minute, Grain::Hour, Grain::Day].map(upsert));

/// Shape, bucket and series of a row.
pub(super) type RowKey = (u8, i64, i64);

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
        SUM_COLUMNS.join(", ")
    );
    let sums = SUM_COLUMNS.map(|name| format!("{name} = min(r.{name} + excluded.{name}, {})", Sums::LARGEST));
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
            for sum in to_columns(sums) {
                query = query.bind(sum);
            }
        }
        query.execute(&mut **transaction).await?;
    }
    Ok(())
}

/// SQL for the sum of a column of numbers from 0, which stops at [`Sums::LARGEST`]. SQLite's own fails when it
/// overflows; the upper and the lower halves of the numbers cannot.
pub(super) fn sum(column: &str) -> String {
    let (upper, lower) = (format!("sum({column} >> 32)"), format!("sum({column} & 0xffffffff)"));
    format!(
        "coalesce(case when {upper} >= {} then {largest} else min(({upper} << 32) + {lower}, {largest}) end, 0)",
        Sums::LARGEST >> 32,
        largest = Sums::LARGEST
    )
}

pub(super) fn to_columns(sums: &Sums) -> [i64; SUM_COLUMNS.len()] {
    [
        sums.requests,
        sums.input_tokens,
        sums.cache_write_5m_tokens,
        sums.cache_write_1h_tokens,
        sums.cache_read_tokens,
        sums.output_tokens,
        sums.cost_nano_usd,
        sums.unpriced,
        sums.unknown_usage,
        sums.errors,
        sums.throttled,
        sums.web_search_requests,
    ]
}

pub(super) fn from_columns(row: &SqliteRow, first: usize) -> Result<Sums, StoreError> {
    let mut columns = [0; SUM_COLUMNS.len()];
    for (index, column) in columns.iter_mut().enumerate() {
        *column = row.try_get(first + index)?;
    }
    Ok(of_columns(columns))
}

pub(super) fn of_columns(columns: [i64; SUM_COLUMNS.len()]) -> Sums {
    let [
        requests,
        input_tokens,
        cache_write_5m_tokens,
        cache_write_1h_tokens,
        cache_read_tokens,
        output_tokens,
        cost_nano_usd,
        unpriced,
        unknown_usage,
        errors,
        throttled,
        web_search_requests,
    ] = columns;
    Sums {
        requests,
        input_tokens,
        cache_write_5m_tokens,
        cache_write_1h_tokens,
        cache_read_tokens,
        output_tokens,
        cost_nano_usd,
        unpriced,
        unknown_usage,
        errors,
        throttled,
        web_search_requests,
    }
}
