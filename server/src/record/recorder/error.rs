//! Why events are not stored.

use crate::store::StoreError;

/// Why events could not be stored now. Nothing of them was stored: send them again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The queue is full.
    #[error("Tacho is receiving events faster than it can store them")]
    Busy,
    /// The commit failed, or Tacho is stopping.
    #[error("Tacho cannot store events at the moment")]
    Unavailable,
    /// There is no room, or no permission, to write.
    #[error("Tacho can read but not write: its disk is full, or it may not write to its files")]
    ReadOnly,
}

impl From<&StoreError> for RecordError {
    fn from(error: &StoreError) -> Self {
        if error.is_read_only() { RecordError::ReadOnly } else { RecordError::Unavailable }
    }
}
