//! What of events could not be taken as it was given: counted from an index of those that have remarks, which are few.

use domain::usage::RemarkCode;
use sqlx::{Row, SqliteConnection};

use super::readers::{Question, Weight};
use crate::store::{Remarked, StoreError};

/// A question for the remarks since a time, Unix milliseconds.
pub(super) struct RemarkedSince(pub i64);

impl Question for RemarkedSince {
    type Answer = Vec<Remarked>;

    fn weight(&self) -> Weight {
        Weight::Light
    }

    async fn answer(&self, connection: &mut SqliteConnection) -> Result<Vec<Remarked>, StoreError> {
        // Written out: SQLite uses an index of some rows only when it can see that these are among them.
        let rows = sqlx::query(
            "with remarked as (select e.at_ms, e.event_key, remark.value ->> 'code' as code, \
             remark.value ->> 'field' as field \
             from event e indexed by event_remark, json_each(e.remarks) remark \
             where e.remarks is not null and e.at_ms >= ?) \
             select code, field, count(*) from remarked group by code, field union all \
             select code, null, count(*) from (select distinct at_ms, event_key, code from remarked) group by code",
        )
        .bind(self.0)
        .fetch_all(connection)
        .await?;
        let mut counted = Vec::with_capacity(rows.len());
        for row in &rows {
            let word: &str = row.try_get(0)?;
            let code = RemarkCode::from_word(word)
                .ok_or_else(|| StoreError::Unreadable { what: "remarks", reason: format!("`{word}`") })?;
            counted.push((code, row.try_get(1)?, row.try_get::<i64, _>(2)?.unsigned_abs()));
        }
        Ok(Remarked::of(counted))
    }
}
