//! Why events are not stored.

use vocabulary::Problem;

use crate::store::{READ_ONLY, StoreError};

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
    #[error("{READ_ONLY}")]
    ReadOnly,
}

impl From<&StoreError> for RecordError {
    fn from(error: &StoreError) -> Self {
        if error.is_read_only() { RecordError::ReadOnly } else { RecordError::Unavailable }
    }
}

/// Of who has sent events.
impl From<RecordError> for Problem {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::ReadOnly => Problem::read_only(format!(
                "{error}; nothing was stored, make room and send the events again in half a minute"
            )),
            RecordError::Busy | RecordError::Unavailable => Problem::unavailable(format!(
                "{error}; nothing was stored, send the events again in a few seconds"
            )),
        }
    }
}
