//! What can go wrong with storage, and what to do about it.

use std::path::PathBuf;

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
    /// The database cannot take the write or answer now.
    #[error("the database did not answer: {0}")]
    Database(#[from] sqlx::Error),
    /// What was stored cannot be understood.
    #[error("stored {what} cannot be read: {reason}. Run `tacho check`")]
    Unreadable {
        /// What was being read.
        what: &'static str,
        /// Why it makes no sense.
        reason: String,
    },
}

/// SQLite's primary codes for a device that failed under it: an I/O error, and a file that is damaged.
const DEVICE_FAILURES: [u32; 3] = [10, 11, 26];

impl StoreError {
    /// The device failed, so that nothing more may be promised: what was written last may be lost even if a
    /// second try succeeds.
    pub fn is_device_failure(&self) -> bool {
        let StoreError::Database(sqlx::Error::Database(error)) = self else { return false };
        let code = error.code().and_then(|code| code.parse::<u32>().ok());
        code.is_some_and(|code| DEVICE_FAILURES.contains(&(code & 0xff)))
    }
}
