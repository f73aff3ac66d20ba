//! What can go wrong with storage, and what to do about it.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use crate::alert::outbox::OutboxError;
use crate::private::UnsafePath;

/// What a store was told by what it keeps the data in.
pub type Cause = Box<dyn Error + Send + Sync>;

/// Why the store did not do what it was asked, in words that hold for every store.
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
    KeyUnusable { path: PathBuf, reason: String },
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
    /// What the data would be kept with has a known fault: which, and what to do about it.
    #[error("{0}")]
    Unsound(String),
    /// There is no room, or no permission, to write; what is stored can be read.
    #[error(
        "nothing more can be stored: {0}. Make room on the disk of the data directory, raise `[store] max_bytes` if it is set, or let this user write to the files; what is stored can still be read"
    )]
    ReadOnly(#[source] Cause),
    /// The device failed under it, or what is on it is damaged: what was written last may be lost even if a second try
    /// succeeds.
    #[error("the database did not answer: {0}")]
    DeviceFailed(#[source] Cause),
    /// It cannot take the write or answer now.
    #[error("the database did not answer: {0}")]
    Unavailable(#[source] Cause),
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

impl StoreError {
    /// Of a file or directory that could not be made or opened.
    pub fn of_file(path: &Path, error: io::Error) -> Self {
        if let Some(inner) = error.get_ref()
            && inner.is::<UnsafePath>()
        {
            return StoreError::NotPrivate(error);
        }
        StoreError::Unusable { path: path.to_owned(), reason: error.to_string() }
    }

    /// Nothing more may be promised.
    pub fn is_device_failure(&self) -> bool {
        matches!(self, StoreError::DeviceFailed(_))
    }

    /// Nothing can be stored, but what is stored can be read; it may pass by itself.
    pub fn is_read_only(&self) -> bool {
        matches!(self, StoreError::ReadOnly(_))
    }
}

impl From<StoreError> for OutboxError {
    fn from(error: StoreError) -> Self {
        OutboxError(error.into())
    }
}
