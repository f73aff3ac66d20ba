//! A disk small enough to fill.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// A disk in memory, which is gone when the test lets go of it.
pub struct SmallDisk(TempDir);

impl SmallDisk {
    /// A disk of so many MiB; nothing where the user of the tests may not mount one.
    pub fn mount(mib: u32) -> Option<Self> {
        let place = tempfile::tempdir().expect("a directory");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={mib}m"), "tmpfs"]).arg(place.path());
        if mount.output().is_ok_and(|output| output.status.success()) {
            return Some(SmallDisk(place));
        }
        super::skip("only root may mount a small disk");
        None
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: what was served from it may not have closed its last file.
        let unmounted = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
        assert!(
            unmounted.is_ok_and(|status| status.success()),
            "{} is still mounted",
            self.0.path().display()
        );
    }
}
