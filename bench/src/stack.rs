//! Everyone who takes part, all leading to one API.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use tempfile::TempDir;

use crate::contestants::{CONTESTANTS, Contestant, Setting, tacho};
use crate::process::Process;
use crate::serve;

/// Running contestants, and what they lead to.
pub struct Stack {
    /// In the order of the tables.
    pub contestants: Vec<Contestant>,
    tacho: PathBuf,
    folder: TempDir,
    _api: Process,
}

impl Stack {
    /// Starts everyone before an API, which is one of [`serve::Serve`].
    pub fn start(api: &str, tacho: &Path) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut process = Process::start(serve::command(api)?, folder.path().join("api"))?;
        let upstream = process.listening()?;
        let mut contestants = Vec::new();
        for kind in CONTESTANTS {
            let folder = folder.path().join(kind.name);
            fs::create_dir(&folder)?;
            let (target, process) = (kind.start)(&Setting { upstream, tacho, folder: &folder })?;
            contestants.push(Contestant { name: kind.name, target, process, calls: 0 });
        }
        Ok(Stack { contestants, tacho: tacho.to_owned(), folder, _api: process })
    }

    /// Everyone in the order of a round: each begins as often as the others.
    pub fn turns(&mut self, round: usize) -> impl Iterator<Item = (usize, &mut Contestant)> {
        let count = self.contestants.len();
        let mut turns: Vec<_> = self.contestants.iter_mut().enumerate().collect();
        turns.rotate_left(round % count);
        turns.into_iter()
    }

    /// Ends everyone. Returns how many calls Tacho has recorded: as many as were sent through it, or this fails.
    pub async fn end(self) -> Result<u64> {
        let mut sent = 0;
        for contestant in self.contestants {
            if contestant.name == tacho::KIND.name {
                sent = contestant.calls;
            }
            if let Some(process) = contestant.process {
                process.end().await?;
            }
        }
        let recorded = tacho::recorded(&self.tacho, &self.folder.path().join(tacho::KIND.name))?;
        ensure!(recorded == sent, "{sent} calls were sent through Tacho, and {recorded} are recorded");
        Ok(recorded)
    }
}
