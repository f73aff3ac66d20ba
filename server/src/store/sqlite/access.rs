//! Keys, sessions and sign-in links.

use async_trait::async_trait;
use domain::usage::Dimensions;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use vocabulary::Dimension;

use super::{SqliteStore, sealed};
use crate::secrets::sealing::StoredPlace;
use crate::secrets::{KeyScope, Session, StoredKey};
use crate::store::{Access, StoreError};

fn key(row: &SqliteRow) -> Result<StoredKey, StoreError> {
    let unreadable = |reason: String| StoreError::Unreadable { what: "key", reason };
    let scope: String = row.try_get("scope")?;
    let defaults: String = row.try_get("defaults")?;
    Ok(StoredKey {
        public: row.try_get("public")?,
        hash: hash(&row.try_get::<Vec<u8>, _>("hash")?)?,
        scope: scope.parse::<KeyScope>().map_err(|_| unreadable(format!("unknown scope `{scope}`")))?,
        name: row.try_get("name")?,
        defaults: read_defaults(&defaults).map_err(unreadable)?,
        bound: read_defaults(row.try_get("bound")?).map_err(unreadable)?,
        created_at_ms: row.try_get("created_at_ms")?,
        revoked_at_ms: row.try_get("revoked_at_ms")?,
    })
}

fn session(row: &SqliteRow) -> Result<Session, StoreError> {
    Ok(Session {
        created_at_ms: row.try_get("created_at_ms")?,
        last_used_at_ms: row.try_get("last_used_at_ms")?,
        address: row.try_get::<&str, _>("address")?.parse().ok(),
        agent: row.try_get("agent")?,
    })
}

fn hash(bytes: &[u8]) -> Result<[u8; 32], StoreError> {
    bytes
        .try_into()
        .map_err(|_| StoreError::Unreadable { what: "hash", reason: format!("{} bytes long", bytes.len()) })
}

/// Default dimensions as a flat JSON object; labels have the prefix `label.`.
fn write_defaults(dimensions: &Dimensions) -> String {
    let mut object = serde_json::Map::new();
    for dimension in Dimension::ALL {
        let value = dimensions.get(*dimension);
        if !value.is_empty() {
            object.insert(dimension.word().to_owned(), value.into());
        }
    }
    for (label, value) in &dimensions.labels {
        object.insert(format!("label.{label}"), value.as_str().into());
    }
    serde_json::Value::Object(object).to_string()
}

fn read_defaults(text: &str) -> Result<Dimensions, String> {
    let values: std::collections::BTreeMap<String, String> =
        serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut dimensions = Dimensions::default();
    for (name, value) in values {
        match name.strip_prefix("label.") {
            Some(label) => {
                dimensions.labels.insert(label.to_owned(), value);
            }
            None => *dimensions.get_mut(name.parse()?) = value,
        }
    }
    Ok(dimensions)
}

#[async_trait]
impl Access for SqliteStore {
    async fn keys(&self) -> Result<Vec<StoredKey>, StoreError> {
        let rows = sqlx::query("select * from api_key order by created_at_ms, public")
            .fetch_all(&self.readers.access)
            .await?;
        rows.iter().map(key).collect()
    }

    async fn key(&self, public: &str) -> Result<Option<StoredKey>, StoreError> {
        let row = sqlx::query("select * from api_key where public = ?").bind(public);
        row.fetch_optional(&self.readers.access).await?.as_ref().map(key).transpose()
    }

    async fn put_key(&self, key: &StoredKey) -> Result<(), StoreError> {
        let mut connection = self.write_connection().await?;
        sqlx::query("insert into api_key (public, hash, scope, name, defaults, bound, created_at_ms, revoked_at_ms) values (?, ?, ?, ?, ?, ?, ?, ?)")
            .bind(&key.public)
            .bind(&key.hash[..])
            .bind(key.scope.word())
            .bind(&key.name)
            .bind(write_defaults(&key.defaults))
            .bind(write_defaults(&key.bound))
            .bind(key.created_at_ms)
            .bind(key.revoked_at_ms)
            .execute(&mut *connection)
            .await?;
        Ok(())
    }

    async fn revoke_key(&self, public: &str, now_ms: i64) -> Result<bool, StoreError> {
        let mut connection = self.write_connection().await?;
        let revoked =
            sqlx::query("update api_key set revoked_at_ms = coalesce(revoked_at_ms, ?) where public = ?")
                .bind(now_ms)
                .bind(public)
                .execute(&mut *connection)
                .await?;
        Ok(revoked.rows_affected() > 0)
    }

    async fn secret(&self, name: &str, made: [u8; 32]) -> Result<[u8; 32], StoreError> {
        let place = StoredPlace("secret", "bytes", name);
        let unreadable = |error| sealed::unreadable(place, error);
        let made = self.key.seal(place, &made).map_err(unreadable)?;
        let mut connection = self.write_connection().await?;
        sqlx::query("insert into secret (name, bytes) values (?, ?) on conflict (name) do nothing")
            .bind(name)
            .bind(made.into_bytes())
            .execute(&mut *connection)
            .await?;
        let row = sqlx::query("select bytes from secret where name = ?").bind(name);
        let bytes: Vec<u8> = row.fetch_one(&mut *connection).await?.try_get(0)?;
        hash(&self.key.open(place, &String::from_utf8_lossy(&bytes)).map_err(unreadable)?)
    }

    async fn has_greeted(&self) -> Result<bool, StoreError> {
        let row = sqlx::query("select exists (select 1 from greeting)").fetch_one(&self.readers.own).await?;
        Ok(row.try_get(0)?)
    }

    async fn note_greeting(&self, now_ms: i64) -> Result<(), StoreError> {
        let mut connection = self.write_connection().await?;
        sqlx::query("insert into greeting (at_ms) values (?) on conflict do nothing")
            .bind(now_ms)
            .execute(&mut *connection)
            .await?;
        Ok(())
    }

    async fn put_sign_in(&self, hash: [u8; 32], expires_at_ms: i64) -> Result<(), StoreError> {
        let mut connection = self.write_connection().await?;
        sqlx::query("insert into sign_in (hash, expires_at_ms) values (?, ?)")
            .bind(&hash[..])
            .bind(expires_at_ms)
            .execute(&mut *connection)
            .await?;
        Ok(())
    }

    async fn take_sign_in(&self, hash: [u8; 32], now_ms: i64) -> Result<bool, StoreError> {
        let mut connection = self.write_connection().await?;
        let taken = sqlx::query("delete from sign_in where hash = ? returning expires_at_ms")
            .bind(&hash[..])
            .fetch_optional(&mut *connection)
            .await?;
        Ok(match taken {
            Some(row) => row.try_get::<i64, _>(0)? > now_ms,
            None => false,
        })
    }

    async fn put_session(&self, hash: [u8; 32], session: &Session) -> Result<(), StoreError> {
        let mut connection = self.write_connection().await?;
        sqlx::query(
            "insert into session (hash, created_at_ms, last_used_at_ms, address, agent) values (?, ?, ?, ?, ?)",
        )
        .bind(&hash[..])
        .bind(session.created_at_ms)
        .bind(session.last_used_at_ms)
        .bind(session.address.map(|address| address.to_string()).unwrap_or_default())
        .bind(&session.agent)
        .execute(&mut *connection)
        .await?;
        Ok(())
    }

    async fn note_session_use(&self, hash: [u8; 32], now_ms: i64) -> Result<(), StoreError> {
        let mut connection = self.write_connection().await?;
        sqlx::query("update session set last_used_at_ms = ? where hash = ?")
            .bind(now_ms)
            .bind(&hash[..])
            .execute(&mut *connection)
            .await?;
        Ok(())
    }

    async fn session(&self, hash: [u8; 32]) -> Result<Option<Session>, StoreError> {
        let row = sqlx::query("select * from session where hash = ?").bind(&hash[..]);
        row.fetch_optional(&self.readers.access).await?.as_ref().map(session).transpose()
    }

    async fn sessions(&self) -> Result<Vec<([u8; 32], Session)>, StoreError> {
        let rows = sqlx::query("select * from session order by last_used_at_ms desc, hash")
            .fetch_all(&self.readers.own)
            .await?;
        let each = |row: &SqliteRow| Ok((hash(&row.try_get::<Vec<u8>, _>("hash")?)?, session(row)?));
        rows.iter().map(each).collect()
    }

    async fn delete_session(&self, hash: [u8; 32]) -> Result<bool, StoreError> {
        let mut connection = self.write_connection().await?;
        let deleted = sqlx::query("delete from session where hash = ?").bind(&hash[..]);
        Ok(deleted.execute(&mut *connection).await?.rows_affected() > 0)
    }

    async fn delete_ended(
        &self,
        opened_before_ms: i64,
        used_before_ms: i64,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        sqlx::query("delete from session where created_at_ms <= ? or last_used_at_ms <= ?")
            .bind(opened_before_ms)
            .bind(used_before_ms)
            .execute(&mut *transaction)
            .await?;
        sqlx::query("delete from sign_in where expires_at_ms <= ?")
            .bind(now_ms)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }
}
