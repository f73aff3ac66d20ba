//! Space set aside in the data directory, so that there is some to act with when the disk is full.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{FallocateFlags, fallocate, statvfs};

use crate::private;

/// A file that holds nothing but its place.
#[derive(Debug)]
pub struct Ballast {
    directory: PathBuf,
    /// 0 for none.
    bytes: u64,
    released: AtomicBool,
}

impl Ballast {
    /// Of so many bytes in `directory`, once it is [taken](Ballast::take).
    pub fn new(directory: &Path, bytes: u64) -> Self {
        Ballast { directory: directory.to_owned(), bytes, released: AtomicBool::new(false) }
    }

    /// Takes it, if that leaves as much again; a system that cannot set space aside goes without.
    pub fn take(&self) {
        if self.bytes == 0 || self.path().exists() || !self.has_twice() {
            return;
        }
        self.released.store(false, Ordering::Relaxed);
        if let Err(error) = self.allocate() {
            tracing::warn!(error = %error, "Could not set {} bytes aside; Tacho goes without", self.bytes);
            self.remove();
        }
    }

    /// Takes it again, if it was released and there is room for it by now.
    pub fn take_again(&self) {
        if self.released.load(Ordering::Relaxed) {
            self.take();
        }
    }

    /// Gives it back to whoever needs space now.
    pub fn release(&self) {
        if self.path().exists() {
            self.remove();
            self.released.store(true, Ordering::Relaxed);
            tracing::warn!("Released {}: {} bytes to act with", self.path().display(), self.bytes);
        }
    }

    /// Whether there is more space than was released, so that storing on does not use up just that.
    pub fn is_spare(&self) -> bool {
        !self.released.load(Ordering::Relaxed) || self.has_twice()
    }

    fn path(&self) -> PathBuf {
        self.directory.join("ballast.bin")
    }

    fn has_twice(&self) -> bool {
        let free = statvfs(&self.directory).map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
        free.is_ok_and(|free| free / 2 >= self.bytes)
    }

    fn allocate(&self) -> io::Result<()> {
        let file = private::open(&self.path(), OpenOptions::new().write(true).create_new(true))?;
        Ok(fallocate(&file, FallocateFlags::empty(), 0, self.bytes)?)
    }

    fn remove(&self) {
        if let Err(error) = std::fs::remove_file(self.path()) {
            tracing::warn!(error = %error, "Could not remove {}", self.path().display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(directory: &Path) -> Option<u64> {
        std::fs::metadata(directory.join("ballast.bin")).ok().map(|file| file.len())
    }

    #[test]
    fn it_is_taken_and_released_and_taken_again() {
        let directory = tempfile::tempdir().unwrap();
        let ballast = Ballast::new(directory.path(), 65_536);
        ballast.release();
        assert!(ballast.is_spare(), "there was none to release");
        for _ in 0..2 {
            ballast.take();
            assert_eq!(size(directory.path()), Some(65_536));
            ballast.release();
            ballast.release();
            assert_eq!(size(directory.path()), None);
            assert!(ballast.is_spare(), "the disk of the tests is not full");
            ballast.take_again();
            assert_eq!(size(directory.path()), Some(65_536));
        }
    }

    #[test]
    fn it_is_not_taken_where_little_would_be_left() {
        let directory = tempfile::tempdir().unwrap();
        for bytes in [0, u64::MAX] {
            let ballast = Ballast::new(directory.path(), bytes);
            ballast.take();
            ballast.take_again();
            assert_eq!(size(directory.path()), None);
        }
    }
}
