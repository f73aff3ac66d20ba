//! Whether there is room to store anything.

use super::SqliteStore;
use crate::store::StoreError;

/// Enough that a gap is not taken for room.
const PROBE_BYTES: i64 = 1 << 20;

impl SqliteStore {
    /// Stores something as large as many events, and removes it.
    pub(super) async fn write_probe(&self) -> Result<(), StoreError> {
        let mut written = self.begin().await?;
        // One is there already if the last could not be removed.
        sqlx::raw_sql("drop table if exists probe; create table probe (filler blob)")
            .execute(&mut *written)
            .await?;
        sqlx::query("insert into probe values (zeroblob(?))")
            .bind(PROBE_BYTES)
            .execute(&mut *written)
            .await?;
        written.commit().await?;
        let mut removed = self.begin().await?;
        sqlx::raw_sql("drop table probe").execute(&mut *removed).await?;
        Ok(removed.commit().await?)
    }
}
