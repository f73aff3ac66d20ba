//! What can go wrong with storage, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use crate::private::Refusal;

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The data directory or its files cannot be read or written.
    #[error(
        "cannot use the data directory {path}: {reason}. Check that it exists, that this user may write to it (`ls -ld {path}`) and that the disk is not full; or choose another with --data-dir"
    )]
    Unusable {
        /// The directory or file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// What is there is not this user's alone.
    #[error("cannot use the data directory: {0}")]
    NotPrivate(io::Error),
    /// The file of the key that secrets are sealed with makes no sense.
    #[error(
        "cannot use {path} as the key that secrets are sealed with: {reason}. A key is made with `openssl rand -base64 32`, and its file is named with TACHO_SECRET_KEY_FILE (`secret_key_file`)"
    )]
    KeyUnusable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Secrets are sealed, and there is no key.
    #[error(
        "the secrets in this data are sealed, and their key is not here: {path} is missing. Put the file back from where it was kept, or name it with TACHO_SECRET_KEY_FILE. If it is lost, `tacho secrets forget` gives up the addresses and signing secrets of channels; everything else stays"
    )]
    KeyMissing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// Secrets are sealed with another key.
    #[error(
        "the secrets in this data are sealed with another key than the one in {path}. Put that file back from where it was kept, or name it with TACHO_SECRET_KEY_FILE. If it is lost, `tacho secrets forget` gives up the addresses and signing secrets of channels; everything else stays"
    )]
    KeyOther {
        /// The file that does not fit.
        path: PathBuf,
    },
    /// Another server runs on the data directory.
    #[error("another Tacho is already serving {path}. Stop it first, or choose another --data-dir")]
    InUse {
        /// The data directory.
        path: PathBuf,
    },
    /// A newer Tacho wrote the data.
    #[error(
        "the data in {path} was written by a newer Tacho (schema step {found}; this one knows {known}). Start the newer version, or restore a backup made before the upgrade; nothing was changed"
    )]
    Newer {
        /// The database file.
        path: PathBuf,
        /// The newest step found in the data.
        found: i64,
        /// The newest step this program has.
        known: i64,
    },
    /// The embedded SQLite is one with a known fault.
    #[error(
        "the embedded SQLite is {0}, but versions before 3.51.3 can corrupt data in WAL mode: build Tacho with the sqlx version it pins"
    )]
    FaultySqlite(String),
    /// There is no room, or no permission, to write; what is stored can be read.
    #[error(
        "nothing more can be stored: {0}. Make room on the disk of the data directory, raise `[store] max_bytes` if it is set, or let this user write to the files; what is stored can still be read"
    )]
    ReadOnly(#[source] sqlx::Error),
    /// The database cannot take the write or answer now.
    #[error("the database did not answer: {0}")]
    Database(#[source] sqlx::Error),
    /// A question would take longer than one may.
    #[error(
        "this takes longer to answer than a question may: ask for a shorter range, a larger `step`, or fewer dimensions in `by`; sessions and lists with filters are looked up event by event"
    )]
    OverBudget,
    /// So many questions are being answered that one more has waited in vain.
    #[error("too many questions are being answered at a time; try again in a few seconds")]
    Crowded,
    /// What was stored cannot be understood.
    #[error("stored {what} cannot be read: {reason}. Run `tacho check`")]
    Unreadable {
        /// What was being read.
        what: &'static str,
        /// Why it makes no sense.
        reason: String,
    },
}

/// SQLite's primary codes for a full disk, or a full database, and for files that may not be written to.
const READ_ONLY: [u32; 2] = [8, 13];
/// SQLite's code for an index of the log that cannot grow. It holds nothing that is not in the log, so that,
/// unlike with other I/O errors, nothing is lost.
const INDEX_CANNOT_GROW: u32 = 4_874;
/// SQLite's primary codes for a device that failed under it: an I/O error, and a file that is damaged.
const DEVICE_FAILURES: [u32; 3] = [10, 11, 26];

impl StoreError {
    /// Of a file or directory that could not be made or opened.
    pub fn of_file(path: &Path, error: io::Error) -> Self {
        if let Some(inner) = error.get_ref()
            && inner.is::<Refusal>()
        {
            return StoreError::NotPrivate(error);
        }
        StoreError::Unusable { path: path.to_owned(), reason: error.to_string() }
    }

    /// The device failed, so that nothing more may be promised: what was written last may be lost even if a
    /// second try succeeds.
    pub fn is_device_failure(&self) -> bool {
        let StoreError::Database(error) = self else { return false };
        code(error).is_some_and(|code| DEVICE_FAILURES.contains(&(code & 0xff)))
    }

    /// Nothing can be stored, but what is stored can be read; it may pass by itself.
    pub fn is_read_only(&self) -> bool {
        matches!(self, StoreError::ReadOnly(_))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match code(&error) {
            Some(code) if code == INDEX_CANNOT_GROW || READ_ONLY.contains(&(code & 0xff)) => {
                StoreError::ReadOnly(error)
            }
            _ => StoreError::Database(error),
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
}
