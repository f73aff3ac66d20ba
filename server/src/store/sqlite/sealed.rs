//! Secrets in the database: sealed when they are written, opened when they are read.
//!
//! What a former version has left in clear is sealed once, and its traces are overwritten.

use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, Row, Sqlite, SqliteConnection, SqlitePool, Transaction};
use url::Url;

use crate::alert::channel::without_address;
use crate::secrets::sealing::{SealError, SealingKey, StoredPlace};
use crate::secrets::signature::Secret;
use crate::store::StoreError;
use crate::store::key_file::KeyFile;

/// Tells the right key.
const CHECK: StoredPlace<'_> = StoredPlace("sealing", "check_value", "");
const CHECK_VALUE: &[u8] = b"tacho";
const FORGOTTEN: &str =
    "its address and signing secret were sealed with a key that is lost: remove it and add it anew";

/// The key of a database, from its file. Where nothing is sealed yet, everything is now.
pub(super) async fn unlock(pool: &SqlitePool, file: &KeyFile) -> Result<SealingKey, StoreError> {
    let mut connection = pool.acquire().await?;
    let Some(check) = check_value(&mut connection).await? else {
        let key = file.read_or_make()?;
        sqlx::query("pragma secure_delete = on").execute(&mut *connection).await?;
        // Pages that nobody uses may hold what was deleted long ago.
        sqlx::query("pragma incremental_vacuum").execute(&mut *connection).await?;
        let mut transaction = connection.begin_with("begin immediate").await?;
        // Unless another process was faster.
        if check_value(&mut transaction).await?.is_none() {
            seal_all(&mut transaction, &key).await?;
        }
        transaction.commit().await?;
        // What was in clear is still in the log.
        sqlx::query("pragma wal_checkpoint(truncate)").execute(&mut *connection).await?;
        sqlx::query("pragma secure_delete = off").execute(&mut *connection).await?;
        drop(connection);
        return Box::pin(unlock(pool, file)).await;
    };
    let key = file.read()?.ok_or_else(|| StoreError::KeyMissing { path: file.path().to_owned() })?;
    key.open(CHECK, &check).map_err(|_| StoreError::KeyOther { path: file.path().to_owned() })?;
    Ok(key)
}

/// Gives up what is sealed with a key that is lost: channels are switched off, and fingerprints begin anew.
pub(super) async fn forget(pool: &SqlitePool, file: &KeyFile) -> Result<(), StoreError> {
    let key = file.read_or_make()?;
    let mut connection = pool.acquire().await?;
    let mut transaction = connection.begin_with("begin immediate").await?;
    let channels = sqlx::query("select id from channel").fetch_all(&mut *transaction).await?;
    for row in channels {
        let id: String = row.try_get("id")?;
        sqlx::query("update channel set url = ?, secret = ?, enabled = 0, disabled_reason = ? where id = ?")
            .bind(seal(&key, StoredPlace("channel", "url", &id), "")?)
            .bind(seal(&key, StoredPlace("channel", "secret", &id), Secret::generate().reveal())?)
            .bind(FORGOTTEN)
            .bind(&id)
            .execute(&mut *transaction)
            .await?;
    }
    for table in ["delete from secret", "delete from sealing"] {
        sqlx::query(table).execute(&mut *transaction).await?;
    }
    note_key(&mut transaction, &key).await?;
    Ok(transaction.commit().await?)
}

/// A value for its place in the database.
pub(super) fn seal(key: &SealingKey, place: StoredPlace<'_>, value: &str) -> Result<String, StoreError> {
    key.seal(place, value.as_bytes()).map_err(|error| unreadable(place, error))
}

/// The value of a column that is sealed.
pub(super) fn open(key: &SealingKey, place: StoredPlace<'_>, row: &SqliteRow) -> Result<String, StoreError> {
    let opened =
        key.open(place, &row.try_get::<String, _>(place.1)?).map_err(|error| unreadable(place, error))?;
    String::from_utf8(opened).map_err(|_| unreadable(place, SealError::Closed))
}

pub(super) fn unreadable(place: StoredPlace<'_>, error: SealError) -> StoreError {
    let StoredPlace(table, column, id) = place;
    StoreError::Unreadable { what: "secret", reason: format!("{column} of {table} `{id}`: {error}") }
}

async fn check_value(connection: &mut SqliteConnection) -> Result<Option<String>, StoreError> {
    Ok(sqlx::query_scalar("select check_value from sealing").fetch_optional(connection).await?)
}

async fn note_key(transaction: &mut Transaction<'_, Sqlite>, key: &SealingKey) -> Result<(), StoreError> {
    let check = key.seal(CHECK, CHECK_VALUE).map_err(|error| unreadable(CHECK, error))?;
    sqlx::query("insert into sealing (check_value) values (?)")
        .bind(check)
        .execute(&mut **transaction)
        .await?;
    Ok(())
}

/// Writes both tables anew: deleting all rows overwrites their pages, and with them what rows left there that were
/// changed or deleted before.
async fn seal_all(transaction: &mut Transaction<'_, Sqlite>, key: &SealingKey) -> Result<(), StoreError> {
    let channels = sqlx::query("select * from channel order by rowid").fetch_all(&mut **transaction).await?;
    sqlx::query("delete from channel").execute(&mut **transaction).await?;
    for row in channels {
        let (id, url): (String, String) = (row.try_get("id")?, row.try_get("url")?);
        sqlx::query(
            "insert into channel (id, kind, name, url, secret, enabled, disabled_reason, failing_since_ms, \
             failed_attempts, created_at_ms) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&id)
        .bind(row.try_get::<String, _>("kind")?)
        .bind(row.try_get::<String, _>("name")?)
        .bind(seal(key, StoredPlace("channel", "url", &id), &url)?)
        .bind(seal(key, StoredPlace("channel", "secret", &id), &row.try_get::<String, _>("secret")?)?)
        .bind(row.try_get::<i64, _>("enabled")?)
        .bind(row.try_get::<Option<String>, _>("disabled_reason")?)
        .bind(row.try_get::<Option<i64>, _>("failing_since_ms")?)
        .bind(row.try_get::<i64, _>("failed_attempts")?)
        .bind(row.try_get::<i64, _>("created_at_ms")?)
        .execute(&mut **transaction)
        .await?;
        clear_answers(transaction, &id, &url).await?;
    }
    let secrets = sqlx::query("select name, bytes from secret").fetch_all(&mut **transaction).await?;
    sqlx::query("delete from secret").execute(&mut **transaction).await?;
    for row in secrets {
        let (name, bytes): (String, Vec<u8>) = (row.try_get("name")?, row.try_get("bytes")?);
        let place = StoredPlace("secret", "bytes", &name);
        let sealed = key.seal(place, &bytes).map_err(|error| unreadable(place, error))?;
        sqlx::query("insert into secret (name, bytes) values (?, ?)")
            .bind(&name)
            .bind(sealed.into_bytes())
            .execute(&mut **transaction)
            .await?;
    }
    note_key(transaction, key).await
}

/// Takes a channel's address out of what its receiver has answered, as is done with answers since.
async fn clear_answers(
    transaction: &mut Transaction<'_, Sqlite>,
    channel_id: &str,
    url: &str,
) -> Result<(), StoreError> {
    let Ok(url) = Url::parse(url) else { return Ok(()) };
    let answers = sqlx::query(
        "select a.delivery_id, a.number, a.response from delivery_attempt a join delivery d on d.id = a.delivery_id \
         where d.channel_id = ? and a.response <> ''",
    )
    .bind(channel_id)
    .fetch_all(&mut **transaction)
    .await?;
    for row in answers {
        let response: String = row.try_get("response")?;
        let cleared = without_address(&response, &url);
        if cleared != response {
            sqlx::query("update delivery_attempt set response = ? where delivery_id = ? and number = ?")
                .bind(cleared)
                .bind(row.try_get::<String, _>("delivery_id")?)
                .bind(row.try_get::<i64, _>("number")?)
                .execute(&mut **transaction)
                .await?;
        }
    }
    Ok(())
}
