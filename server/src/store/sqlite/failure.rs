//! SQLite's codes in the words that hold for every store.

use crate::store::StoreError;

/// Primary codes for a full disk, or a full database, and for files that may not be written to.
const READ_ONLY: [u32; 2] = [8, 13];
/// The code for an index of the log that cannot grow. It holds nothing that is not in the log, so that, unlike with other
/// I/O errors, nothing is lost.
const INDEX_CANNOT_GROW: u32 = 4_874;
/// Primary codes for a device that failed under it: an I/O error, and a file that is damaged.
const DEVICE_FAILURES: [u32; 3] = [10, 11, 26];

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match code(&error) {
            Some(code) if code == INDEX_CANNOT_GROW || READ_ONLY.contains(&(code & 0xff)) => {
                StoreError::ReadOnly(error.into())
            }
            Some(code) if DEVICE_FAILURES.contains(&(code & 0xff)) => StoreError::DeviceFailed(error.into()),
            _ => StoreError::Unavailable(error.into()),
        }
    }
}

/// SQLite's extended code.
fn code(error: &sqlx::Error) -> Option<u32> {
    error.as_database_error()?.code()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

    use super::*;

    async fn refused(pragma: &'static str, value: &'static str) -> StoreError {
        let options = SqliteConnectOptions::new().in_memory(true).pragma(pragma, value);
        let pool = SqlitePool::connect_with(options).await.expect("a database");
        let filled = sqlx::raw_sql("create table a (b); insert into a values (zeroblob(1000000))");
        StoreError::from(filled.execute(&pool).await.expect_err(pragma))
    }

    #[tokio::test]
    async fn what_cannot_be_written_can_be_read() {
        for (pragma, value) in [("max_page_count", "10"), ("query_only", "1")] {
            let error = refused(pragma, value).await;
            assert!(error.is_read_only() && !error.is_device_failure(), "{pragma}: {error}");
            assert!(error.to_string().contains("Make room"), "{error}");
        }
        let other = StoreError::from(sqlx::Error::PoolTimedOut);
        assert!(!other.is_read_only() && !other.is_device_failure());
    }

    #[tokio::test]
    async fn a_file_that_is_damaged_is_a_device_that_failed() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a.db");
        std::fs::write(&path, "no database".repeat(1_000)).expect("a file");
        let error = SqlitePool::connect_with(SqliteConnectOptions::new().filename(path)).await;
        let error = match error {
            Ok(pool) => sqlx::query("select * from sqlite_schema").execute(&pool).await.expect_err("damaged"),
            Err(error) => error,
        };
        let error = StoreError::from(error);
        assert!(error.is_device_failure() && !error.is_read_only(), "{error}");
    }
}
