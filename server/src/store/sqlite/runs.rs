//! When Tacho ran, and the gaps in between.

use sqlx::{Row, SqliteConnection};

use super::SqliteStore;
use super::readers::{Question, Weight};
use crate::store::{KEPT_RUNS, MOST_GAPS, RESTART_MS, StoreError};

impl SqliteStore {
    pub(super) async fn write_run(&self, from_ms: i64, to_ms: i64) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        let known = sqlx::query(
            "update run set seen_ms = max(seen_ms, ?2) where run_id = (select max(run_id) from run) \
             and began_ms <= ?1 and ?1 - seen_ms < ?3",
        )
        .bind(from_ms)
        .bind(to_ms)
        .bind(RESTART_MS)
        .execute(&mut *transaction)
        .await?;
        if known.rows_affected() == 0 {
            sqlx::query("insert into run (began_ms, seen_ms) values (?1, max(?1, ?2))")
                .bind(from_ms)
                .bind(to_ms)
                .execute(&mut *transaction)
                .await?;
            sqlx::query("delete from run where run_id <= (select max(run_id) from run) - ?")
                .bind(KEPT_RUNS as i64)
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }
}

/// A question for the stretches without a run.
pub(super) struct Gaps {
    pub from_ms: i64,
    pub to_ms: i64,
}

impl Question for Gaps {
    type Answer = Vec<(i64, i64)>;

    fn weight(&self) -> Weight {
        Weight::Light
    }

    async fn answer(&self, connection: &mut SqliteConnection) -> Result<Vec<(i64, i64)>, StoreError> {
        // The latest end of all runs that began before is where a gap may begin.
        let rows = sqlx::query(
            "select * from (select max(ended_ms, ?1) as gap_ms, min(began_ms, ?2) as end_ms from (\
             select began_ms, max(seen_ms) over (order by began_ms, run_id \
             rows between unbounded preceding and 1 preceding) as ended_ms from run \
             where began_ms <= (select began_ms from run order by run_id desc limit 1)) \
             where ended_ms >= (select began_ms from run order by run_id limit 1) and began_ms - ended_ms >= ?3) \
             where gap_ms < end_ms order by gap_ms - end_ms, gap_ms limit ?4",
        )
        .bind(self.from_ms)
        .bind(self.to_ms)
        .bind(RESTART_MS)
        .bind(MOST_GAPS as i64)
        .fetch_all(connection)
        .await?;
        let gap = |row: &_| -> Result<_, StoreError> { Ok((Row::try_get(row, 0)?, Row::try_get(row, 1)?)) };
        let mut gaps = rows.iter().map(gap).collect::<Result<Vec<_>, _>>()?;
        gaps.sort_unstable();
        Ok(gaps)
    }
}
