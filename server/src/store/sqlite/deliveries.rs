//! The outbox: messages on their way to channels, and what became of each attempt.

use std::collections::HashMap;

use async_trait::async_trait;
use sqlx::{Row, Sqlite, Transaction};

use super::{SqliteStore, channels};
use crate::alert::outbox::{Attempt, Due, Next, Outbox, OutboxError};
use crate::store::{DeliveryRecord, OutgoingMessage, StoreError};

const TO_CHANNELS: &str = "insert into delivery (id, channel_id, message_id, message_type, incident_key, subject, \
     body, state, attempts, next_attempt_at_ms, created_at_ms, position) \
     select ?1 || '~' || c.id, c.id, ?1, ?2, ?3, ?4, ?5, 'pending', 0, ?6, ?6, ?7 from channel c";

/// The oldest pending message of each channel and incident: the later ones wait for it.
const HEADS: &str = "d.state = 'pending' and not exists (select 1 from delivery b where b.state = 'pending' \
     and b.channel_id = d.channel_id and b.incident_key = d.incident_key and (b.position, b.id) < (d.position, d.id))";

/// Writes a message for every channel that should hear it.
pub(super) async fn write_for_every_channel(
    transaction: &mut Transaction<'static, Sqlite>,
    message: &OutgoingMessage,
) -> Result<(), StoreError> {
    let sql = const_str(
        // A channel that is switched off still gets what follows on what it has heard: it waits there.
        "where (c.enabled = 1 and ?8 = 0) or exists (select 1 from delivery d where d.incident_key = ?3 \
         and d.channel_id = c.id and d.state <> 'dropped')",
    );
    bind(sqlx::query(sqlx::AssertSqlSafe(sql)), message)
        .bind(message.only_if_told)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

fn const_str(condition: &str) -> String {
    format!("{TO_CHANNELS} {condition}")
}

fn bind<'q>(
    query: sqlx::query::Query<'q, Sqlite, sqlx::sqlite::SqliteArguments>,
    message: &'q OutgoingMessage,
) -> sqlx::query::Query<'q, Sqlite, sqlx::sqlite::SqliteArguments> {
    query
        .bind(&message.message_id)
        .bind(&message.message_type)
        .bind(&message.incident_key)
        .bind(&message.subject)
        .bind(&message.body)
        .bind(message.created_at_ms)
        .bind(message.position.cast_signed())
}

impl SqliteStore {
    pub(super) async fn write_message(
        &self,
        channel_id: &str,
        message: &OutgoingMessage,
    ) -> Result<(), StoreError> {
        let mut connection = self.write_connection().await?;
        bind(sqlx::query(sqlx::AssertSqlSafe(const_str("where c.id = ?8"))), message)
            .bind(channel_id)
            .execute(&mut *connection)
            .await?;
        Ok(())
    }

    pub(super) async fn write_redelivery(
        &self,
        id: &str,
        new_id: &str,
        now_ms: i64,
    ) -> Result<bool, StoreError> {
        let mut connection = self.write_connection().await?;
        let written = sqlx::query(
            "insert into delivery (id, channel_id, message_id, message_type, incident_key, subject, body, state, \
             attempts, next_attempt_at_ms, created_at_ms, position) \
             select ?1, channel_id, message_id, message_type, incident_key, subject, body, 'pending', 0, ?2, ?2, \
             position from delivery d where id = ?3 and exists (select 1 from channel c where c.id = d.channel_id)",
        )
        .bind(new_id)
        .bind(now_ms)
        .bind(id)
        .execute(&mut *connection)
        .await?;
        Ok(written.rows_affected() > 0)
    }

    pub(super) async fn read_deliveries(&self, limit: u32) -> Result<Vec<DeliveryRecord>, StoreError> {
        let rows = sqlx::query(
            "select d.id, d.channel_id, coalesce(c.name, d.channel_id) as channel_name, d.message_id, d.message_type, \
             d.subject, d.body, d.state, d.created_at_ms, d.next_attempt_at_ms \
             from delivery d left join channel c on c.id = d.channel_id \
             order by d.created_at_ms desc, d.position desc, d.id limit ?",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.readers.own)
        .await?;
        let mut attempts = self.read_attempts(limit).await?;
        rows.iter()
            .map(|row| {
                let id: String = row.try_get("id")?;
                let state: String = row.try_get("state")?;
                let next: Option<i64> = row.try_get("next_attempt_at_ms")?;
                Ok(DeliveryRecord {
                    channel_id: row.try_get("channel_id")?,
                    channel_name: row.try_get("channel_name")?,
                    message_id: row.try_get("message_id")?,
                    message_type: row.try_get("message_type")?,
                    subject: row.try_get("subject")?,
                    body: row.try_get("body")?,
                    created_at_ms: row.try_get("created_at_ms")?,
                    next_attempt_at_ms: next.filter(|_| state == "pending"),
                    attempts: attempts.remove(&id).unwrap_or_default(),
                    id,
                    state,
                })
            })
            .collect()
    }

    pub(super) async fn read_last_arrival_ms(&self) -> Result<Option<i64>, StoreError> {
        let sql = "select max(at_ms) from delivery_attempt where error = ''";
        Ok(sqlx::query_scalar(sql).fetch_one(&self.readers.own).await?)
    }

    async fn read_attempts(&self, deliveries: u32) -> Result<HashMap<String, Vec<Attempt>>, StoreError> {
        let rows = sqlx::query(
            "select delivery_id, number, at_ms, duration_ms, status, error, response from delivery_attempt \
             where delivery_id in (select id from delivery order by created_at_ms desc, position desc, id limit ?) \
             order by delivery_id, number",
        )
        .bind(i64::from(deliveries))
        .fetch_all(&self.readers.own)
        .await?;
        let mut attempts: HashMap<String, Vec<Attempt>> = HashMap::new();
        for row in rows {
            attempts.entry(row.try_get(0)?).or_default().push(Attempt {
                number: row.try_get::<i64, _>(1)?.try_into().unwrap_or(u32::MAX),
                at_ms: row.try_get(2)?,
                duration_ms: row.try_get::<i64, _>(3)?.unsigned_abs(),
                status: row.try_get::<Option<i64>, _>(4)?.and_then(|status| u16::try_from(status).ok()),
                error: row.try_get(5)?,
                response: row.try_get(6)?,
            });
        }
        Ok(attempts)
    }

    async fn read_due(&self, now_ms: i64, per_channel: usize) -> Result<Vec<Due>, StoreError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "select due.*, c.* from (select d.id as delivery_id, d.channel_id, d.message_id, d.body, d.attempts, \
             d.first_attempt_at_ms, d.next_attempt_at_ms as due_at_ms, \
             row_number() over (partition by d.channel_id order by d.next_attempt_at_ms, d.id) as place \
             from delivery d where d.next_attempt_at_ms <= ?1 and {HEADS}) due \
             join channel c on c.id = due.channel_id where c.enabled = 1 and due.place <= ?2 order by due.due_at_ms, due.delivery_id"
        )))
        .bind(now_ms)
        .bind(i64::try_from(per_channel).unwrap_or(i64::MAX))
        .fetch_all(&self.readers.own)
        .await?;
        rows.iter()
            .map(|row| {
                let attempts: i64 = row.try_get("attempts")?;
                Ok(Due {
                    delivery_id: row.try_get("delivery_id")?,
                    channel: channels::channel(&self.key, row)?,
                    message_id: row.try_get("message_id")?,
                    body: row.try_get("body")?,
                    attempt_number: u32::try_from(attempts + 1).unwrap_or(u32::MAX),
                    first_attempt_at_ms: row.try_get("first_attempt_at_ms")?,
                })
            })
            .collect()
    }

    async fn write_attempt(
        &self,
        delivery_id: &str,
        attempt: &Attempt,
        next: &Next,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query(
            "insert into delivery_attempt (delivery_id, number, at_ms, duration_ms, status, error, response) \
             values (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(delivery_id)
        .bind(i64::from(attempt.number))
        .bind(attempt.at_ms)
        .bind(attempt.duration_ms.cast_signed())
        .bind(attempt.status.map(i64::from))
        .bind(&attempt.error)
        .bind(&attempt.response)
        .execute(&mut *transaction)
        .await?;
        let (state, next_at_ms) = match next {
            Next::Delivered => ("delivered", None),
            Next::Retry { at_ms } => ("pending", Some(*at_ms)),
            Next::Exhausted | Next::DisableChannel { .. } => ("exhausted", None),
        };
        sqlx::query(
            "update delivery set state = ?, next_attempt_at_ms = ?, attempts = ?, \
             first_attempt_at_ms = coalesce(first_attempt_at_ms, ?) where id = ? and state = 'pending'",
        )
        .bind(state)
        .bind(next_at_ms)
        .bind(i64::from(attempt.number))
        .bind(attempt.at_ms)
        .bind(delivery_id)
        .execute(&mut *transaction)
        .await?;
        let disabled_reason = match next {
            Next::DisableChannel { reason } => Some(reason.as_str()),
            _ => None,
        };
        let failing_since_ms = (*next != Next::Delivered).then_some(attempt.at_ms);
        sqlx::query(
            "update channel set failing_since_ms = case when ?1 is null then null \
             else coalesce(failing_since_ms, ?1) end, \
             failed_attempts = case when ?1 is null then 0 else failed_attempts + 1 end, enabled = case when ?2 is null then enabled else 0 end, \
             disabled_reason = coalesce(?2, disabled_reason) \
             where id = (select channel_id from delivery where id = ?3)",
        )
        .bind(failing_since_ms)
        .bind(disabled_reason)
        .bind(delivery_id)
        .execute(&mut *transaction)
        .await?;
        Ok(transaction.commit().await?)
    }
}

#[async_trait]
impl Outbox for SqliteStore {
    async fn due(&self, now_ms: i64, per_channel: usize) -> Result<Vec<Due>, OutboxError> {
        Ok(self.read_due(now_ms, per_channel).await?)
    }

    async fn next_due_ms(&self) -> Result<Option<i64>, OutboxError> {
        let next = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
            "select min(d.next_attempt_at_ms) from delivery d join channel c on c.id = d.channel_id \
             where c.enabled = 1 and {HEADS}"
        )))
        .fetch_one(&self.readers.own)
        .await
        .map_err(StoreError::from)?;
        Ok(next)
    }

    async fn record_attempt(
        &self,
        delivery_id: &str,
        attempt: &Attempt,
        next: &Next,
    ) -> Result<(), OutboxError> {
        Ok(self.write_attempt(delivery_id, attempt, next).await?)
    }
}
