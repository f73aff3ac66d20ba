//! Channels: where alerts go.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{SqliteStore, sealed};
use crate::alert::outbox::Channel;
use crate::secrets::sealing::{SealingKey, StoredPlace};
use crate::secrets::signature::Secret;
use crate::store::{ChannelChange, ChannelRecord, StoreError};

/// Reads the columns of `channel` from a row.
pub(super) fn channel(key: &SealingKey, row: &SqliteRow) -> Result<Channel, StoreError> {
    let id: String = row.try_get("id")?;
    let secret = sealed::open(key, StoredPlace("channel", "secret", &id), row)?;
    Ok(Channel {
        kind: row.try_get("kind")?,
        name: row.try_get("name")?,
        url: sealed::open(key, StoredPlace("channel", "url", &id), row)?,
        secret: Secret::parse(&secret)
            .map_err(|error| StoreError::Unreadable { what: "channel secret", reason: error.to_string() })?,
        failing_since_ms: row.try_get("failing_since_ms")?,
        failed_attempts: u32::try_from(row.try_get::<i64, _>("failed_attempts")?).unwrap_or(u32::MAX),
        created_at_ms: row.try_get("created_at_ms")?,
        id,
    })
}

impl SqliteStore {
    pub(super) async fn read_channels(&self) -> Result<Vec<ChannelRecord>, StoreError> {
        let rows = sqlx::query(
            "select c.*, (select count(*) from delivery d where d.channel_id = c.id and d.state = 'pending') as pending \
             from channel c order by c.created_at_ms, c.id",
        )
        .fetch_all(&self.readers.own)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(ChannelRecord {
                    channel: channel(&self.key, row)?,
                    enabled: row.try_get("enabled")?,
                    disabled_reason: row.try_get("disabled_reason")?,
                    pending: row.try_get::<i64, _>("pending")?.unsigned_abs(),
                })
            })
            .collect()
    }

    pub(super) async fn write_channel(&self, channel: &Channel) -> Result<(), StoreError> {
        let mut connection = self.write_connection().await?;
        sqlx::query("insert into channel (id, kind, name, url, secret, enabled, failing_since_ms, failed_attempts, created_at_ms) values (?, ?, ?, ?, ?, 1, ?, ?, ?)")
            .bind(&channel.id)
            .bind(&channel.kind)
            .bind(&channel.name)
            .bind(sealed::seal(&self.key, StoredPlace("channel", "url", &channel.id), &channel.url)?)
            .bind(sealed::seal(&self.key, StoredPlace("channel", "secret", &channel.id), channel.secret.reveal())?)
            .bind(channel.failing_since_ms)
            .bind(i64::from(channel.failed_attempts))
            .bind(channel.created_at_ms)
            .execute(&mut *connection)
            .await?;
        Ok(())
    }

    pub(super) async fn update_channel(&self, id: &str, change: &ChannelChange) -> Result<bool, StoreError> {
        let seal = |url: &String| sealed::seal(&self.key, StoredPlace("channel", "url", id), url);
        let url = change.url.as_ref().map(seal).transpose()?;
        let mut connection = self.write_connection().await?;
        let changed = sqlx::query(
            "update channel set name = coalesce(?1, name), url = coalesce(?2, url), enabled = coalesce(?3, enabled), \
             disabled_reason = case when ?3 = 1 then null else disabled_reason end, \
             failing_since_ms = case when ?3 = 1 or ?2 is not null then null else failing_since_ms end, \
             failed_attempts = case when ?3 = 1 or ?2 is not null then 0 else failed_attempts end where id = ?4",
        )
        .bind(&change.name)
        .bind(url)
        .bind(change.enabled)
        .bind(id)
        .execute(&mut *connection)
        .await?;
        Ok(changed.rows_affected() > 0)
    }

    pub(super) async fn remove_channel(&self, id: &str) -> Result<bool, StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query("update delivery set state = 'dropped', next_attempt_at_ms = null where channel_id = ? and state = 'pending'")
            .bind(id)
            .execute(&mut *transaction)
            .await?;
        let removed =
            sqlx::query("delete from channel where id = ?").bind(id).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(removed.rows_affected() > 0)
    }
}
