//! SQLite, the default ground: one file, one writer, many readers.
//!
//! All writes go through one connection, so that commits never wait for each other and a group of events
//! shares one `fsync`. Readers have their own, read-only connections and never block the writer (WAL).

mod access;
mod alerts;
mod audit;
mod bulk;
mod busiest;
mod channels;
mod check;
mod corrections;
mod deliveries;
mod events;
mod failure;
mod ingest;
mod learned;
mod limits;
mod migrations;
mod policies;
mod query;
mod readers;
mod remarks;
mod rollup_changes;
mod rollups;
mod room;
mod runs;
mod sealed;
mod series;
mod sum_columns;
mod sums;
mod throttled;
mod top;
mod traits;

use std::fs::{File, OpenOptions};
use std::path::Path;
use std::time::Duration;

use readers::Readers;
use series::KnownSeries;
use sqlx::migrate::MigrateError;
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{Connection, Sqlite, Transaction};
use tokio::sync::Mutex;

use super::key_file::KeyFile;
use super::{Durability, StoreError};
use crate::private;
use crate::secrets::sealing::SealingKey;

/// The first SQLite without the WAL-reset corruption bug (3.7.0 to 3.51.2).
const OLDEST_SOUND_SQLITE: [u32; 3] = [3, 51, 3];

const PAGE_BYTES: u32 = 8_192;
/// How long a question from outside is worked on where nobody says otherwise.
const QUESTION_PATIENCE: Duration = Duration::from_secs(5);

/// What becomes of secrets that are stored.
#[derive(Debug, Clone, Copy)]
pub enum Secrets<'a> {
    /// They are opened with the key in this file.
    Open(&'a KeyFile),
    /// They are given up: they were sealed with another.
    Forget(&'a KeyFile),
}

impl<'a> Secrets<'a> {
    fn file(self) -> &'a KeyFile {
        match self {
            Secrets::Open(file) | Secrets::Forget(file) => file,
        }
    }
}

/// Tacho's data in one SQLite file.
pub struct SqliteStore {
    writer: SqlitePool,
    readers: Readers,
    known_series: Mutex<KnownSeries>,
    key: SealingKey,
}

impl SqliteStore {
    /// Opens, creates or upgrades the database in `data_dir`. At most `max_series` combinations of
    /// dimension values get rollups of their own; the database grows to `max_bytes`, as far as it can if that
    /// is 0. Secrets are opened with the key of a file.
    pub async fn open(
        data_dir: &Path,
        durability: Durability,
        max_series: usize,
        max_bytes: u64,
        secrets: Secrets<'_>,
    ) -> Result<Self, StoreError> {
        private::directory(data_dir).map_err(|error| StoreError::of_file(data_dir, error))?;
        let path = data_dir.join("tacho.db");
        // SQLite would make it for everybody, and its own message for a directory without write permission does not say so.
        private::open(&path, OpenOptions::new().append(true).create(true))
            .map_err(|error| StoreError::of_file(&path, error))?;

        let base = SqliteConnectOptions::new().filename(&path).busy_timeout(Duration::from_secs(10));
        let mut writing = base
            .clone()
            .page_size(PAGE_BYTES)
            .auto_vacuum(SqliteAutoVacuum::Incremental)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(match durability {
                Durability::Full => SqliteSynchronous::Full,
                Durability::Normal => SqliteSynchronous::Normal,
            })
            .pragma("journal_size_limit", "67108864")
            .pragma("cache_size", "-65536");
        if max_bytes > 0 {
            writing =
                writing.pragma("max_page_count", (max_bytes / u64::from(PAGE_BYTES)).max(1).to_string());
        }
        // Of several programs that open the same data, one upgrades it, and the others find that done.
        let _upgrading = alone(data_dir).await?;
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            // On a full disk SQLite ends a transaction by itself, and sqlx goes on believing in it.
            .before_acquire(|connection, _| Box::pin(async { Ok(!connection.is_in_transaction()) }))
            .connect_with(writing)
            .await
            .map_err(|error| open_error(&path, error))?;
        refuse_faulty_sqlite(&writer).await?;
        migrate(&writer, &path).await?;
        if let Secrets::Forget(file) = secrets {
            sealed::forget(&writer, file).await?;
        }
        let key = sealed::unlock(&writer, secrets.file()).await?;
        let readers =
            Readers::open(base, QUESTION_PATIENCE).await.map_err(|error| open_error(&path, error))?;
        let known_series = Mutex::new(KnownSeries::load(&readers.own, max_series).await?);
        Ok(SqliteStore { writer, readers, known_series, key })
    }

    /// Works on a question from outside for so long at most.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.readers.set_patience(patience);
        self
    }

    /// Closes every connection; what was acknowledged is in the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// Starts the one write transaction. It takes the write lock at once: a transaction that begins with a
    /// read and then writes fails at once when somebody else has written meanwhile, whatever the timeout.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.writer.begin_with("begin immediate").await?)
    }

    async fn write_connection(&self) -> Result<PoolConnection<Sqlite>, StoreError> {
        Ok(self.writer.acquire().await?)
    }
}

/// Waits until nobody else opens the database.
async fn alone(data_dir: &Path) -> Result<File, StoreError> {
    let path = data_dir.join("tacho.upgrade");
    let locked = tokio::task::spawn_blocking(move || {
        let file = private::open(&path, OpenOptions::new().write(true).create(true).truncate(false))?;
        file.lock().map(|()| file)
    });
    let locked = locked.await.map_err(std::io::Error::other).flatten();
    locked.map_err(|error| StoreError::of_file(data_dir, error))
}

fn open_error(path: &Path, error: sqlx::Error) -> StoreError {
    StoreError::Unusable { path: path.to_owned(), reason: error.to_string() }
}

async fn refuse_faulty_sqlite(pool: &SqlitePool) -> Result<(), StoreError> {
    let version: String = sqlx::query_scalar("select sqlite_version()").fetch_one(pool).await?;
    let mut parts = [0; 3];
    for (part, text) in parts.iter_mut().zip(version.split('.')) {
        *part = text.parse().unwrap_or(0);
    }
    if parts >= OLDEST_SOUND_SQLITE {
        return Ok(());
    }
    Err(StoreError::Unsound(format!(
        "the embedded SQLite is {version}, but versions before 3.51.3 can corrupt data in WAL mode: build Tacho with the \
         sqlx version it pins"
    )))
}

async fn migrate(pool: &SqlitePool, path: &Path) -> Result<(), StoreError> {
    migrations::migrator().run(pool).await.map_err(|error| match error {
        MigrateError::VersionMissing(found) | MigrateError::VersionTooNew(found, _) => {
            StoreError::Newer { path: path.to_owned(), found, known: migrations::NEWEST }
        }
        other => StoreError::Unusable { path: path.to_owned(), reason: other.to_string() },
    })
}
