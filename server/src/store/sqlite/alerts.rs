//! The state and history of alerts, written with the events that caused them.

use domain::alert::machine::{Instance, Reason, Transition};
use domain::alert::span::Span;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row, Sqlite, Transaction};
use vocabulary::Severity;

use super::{SqliteStore, audit, deliveries, learned, limits};
use crate::store::{AlertChanges, Removal, StoreError, ToldTransition, TransitionRecord};

/// Transitions, each with the number of its alert's latest while that fires and is of the same incident: both are looked
/// up by their keys.
const TOLD: &str = "select t.*, (select i.sequence from alert_instance i join alert_transition l \
                    on l.limit_id = i.limit_id and l.scope_value = i.scope_value \
                    and l.window_start_ms = i.window_start_ms and l.sequence = i.sequence \
                    where i.limit_id = t.limit_id and i.scope_value = t.scope_value \
                    and i.window_start_ms = t.window_start_ms and i.closed_reason is null and i.severity > 0 \
                    and l.incident_key = t.incident_key) as open_at from alert_transition t";

/// Writes changes as part of a transaction.
pub(super) async fn write(
    transaction: &mut Transaction<'static, Sqlite>,
    changes: &AlertChanges,
) -> Result<(), StoreError> {
    learned::write(transaction, &changes.learned).await?;
    for Removal { revision, note } in &changes.removed {
        if limits::delete_revision(transaction, &note.subject, *revision).await? {
            audit::write(transaction, note).await?;
        }
    }
    for instance in &changes.instances {
        write_instance(transaction, instance).await?;
    }
    for record in &changes.transitions {
        write_transition(transaction, record).await?;
    }
    for message in &changes.messages {
        deliveries::write_for_every_channel(transaction, message).await?;
    }
    Ok(())
}

async fn write_instance(
    transaction: &mut Transaction<'static, Sqlite>,
    instance: &Instance,
) -> Result<(), StoreError> {
    let (start_ms, end_ms) = instance.span.bounds();
    sqlx::query(
        "insert into alert_instance (limit_id, scope_value, window_start_ms, window_end_ms, severity, sequence, \
         episode, used, amount, limit_revision, below_since_ms, fired_at_ms, resolved_at_ms, closed_reason, \
         last_evaluated_ms) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
         on conflict (limit_id, scope_value, window_start_ms) do update set \
         window_end_ms = excluded.window_end_ms, severity = excluded.severity, sequence = excluded.sequence, \
         episode = excluded.episode, used = excluded.used, amount = excluded.amount, \
         limit_revision = excluded.limit_revision, below_since_ms = excluded.below_since_ms, \
         fired_at_ms = excluded.fired_at_ms, resolved_at_ms = excluded.resolved_at_ms, \
         closed_reason = excluded.closed_reason, last_evaluated_ms = excluded.last_evaluated_ms",
    )
    .bind(&instance.limit_id)
    .bind(&instance.scope_value)
    .bind(start_ms)
    .bind(end_ms)
    .bind(instance.severity as i64)
    .bind(instance.sequence.cast_signed())
    .bind(instance.episode.cast_signed())
    .bind(instance.used)
    .bind(instance.amount)
    .bind(instance.limit_revision.cast_signed())
    .bind(instance.below_since_ms)
    .bind(instance.fired_at_ms)
    .bind(instance.resolved_at_ms)
    .bind(instance.closed_reason.map(Reason::word))
    .bind(instance.last_evaluated_ms)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn write_transition(
    transaction: &mut Transaction<'static, Sqlite>,
    record: &TransitionRecord,
) -> Result<(), StoreError> {
    let Transition { sequence, previous, severity, reason, used, amount, .. } = &record.transition;
    sqlx::query(
        "insert into alert_transition (limit_id, scope_value, window_start_ms, sequence, incident_key, limit_name, \
         kind, scope_dimension, previous_severity, severity, reason, used, amount, event_time_ms, detected_at_ms) \
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&record.limit_id)
    .bind(&record.scope_value)
    .bind(record.window_start_ms)
    .bind(sequence.cast_signed())
    .bind(&record.transition.incident_key)
    .bind(&record.limit_name)
    .bind(&record.kind)
    .bind(&record.scope_dimension)
    .bind(*previous as i64)
    .bind(*severity as i64)
    .bind(reason.word())
    .bind(used)
    .bind(amount)
    .bind(record.transition.event_time_ms)
    .bind(record.transition.detected_at_ms)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

impl SqliteStore {
    pub(super) async fn write_changes(&self, changes: &AlertChanges) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        write(&mut transaction, changes).await?;
        Ok(transaction.commit().await?)
    }

    pub(super) async fn read_open_instances(&self) -> Result<Vec<Instance>, StoreError> {
        self.read_instances("closed_reason is null", 0).await
    }

    pub(super) async fn read_closed_instances(&self, now_ms: i64) -> Result<Vec<Instance>, StoreError> {
        self.read_instances(
            "closed_reason is not null and (window_start_ms = 0 or window_end_ms > ?)",
            now_ms,
        )
        .await
    }

    async fn read_instances(&self, which: &str, now_ms: i64) -> Result<Vec<Instance>, StoreError> {
        let rows = sqlx::query(AssertSqlSafe(format!(
            "select * from alert_instance where {which} order by limit_id, scope_value, window_start_ms"
        )))
        .bind(now_ms)
        .fetch_all(&self.readers.own)
        .await?;
        rows.iter().map(instance).collect()
    }

    pub(super) async fn read_transitions(
        &self,
        limit: u32,
        state: Option<Severity>,
    ) -> Result<Vec<ToldTransition>, StoreError> {
        let rows = sqlx::query(AssertSqlSafe(format!(
            "{TOLD} where ?1 is null or t.severity = ?1 \
             order by t.detected_at_ms desc, t.sequence desc, t.limit_id, t.scope_value, t.window_start_ms limit ?2",
        )))
        .bind(state.map(|state| state as i64))
        .bind(i64::from(limit))
        .fetch_all(&self.readers.own)
        .await?;
        rows.iter().map(told).collect()
    }

    pub(super) async fn read_transitions_until(
        &self,
        until_ms: i64,
        limit: u32,
    ) -> Result<Vec<ToldTransition>, StoreError> {
        let rows = sqlx::query(AssertSqlSafe(format!(
            "{TOLD} where t.event_time_ms < ? \
             order by t.event_time_ms desc, t.detected_at_ms desc, t.sequence desc, t.limit_id, t.scope_value, \
             t.window_start_ms limit ?",
        )))
        .bind(until_ms)
        .bind(i64::from(limit))
        .fetch_all(&self.readers.own)
        .await?;
        rows.iter().map(told).collect()
    }

    pub(super) async fn read_last_transition(
        &self,
        instance: &Instance,
    ) -> Result<Option<TransitionRecord>, StoreError> {
        let row = sqlx::query(
            "select * from alert_transition where limit_id = ? and scope_value = ? and window_start_ms = ? \
             order by sequence desc limit 1",
        )
        .bind(&instance.limit_id)
        .bind(&instance.scope_value)
        .bind(instance.span.start_ms())
        .fetch_optional(&self.readers.own)
        .await?;
        row.as_ref().map(transition).transpose()
    }
}

fn instance(row: &SqliteRow) -> Result<Instance, StoreError> {
    Ok(Instance {
        limit_id: row.try_get("limit_id")?,
        scope_value: row.try_get("scope_value")?,
        span: Span::of_bounds((row.try_get("window_start_ms")?, row.try_get("window_end_ms")?)),
        severity: severity(row.try_get("severity")?),
        sequence: row.try_get::<i64, _>("sequence")?.cast_unsigned(),
        episode: row.try_get::<i64, _>("episode")?.cast_unsigned(),
        used: row.try_get("used")?,
        amount: row.try_get("amount")?,
        limit_revision: row.try_get::<i64, _>("limit_revision")?.cast_unsigned(),
        below_since_ms: row.try_get("below_since_ms")?,
        fired_at_ms: row.try_get("fired_at_ms")?,
        resolved_at_ms: row.try_get("resolved_at_ms")?,
        closed_reason: row.try_get::<Option<&str>, _>("closed_reason")?.and_then(Reason::from_word),
        last_evaluated_ms: row.try_get("last_evaluated_ms")?,
    })
}

fn told(row: &SqliteRow) -> Result<ToldTransition, StoreError> {
    let open_at: Option<i64> = row.try_get("open_at")?;
    Ok(ToldTransition { record: transition(row)?, open_at: open_at.map(i64::cast_unsigned) })
}

fn transition(row: &SqliteRow) -> Result<TransitionRecord, StoreError> {
    let severity_of = |name: &str| -> Result<Severity, StoreError> { Ok(severity(row.try_get(name)?)) };
    let reason: String = row.try_get("reason")?;
    Ok(TransitionRecord {
        limit_id: row.try_get("limit_id")?,
        limit_name: row.try_get("limit_name")?,
        kind: row.try_get("kind")?,
        scope_dimension: row.try_get("scope_dimension")?,
        scope_value: row.try_get("scope_value")?,
        window_start_ms: row.try_get("window_start_ms")?,
        transition: Transition {
            sequence: row.try_get::<i64, _>("sequence")?.cast_unsigned(),
            previous: severity_of("previous_severity")?,
            severity: severity_of("severity")?,
            reason: Reason::from_word(&reason)
                .ok_or_else(|| StoreError::Unreadable { what: "alert transition", reason: reason.clone() })?,
            used: row.try_get("used")?,
            amount: row.try_get("amount")?,
            event_time_ms: row.try_get("event_time_ms")?,
            detected_at_ms: row.try_get("detected_at_ms")?,
            incomplete: false,
            incident_key: row.try_get("incident_key")?,
        },
    })
}

fn severity(number: i64) -> Severity {
    match number {
        0 => Severity::Ok,
        1 => Severity::Warning,
        _ => Severity::Critical,
    }
}
