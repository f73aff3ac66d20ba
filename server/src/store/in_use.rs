//! One server at a time on one data directory.

use std::path::Path;

use super::StoreError;
use crate::private;

/// Takes a data directory for the program that holds what is returned.
pub fn lock(data_dir: &Path) -> Result<std::fs::File, StoreError> {
    let unusable = |error: std::io::Error| StoreError::of_file(data_dir, error);
    private::directory(data_dir).map_err(unusable)?;
    let mut options = std::fs::OpenOptions::new();
    options.create(true).truncate(false).write(true);
    let file = private::open(&data_dir.join("tacho.lock"), &mut options).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::InUse { path: data_dir.to_owned() }),
        Err(std::fs::TryLockError::Error(error)) => Err(unusable(error)),
    }
}
