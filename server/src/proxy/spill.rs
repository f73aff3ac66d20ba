//! Events that the store could not take, in a file: safe from the end of the program, until the store can.

use std::fs::OpenOptions;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::private;

/// The file in the data directory.
const FILE: &str = "proxy-spill.ndjson";

/// No event is longer; most take less than a thousandth.
const LONGEST_LINE_BYTES: u64 = 1 << 20;
/// What is written at once, in bytes.
const CHUNK_BYTES: usize = 256 << 10;

/// A file of lines. What is added is on disk when [`Spill::add`] returns; what was read is forgotten when
/// everything was.
#[derive(Debug)]
pub struct Spill {
    path: PathBuf,
    most_bytes: u64,
    /// In the file.
    held_bytes: u64,
    /// Those of them that the store has taken.
    taken_bytes: u64,
}

impl Spill {
    /// The spill of a data directory, with what a former run has left in it. It holds `most_bytes` at most.
    pub fn open(data_dir: &Path, most_bytes: u64) -> Self {
        let path = data_dir.join(FILE);
        let held_bytes = whole_lines(&path).unwrap_or_else(|error| {
            tracing::error!(error = %error, "Cannot read the spill file");
            0
        });
        Spill { path, most_bytes, held_bytes, taken_bytes: 0 }
    }

    /// Bytes that wait in it.
    pub fn waiting_bytes(&self) -> u64 {
        self.held_bytes - self.taken_bytes
    }

    /// Adds lines, each without its end, until one does not fit or cannot be written. Returns how many are on disk.
    pub fn add(&mut self, mut lines: impl Iterator<Item = String>) -> usize {
        let mut kept = 0;
        let is_new = self.held_bytes == 0;
        loop {
            let room = self.most_bytes.saturating_sub(self.held_bytes);
            let (chunk, count) = chunk(&mut lines, room);
            if count == 0 {
                break;
            }
            if let Err(error) = self.append(&chunk) {
                tracing::error!(error = %error, "Cannot write events of the proxy to the spill file");
                break;
            }
            kept += count;
        }
        if is_new && kept > 0 {
            private::sync_directory(&self.path);
        }
        kept
    }

    fn append(&mut self, text: &str) -> io::Result<()> {
        let mut file = private::open(&self.path, OpenOptions::new().create(true).append(true))?;
        if let Err(error) = file.write_all(text.as_bytes()).and_then(|()| file.sync_data()) {
            // Half a line would spoil the one after it.
            let _ = file.set_len(self.held_bytes);
            return Err(error);
        }
        self.held_bytes += text.len() as u64;
        Ok(())
    }

    /// Up to `most` lines from where the last [`Spill::took`] ended, and how many bytes they are. Where there are none,
    /// though some should wait, the file was taken away or cut: all that waited is what they are.
    pub fn next(&self, most: usize) -> io::Result<(Vec<String>, u64)> {
        let mut file = match private::open(&self.path, OpenOptions::new().read(true)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok((Vec::new(), self.waiting_bytes()));
            }
            file => file?,
        };
        file.seek(SeekFrom::Start(self.taken_bytes))?;
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
        Ok(if lines.is_empty() { (lines, self.waiting_bytes()) } else { (lines, bytes) })
    }

    /// Shows all lines that wait, without their ends.
    pub fn each(&self, mut show: impl FnMut(&[u8])) -> io::Result<()> {
        if self.waiting_bytes() == 0 {
            return Ok(());
        }
        let mut file = private::open(&self.path, OpenOptions::new().read(true))?;
        file.seek(SeekFrom::Start(self.taken_bytes))?;
        let (mut reader, mut line) = (BufReader::new(file), Vec::new());
        while reader.read_until(b'\n', &mut line)? > 0 {
            show(line.trim_ascii_end());
            line.clear();
        }
        Ok(())
    }

    /// The store has taken the next `bytes`. With the last of them the file goes.
    pub fn took(&mut self, bytes: u64) -> io::Result<()> {
        self.taken_bytes = self.held_bytes.min(self.taken_bytes + bytes);
        if self.waiting_bytes() == 0 {
            match std::fs::remove_file(&self.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => (self.held_bytes, self.taken_bytes) = (0, 0),
            }
        }
        Ok(())
    }
}

/// The next lines as one text, and how many they are: as many as go into a chunk and into `room`.
fn chunk(lines: &mut impl Iterator<Item = String>, room: u64) -> (String, usize) {
    let (mut text, mut count) = (String::new(), 0);
    while text.len() < CHUNK_BYTES {
        let Some(line) = lines.next() else { break };
        if (text.len() + line.len() + 1) as u64 > room {
            break;
        }
        text.push_str(&line);
        text.push('\n');
        count += 1;
    }
    (text, count)
}

/// Bytes of a file up to the end of its last line. A line without an end was being written when the program or the
/// machine stopped; it is cut off, as it would spoil the next.
fn whole_lines(path: &Path) -> io::Result<u64> {
    let mut file = match private::open(path, OpenOptions::new().read(true).write(true)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        file => file?,
    };
    let length = file.metadata()?.len();
    let tail_start = length.saturating_sub(LONGEST_LINE_BYTES);
    file.seek(SeekFrom::Start(tail_start))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let last = tail.iter().rposition(|byte| *byte == b'\n');
    let whole = last.map_or(0, |last| tail_start + last as u64 + 1);
    if whole < length {
        tracing::warn!("The last event in the spill file was not written to its end, and is lost");
        file.set_len(whole)?;
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn add(spill: &mut Spill, texts: &[&str]) -> usize {
        spill.add(lines(texts).into_iter())
    }

    #[test]
    fn what_was_added_is_read_once_and_survives_a_new_start() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut spill = Spill::open(directory.path(), 1_000);
        assert_eq!(add(&mut spill, &["a", "b", "c"]), 3);
        let (read, bytes) = spill.next(2).expect("read");
        assert_eq!(read, lines(&["a", "b"]));
        spill.took(bytes).expect("taken");
        assert_eq!(spill.waiting_bytes(), 2);
        let mut waiting = Vec::new();
        spill.each(|line| waiting.push(line.to_vec())).expect("read");
        assert_eq!(waiting, [b"c"]);
        add(&mut spill, &["d"]);
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
        assert_eq!(add(&mut spill, &["aaaa", "bbbb", "c"]), 2);
        assert_eq!(add(&mut spill, &["d"]), 0);
        assert_eq!(spill.next(9).expect("read").0, lines(&["aaaa", "bbbb"]));
        let (_, bytes) = spill.next(2).expect("read");
        spill.took(bytes).expect("taken");
        assert_eq!(add(&mut spill, &["d"]), 1);
    }

    #[test]
    fn many_lines_are_written_in_chunks() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut spill = Spill::open(directory.path(), 1 << 30);
        let long = "x".repeat(1_000);
        let count = 3 * CHUNK_BYTES / long.len();
        assert_eq!(spill.add(std::iter::repeat_n(long.clone(), count)), count);
        assert_eq!(spill.waiting_bytes(), (count * (long.len() + 1)) as u64);
        assert_eq!(spill.next(usize::MAX).expect("read").0, vec![long; count]);
    }

    #[test]
    fn half_a_line_does_not_spoil_the_next() {
        let directory = tempfile::tempdir().expect("a directory");
        std::fs::write(directory.path().join(FILE), "a\nhal").expect("written");
        let mut spill = Spill::open(directory.path(), 1_000);
        assert_eq!(add(&mut spill, &["b"]), 1);
        assert_eq!(spill.next(9).expect("read").0, lines(&["a", "b"]));
    }

    #[test]
    fn a_file_that_was_taken_away_is_waited_for_no_longer() {
        let directory = tempfile::tempdir().expect("a directory");
        for damage in [None, Some("")] {
            let mut spill = Spill::open(directory.path(), 1_000);
            add(&mut spill, &["a"]);
            match damage {
                None => std::fs::remove_file(directory.path().join(FILE)).expect("removed"),
                Some(text) => std::fs::write(directory.path().join(FILE), text).expect("written"),
            }
            let (read, bytes) = spill.next(9).expect("read");
            assert!(read.is_empty());
            spill.took(bytes).expect("taken");
            assert_eq!(spill.waiting_bytes(), 0);
            assert_eq!(add(&mut spill, &["b"]), 1);
            assert_eq!(spill.next(9).expect("read").0, lines(&["b"]));
            spill.took(2).expect("taken");
        }
    }
}
