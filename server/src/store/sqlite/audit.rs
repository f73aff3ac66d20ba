//! The audit log.

use std::net::IpAddr;

use async_trait::async_trait;
use futures::TryStreamExt;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, Transaction};

use super::SqliteStore;
use crate::store::{
    Action, Audit, Author, KEPT_NOTE_BYTES, KEPT_NOTES, KEPT_REFUSED_NOTES, Note, NumberedNote, StoreError,
    page_goes_on,
};

/// Notes after which all are measured, and bytes of notes in one transaction.
const MEASURED_EVERY: i64 = 64;
const MEASURED_BYTES: usize = 1 << 18;

#[async_trait]
impl Audit for SqliteStore {
    async fn note(&self, note: &Note) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        write(&mut transaction, note).await?;
        prune(&mut transaction, 1, note.bytes()).await?;
        if note.action == Action::Refused {
            sqlx::query(
                "delete from audit where action = ?1 and audit_id <= (select audit_id from audit where action = ?1 \
                 order by audit_id desc limit 1 offset ?2)",
            )
            .bind(Action::Refused.word())
            .bind(KEPT_REFUSED_NOTES.cast_signed())
            .execute(&mut *transaction)
            .await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn audit(&self, before: Option<u64>, limit: u32) -> Result<Vec<NumberedNote>, StoreError> {
        let before = before.and_then(|number| i64::try_from(number).ok()).unwrap_or(i64::MAX);
        let mut rows = sqlx::query("select * from audit where audit_id < ? order by audit_id desc limit ?")
            .bind(before)
            .bind(i64::from(limit))
            .fetch(&self.readers.own);
        let (mut page, mut bytes) = (Vec::new(), 0);
        while let Some(row) = rows.try_next().await? {
            page.push(note_of(&row)?);
            if page.last().is_some_and(|last| !page_goes_on(&mut bytes, &last.note)) {
                break;
            }
        }
        Ok(page)
    }
}

/// Adds a note.
pub(super) async fn write(
    transaction: &mut Transaction<'static, Sqlite>,
    note: &Note,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into audit (at_ms, key_public, key_name, address, action, subject, project, before, after) \
         values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(note.at_ms)
    .bind(&note.author.key_public)
    .bind(&note.author.key_name)
    .bind(note.author.address.map(|address| address.to_string()).unwrap_or_default())
    .bind(note.action.word())
    .bind(&note.subject)
    .bind(&note.project)
    .bind(&note.before)
    .bind(&note.after)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

/// Lets the oldest notes go, after so many were added that have so many bytes.
pub(super) async fn prune(
    transaction: &mut Transaction<'static, Sqlite>,
    added: i64,
    added_bytes: usize,
) -> Result<(), StoreError> {
    let (newest, notes): (i64, i64) =
        sqlx::query_as("select coalesce((select max(audit_id) from audit), 0), (select count(*) from audit)")
            .fetch_one(&mut **transaction)
            .await?;
    // Counted, not read off the numbers: those of refusals that have gone are missing between the others.
    sqlx::query("delete from audit where audit_id in (select audit_id from audit order by audit_id limit ?)")
        .bind((notes - KEPT_NOTES.cast_signed()).max(0))
        .execute(&mut **transaction)
        .await?;
    // Measuring reads where every note lies, so it is not done for every deletion of a small event.
    let is_time = newest / MEASURED_EVERY > (newest - added) / MEASURED_EVERY;
    if is_time || added_bytes > MEASURED_BYTES {
        sqlx::query(
            "delete from audit where audit_id <= (select max(audit_id) from (\
             select audit_id, sum(octet_length(before) + coalesce(octet_length(after), 0) + 256) \
             over (order by audit_id desc) as bytes from audit) where bytes > ?)",
        )
        .bind(i64::try_from(KEPT_NOTE_BYTES).unwrap_or(i64::MAX))
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

fn note_of(row: &SqliteRow) -> Result<NumberedNote, StoreError> {
    let action: &str = row.try_get("action")?;
    let action = Action::from_word(action)
        .ok_or_else(|| StoreError::Unreadable { what: "audit", reason: format!("`{action}`") })?;
    Ok(NumberedNote {
        number: row.try_get::<i64, _>("audit_id")?.unsigned_abs(),
        note: Note {
            at_ms: row.try_get("at_ms")?,
            author: Author {
                key_public: row.try_get("key_public")?,
                key_name: row.try_get("key_name")?,
                address: row.try_get::<&str, _>("address")?.parse::<IpAddr>().ok(),
            },
            action,
            subject: row.try_get("subject")?,
            project: row.try_get("project")?,
            before: row.try_get("before")?,
            after: row.try_get("after")?,
        },
    })
}
