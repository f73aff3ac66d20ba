//! Limits, typed and learned.

use std::str::FromStr;

use domain::limits::{self, Limit, Scope, Source};
use domain::usage::Endpoints;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use vocabulary::Dimension;

use super::SqliteStore;
use crate::store::StoreError;

impl SqliteStore {
    pub(super) async fn read_limits(&self) -> Result<Vec<Limit>, StoreError> {
        let rows = sqlx::query("select * from limit_rule order by created_at_ms, id")
            .fetch_all(&self.readers.own)
            .await?;
        rows.iter().map(limit).collect()
    }

    pub(super) async fn write_limit(&self, limit: &Limit, now_ms: i64) -> Result<(), StoreError> {
        let mut connection = self.write_connection().await?;
        write(&mut connection, limit, now_ms).await
    }

    pub(super) async fn remove_limit(&self, id: &str) -> Result<bool, StoreError> {
        let mut connection = self.write_connection().await?;
        let removed =
            sqlx::query("delete from limit_rule where id = ?").bind(id).execute(&mut *connection).await?;
        Ok(removed.rows_affected() > 0)
    }
}

/// Removes a limit that has this revision; false when there is none.
pub(super) async fn delete_revision(
    connection: &mut SqliteConnection,
    id: &str,
    revision: u64,
) -> Result<bool, StoreError> {
    let removed = sqlx::query("delete from limit_rule where id = ? and revision = ?")
        .bind(id)
        .bind(revision.cast_signed())
        .execute(connection)
        .await?;
    Ok(removed.rows_affected() > 0)
}

/// Adds a limit or replaces the one with its id.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    limit: &Limit,
    now_ms: i64,
) -> Result<(), StoreError> {
    let nothing = ("", "", "");
    let ((mode, dimension, value), (organization, workspace, pool)) = match &limit.scope {
        Scope::Everything => (("everything", "", ""), nothing),
        Scope::One(dimension, value) => (("one", dimension.word(), value.as_str()), nothing),
        Scope::Each(dimension) => (("each", dimension.word(), ""), nothing),
        Scope::Pool { organization, workspace, pool } => {
            (("pool", "", ""), (organization.as_str(), workspace.as_str(), pool.as_str()))
        }
    };
    sqlx::query(
            "insert into limit_rule (id, name, kind, amount, scope_mode, scope_dimension, scope_value, time_zone, \
             warn_percent, critical_percent, source, enabled, revision, created_at_ms, organization, workspace, pool, \
             enforce, endpoints) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict (id) do update set name = excluded.name, \
             kind = excluded.kind, amount = excluded.amount, scope_mode = excluded.scope_mode, \
             scope_dimension = excluded.scope_dimension, scope_value = excluded.scope_value, \
             time_zone = excluded.time_zone, warn_percent = excluded.warn_percent, \
             critical_percent = excluded.critical_percent, source = excluded.source, enabled = excluded.enabled, \
             revision = excluded.revision, organization = excluded.organization, workspace = excluded.workspace, \
             pool = excluded.pool, enforce = excluded.enforce, endpoints = excluded.endpoints",
        )
        .bind(&limit.id)
        .bind(&limit.name)
        .bind(limit.kind.word)
        .bind(limit.amount)
        .bind(mode)
        .bind(dimension)
        .bind(value)
        .bind(&limit.time_zone)
        .bind(i64::from(limit.warn_percent))
        .bind(i64::from(limit.critical_percent))
        .bind(limit.source.word())
        .bind(limit.enabled)
        .bind(limit.revision.cast_signed())
        .bind(now_ms)
        .bind(organization)
        .bind(workspace)
        .bind(pool)
        .bind(limit.enforce)
        .bind(i64::from(limit.endpoints.bits()))
        .execute(connection)
        .await?;
    Ok(())
}

fn limit(row: &SqliteRow) -> Result<Limit, StoreError> {
    let unreadable = |reason: String| StoreError::Unreadable { what: "limit", reason };
    let kind: String = row.try_get("kind")?;
    let source: String = row.try_get("source")?;
    let dimension = || -> Result<Dimension, StoreError> {
        Dimension::from_str(row.try_get("scope_dimension")?).map_err(unreadable)
    };
    let percent = |name: &str| -> Result<u32, StoreError> {
        Ok(u32::try_from(row.try_get::<i64, _>(name)?).unwrap_or(u32::MAX))
    };
    Ok(Limit {
        id: row.try_get("id")?,
        name: row.try_get("name")?,
        kind: limits::kind(&kind).ok_or_else(|| unreadable(format!("unknown kind `{kind}`")))?,
        amount: row.try_get("amount")?,
        scope: match row.try_get::<&str, _>("scope_mode")? {
            "one" => Scope::One(dimension()?, row.try_get("scope_value")?),
            "each" => Scope::Each(dimension()?),
            "pool" => Scope::Pool {
                organization: row.try_get("organization")?,
                workspace: row.try_get("workspace")?,
                pool: row.try_get("pool")?,
            },
            _ => Scope::Everything,
        },
        time_zone: row.try_get("time_zone")?,
        warn_percent: percent("warn_percent")?,
        critical_percent: percent("critical_percent")?,
        source: Source::from_word(&source).ok_or_else(|| unreadable(format!("unknown source `{source}`")))?,
        enabled: row.try_get("enabled")?,
        enforce: row.try_get("enforce")?,
        endpoints: Endpoints::stored(row.try_get("endpoints")?),
        revision: row.try_get::<i64, _>("revision")?.cast_unsigned(),
    })
}
