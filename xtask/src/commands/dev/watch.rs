//! Noticing changed files by looking at them twice a second. That costs less than a millisecond
//! here, and works on every file system.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, SystemTime},
};

use xtask::cargo;

/// What the running server is made of.
const WATCHED: &[&str] = &[
    "app",
    "browser",
    "domain",
    "server",
    "style",
    "tacho",
    "migrations",
    "vocabulary",
    "Cargo.toml",
    "Cargo.lock",
];

const PAUSE: Duration = Duration::from_millis(500);

type Times = BTreeMap<PathBuf, SystemTime>;

/// Remembers when each file was last changed.
pub struct Watch {
    seen: Times,
}

impl Watch {
    pub fn start() -> Watch {
        Watch { seen: look() }
    }

    /// Waits until files change, and then until they stop changing: an editor that saves several
    /// files causes one build.
    pub fn next(&mut self) -> Vec<PathBuf> {
        let mut changed = Vec::new();
        loop {
            sleep(PAUSE);
            let now = look();
            let more = differences(&self.seen, &now);
            self.seen = now;
            if more.is_empty() && !changed.is_empty() {
                return changed;
            }
            changed.extend(more);
            changed.sort();
            changed.dedup();
        }
    }
}

fn look() -> Times {
    let mut times = Times::new();
    for watched in WATCHED {
        collect(&cargo::workspace().join(watched), &mut times);
    }
    times
}

/// Files that vanish between two glances are simply not there.
fn collect(path: &Path, times: &mut Times) {
    if let Ok(entries) = fs::read_dir(path) {
        for entry in entries.flatten() {
            collect(&entry.path(), times);
        }
    } else if let Ok(modified) = fs::metadata(path).and_then(|about| about.modified()) {
        times.insert(path.to_owned(), modified);
    }
}

/// Files that were added, changed or removed.
fn differences(before: &Times, after: &Times) -> Vec<PathBuf> {
    let changed = after.iter().filter(|(path, time)| before.get(*path) != Some(time));
    let removed = before.iter().filter(|(path, _)| !after.contains_key(*path));
    changed.chain(removed).map(|(path, _)| path.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn added_changed_and_removed_files_are_noticed() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let before = Times::from([("same".into(), at(1)), ("edited".into(), at(1)), ("gone".into(), at(1))]);
        let after = Times::from([("same".into(), at(1)), ("edited".into(), at(2)), ("new".into(), at(1))]);
        let names = differences(&before, &after);
        assert_eq!(names, [PathBuf::from("edited"), PathBuf::from("new"), PathBuf::from("gone")]);
    }
}
