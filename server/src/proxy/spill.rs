//! Events that the store could not take, in a file: safe from the end of the program, until the store can.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The file in the data directory.
const FILE: &str = "proxy-spill.ndjson";

/// A file of lines. What is added is on disk when [`Spill::add`] returns; what was read is forgotten when
/// everything was.
#[derive(Debug)]
pub struct Spill {
    path: PathBuf,
    most_bytes: u64,
    /// Bytes in the file.
    held: u64,
    /// Bytes of it that the store has taken.
    taken: u64,
}

impl Spill {
    /// The spill of a data directory, with what a former run has left in it. It holds `most_bytes` at most.
    pub fn open(data_dir: &Path, most_bytes: u64) -> Self {
        let path = data_dir.join(FILE);
        let held = std::fs::metadata(&path).map_or(0, |file| file.len());
        Spill { path, most_bytes, held, taken: 0 }
    }

    /// Bytes that wait in it.
    pub fn waiting_bytes(&self) -> u64 {
        self.held - self.taken
    }

    /// Adds lines, each without its end. Returns how many of them fit; those are on disk.
    pub fn add(&mut self, lines: &[String]) -> io::Result<usize> {
        let mut text = String::new();
        let mut fitting = 0;
        for line in lines {
            if self.held + (text.len() + line.len() + 1) as u64 > self.most_bytes {
                break;
            }
            text.push_str(line);
            text.push('\n');
            fitting += 1;
        }
        if fitting == 0 {
            return Ok(0);
        }
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path)?;
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_data());
        if let Err(error) = written {
            // Half a line would spoil the one after it.
            let _ = file.set_len(self.held);
            return Err(error);
        }
        if self.held == 0 {
            sync_directory(&self.path);
        }
        self.held += text.len() as u64;
        Ok(fitting)
    }

    /// Up to `most` lines from where the last [`Spill::took`] ended, and how many bytes they are.
    pub fn next(&self, most: usize) -> io::Result<(Vec<String>, u64)> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.taken))?;
        let mut reader = BufReader::new(file);
        let (mut lines, mut bytes) = (Vec::new(), 0);
        while lines.len() < most {
            let mut line = Vec::new();
            let read = reader.read_until(b'\n', &mut line)?;
            if read == 0 {
                break;
            }
            bytes += read as u64;
            lines.push(String::from_utf8_lossy(&line).trim_end().to_owned());
        }
        Ok((lines, bytes))
    }

    /// The store has taken the next `bytes`. With the last of them the file goes.
    pub fn took(&mut self, bytes: u64) -> io::Result<()> {
        self.taken += bytes;
        if self.taken >= self.held {
            std::fs::remove_file(&self.path)?;
            (self.held, self.taken) = (0, 0);
        }
        Ok(())
    }
}

/// A new file is only there after a power cut if its directory says so.
fn sync_directory(path: &Path) {
    let synced =
        path.parent().map(|directory| File::open(directory).and_then(|directory| directory.sync_all()));
    if let Some(Err(error)) = synced {
        tracing::debug!(error = %error, "Could not sync the data directory");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn what_was_added_is_read_once_and_survives_a_new_start() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut spill = Spill::open(directory.path(), 1_000);
        assert_eq!(spill.add(&lines(&["a", "b", "c"])).expect("written"), 3);
        let (read, bytes) = spill.next(2).expect("read");
        assert_eq!(read, lines(&["a", "b"]));
        spill.took(bytes).expect("taken");
        assert_eq!(spill.waiting_bytes(), 2);
        spill.add(&lines(&["d"])).expect("written");
        let (read, bytes) = spill.next(9).expect("read");
        assert_eq!(read, lines(&["c", "d"]));
        // Another start does not know what was taken: it begins at the front, and the store knows those events.
        let again = Spill::open(directory.path(), 1_000);
        assert_eq!(again.next(9).expect("read").0, lines(&["a", "b", "c", "d"]));
        spill.took(bytes).expect("taken");
        assert_eq!(spill.waiting_bytes(), 0);
        assert!(std::fs::read_dir(directory.path()).expect("the directory").next().is_none());
    }

    #[test]
    fn it_holds_whole_lines_up_to_its_bound() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut spill = Spill::open(directory.path(), 10);
        assert_eq!(spill.add(&lines(&["aaaa", "bbbb", "c"])).expect("written"), 2);
        assert_eq!(spill.add(&lines(&["d"])).expect("written"), 0);
        assert_eq!(spill.next(9).expect("read").0, lines(&["aaaa", "bbbb"]));
        let (_, bytes) = spill.next(2).expect("read");
        spill.took(bytes).expect("taken");
        assert_eq!(spill.add(&lines(&["d"])).expect("written"), 1);
    }
}
