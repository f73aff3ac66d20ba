//! Integrity and conservation: every event is in its minute, its hour and its day, once.

use domain::rollup::{Grain, Shape};
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Row};

use super::rollups::table;
use super::sum_columns::{INPUT_TOKENS, OUTPUT_TOKENS, REQUESTS, SUM_COLUMNS, SumColumn};
use super::{SqliteStore, sums};
use crate::store::{CheckReport, SeriesQuery, SeriesSource, StoreError};

impl SqliteStore {
    pub(super) async fn run_check(&self) -> Result<CheckReport, StoreError> {
        // One read transaction: a server may be writing meanwhile.
        let mut snapshot = self.readers.own.begin().await?;
        let mut problems: Vec<String> =
            sqlx::query_scalar("pragma integrity_check").fetch_all(&mut *snapshot).await?;
        problems.retain(|line| line != "ok");

        let mut raw = sums::select(
            &SeriesQuery {
                source: SeriesSource::Raw,
                by: Vec::new(),
                filters: Vec::new(),
                from_ms: i64::MIN,
                to_ms: i64::MAX,
                step_ms: i64::MAX,
                turns: Vec::new(),
            },
            &[],
        );
        let raw = match raw.build().fetch_optional(&mut *snapshot).await? {
            Some(row) => {
                (1..=SUM_COLUMNS.len()).map(|index| row.try_get(index)).collect::<Result<Vec<i64>, _>>()?
            }
            None => vec![0; SUM_COLUMNS.len()],
        };
        for grain in [Grain::Minute, Grain::Hour, Grain::Day] {
            for shape in Shape::ALL {
                let rolled = totals(&mut snapshot, grain, *shape).await?;
                for ((SumColumn { name, .. }, raw), rolled) in SUM_COLUMNS.iter().zip(&raw).zip(rolled) {
                    if *raw != rolled {
                        problems.push(format!(
                            "{name}: the events hold {raw}, {} ({shape:?}) holds {rolled}",
                            table(grain)
                        ));
                    }
                }
            }
            problems.extend(per_series(&mut snapshot, grain).await?);
        }

        let known: i64 =
            sqlx::query_scalar("select count(*) from event_identity").fetch_one(&mut *snapshot).await?;
        if known < raw[0] {
            problems.push(format!("{} events have no entry in the duplicate index", raw[0] - known));
        }
        Ok(CheckReport { events: raw[0].unsigned_abs(), problems })
    }
}

async fn totals(snapshot: &mut SqliteConnection, grain: Grain, shape: Shape) -> Result<Vec<i64>, StoreError> {
    let sums = SUM_COLUMNS.map(|column| column.of_rows()).join(", ");
    let row = sqlx::query(AssertSqlSafe(format!("select {sums} from {} r where r.shape = ?", table(grain))))
        .bind(i64::from(shape.code()))
        .fetch_one(snapshot)
        .await?;
    Ok((0..SUM_COLUMNS.len()).map(|index| row.try_get(index)).collect::<Result<_, _>>()?)
}

/// Buckets of a series whose events and rollup differ in number; series beyond the cap are in the totals only.
async fn per_series(snapshot: &mut SqliteConnection, grain: Grain) -> Result<Vec<String>, StoreError> {
    let rows = sqlx::query(AssertSqlSafe(format!(
        "select raw.bucket_ms, raw.series_id, raw.requests, coalesce(r.requests, 0), raw.tokens, \
         coalesce(r.input_tokens + r.output_tokens, 0) from \
         (select e.at_ms / ?1 * ?1 as bucket_ms, e.series_id, {} as requests, \
          {} + {} as tokens \
          from event e join series s on s.series_id = e.series_id and s.overflow = 0 where e.answered_here = 0 group by 1, 2) raw \
         left join {} r on r.shape = ?2 and r.bucket_ms = raw.bucket_ms and r.series_id = raw.series_id \
         where raw.requests <> coalesce(r.requests, 0) or raw.tokens <> coalesce(r.input_tokens + r.output_tokens, 0) \
         limit 20",
        REQUESTS.of_events(),
        INPUT_TOKENS.of_events(),
        OUTPUT_TOKENS.of_events(),
        table(grain)
    )))
    .bind(grain.length_s() * 1_000)
    .bind(i64::from(Shape::Cube.code()))
    .fetch_all(snapshot)
    .await?;
    rows.iter()
        .map(|row| {
            let number = |index: usize| row.try_get::<i64, _>(index);
            Ok(format!(
                "series {} in {} at {}: {} events with {} tokens, rolled up as {} with {}",
                number(1)?,
                table(grain),
                number(0)?,
                number(2)?,
                number(4)?,
                number(3)?,
                number(5)?
            ))
        })
        .collect()
}
