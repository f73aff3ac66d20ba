//! What response headers have taught about limits, written with the events that brought them.

use std::collections::{BTreeMap, HashMap};

use domain::limits::Report;
use domain::limits::learned::{Change, Limiter, Place, Reporter, Seen};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, Transaction};

use super::{SqliteStore, limits};
use crate::store::{LearnedChanges, StoreError};

/// Writes what was learned as part of a transaction.
pub(super) async fn write(
    transaction: &mut Transaction<'static, Sqlite>,
    changes: &LearnedChanges,
) -> Result<(), StoreError> {
    for id in &changes.gone {
        for forget in ["delete from limit_rule where id = ?", "delete from learned_limit where limit_id = ?"]
        {
            sqlx::query(forget).bind(id).execute(&mut **transaction).await?;
        }
    }
    for limit in changes.limits.values() {
        limits::write(transaction, limit, changes.at_ms).await?;
    }
    for (id, seen) in &changes.seen {
        write_seen(transaction, id, seen).await?;
    }
    for change in &changes.history {
        write_change(transaction, change).await?;
    }
    Ok(())
}

async fn write_seen(
    transaction: &mut Transaction<'static, Sqlite>,
    limit_id: &str,
    seen: &Seen,
) -> Result<(), StoreError> {
    let report = seen.report.as_ref();
    let named_by: BTreeMap<String, i64> =
        seen.named_by.iter().map(|(reporter, at_ms)| (reporter.word(), *at_ms)).collect();
    let named_by = serde_json::to_string(&named_by).unwrap_or_default();
    sqlx::query(
        "insert into learned_limit (limit_id, organization, workspace, pool, limiter, first_seen_ms, last_seen_ms, \
         report_from_ms, report_to_ms, report_remaining, report_reset_ms, named_by) \
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
         on conflict (limit_id) do update set last_seen_ms = excluded.last_seen_ms, named_by = excluded.named_by, \
         report_from_ms = excluded.report_from_ms, report_to_ms = excluded.report_to_ms, \
         report_remaining = excluded.report_remaining, report_reset_ms = excluded.report_reset_ms",
    )
    .bind(limit_id)
    .bind(&seen.place.organization)
    .bind(&seen.place.workspace)
    .bind(&seen.place.pool)
    .bind(seen.place.limiter.word())
    .bind(seen.first_seen_ms)
    .bind(seen.last_seen_ms)
    .bind(report.map(|report| report.from_ms))
    .bind(report.map(|report| report.to_ms))
    .bind(report.map(|report| report.remaining))
    .bind(report.and_then(|report| report.reset_ms))
    .bind(named_by)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn write_change(
    transaction: &mut Transaction<'static, Sqlite>,
    change: &Change,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into limit_change (limit_id, at_ms, revision, amount_before, amount_after, event_id) \
         values (?, ?, ?, ?, ?, ?) on conflict do nothing",
    )
    .bind(&change.limit_id)
    .bind(change.at_ms)
    .bind(change.revision.cast_signed())
    .bind(change.before)
    .bind(change.after)
    .bind(&change.event_id)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

impl SqliteStore {
    pub(super) async fn read_learned(&self) -> Result<Vec<Seen>, StoreError> {
        let rows =
            sqlx::query("select * from learned_limit order by limit_id").fetch_all(&self.readers.own).await?;
        rows.iter().map(seen).collect()
    }

    pub(super) async fn read_limit_history(
        &self,
        limit_id: &str,
        most: usize,
    ) -> Result<Vec<Change>, StoreError> {
        let rows = sqlx::query(
            "select * from limit_change where limit_id = ? order by at_ms desc, revision desc limit ?",
        )
        .bind(limit_id)
        .bind(i64::try_from(most).unwrap_or(i64::MAX))
        .fetch_all(&self.readers.own)
        .await?;
        rows.iter().map(change).collect()
    }

    pub(super) async fn read_limit_histories(
        &self,
        limit_ids: &[&str],
        most: usize,
    ) -> Result<HashMap<String, Vec<Change>>, StoreError> {
        // Of each so many rows are read, however many there are.
        let rows = sqlx::query(
            "select c.* from json_each(?1) asked join limit_change c on c.limit_id = asked.value \
             and (c.at_ms, c.revision) in (select k.at_ms, k.revision from limit_change k \
             where k.limit_id = asked.value order by k.at_ms desc, k.revision desc limit ?2) \
             order by c.limit_id, c.at_ms desc, c.revision desc",
        )
        .bind(serde_json::to_string(limit_ids).unwrap_or_default())
        .bind(i64::try_from(most).unwrap_or(i64::MAX))
        .fetch_all(&self.readers.own)
        .await?;
        let mut histories: HashMap<String, Vec<Change>> = HashMap::new();
        for row in &rows {
            let change = change(row)?;
            histories.entry(change.limit_id.clone()).or_default().push(change);
        }
        Ok(histories)
    }
}

fn seen(row: &SqliteRow) -> Result<Seen, StoreError> {
    let limiter: String = row.try_get("limiter")?;
    let report_to_ms: Option<i64> = row.try_get("report_to_ms")?;
    let report = match report_to_ms {
        None => None,
        Some(to_ms) => Some(Report {
            from_ms: row.try_get("report_from_ms")?,
            to_ms,
            remaining: row.try_get("report_remaining")?,
            reset_ms: row.try_get("report_reset_ms")?,
        }),
    };
    let named_by: String = row.try_get("named_by")?;
    let named_by: BTreeMap<String, i64> = serde_json::from_str(&named_by)
        .map_err(|error| StoreError::Unreadable { what: "learned limit", reason: error.to_string() })?;
    Ok(Seen {
        named_by: named_by.iter().map(|(word, at_ms)| (Reporter::from_word(word), *at_ms)).collect(),
        place: Place {
            organization: row.try_get("organization")?,
            workspace: row.try_get("workspace")?,
            pool: row.try_get("pool")?,
            limiter: Limiter::from_word(&limiter).ok_or_else(|| StoreError::Unreadable {
                what: "learned limit",
                reason: format!("unknown limiter `{limiter}`"),
            })?,
        },
        first_seen_ms: row.try_get("first_seen_ms")?,
        last_seen_ms: row.try_get("last_seen_ms")?,
        report,
    })
}

fn change(row: &SqliteRow) -> Result<Change, StoreError> {
    Ok(Change {
        limit_id: row.try_get("limit_id")?,
        revision: row.try_get::<i64, _>("revision")?.cast_unsigned(),
        at_ms: row.try_get("at_ms")?,
        before: row.try_get("amount_before")?,
        after: row.try_get("amount_after")?,
        event_id: row.try_get("event_id")?,
    })
}
