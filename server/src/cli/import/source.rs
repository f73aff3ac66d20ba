//! Where the text of an import comes from: a file that can be read more than once, as UTF-8.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::import::file::FileText;

use super::utf16::{Endian, Utf16};

/// A file, or what came through a pipe, kept in a temporary file until it is imported.
#[derive(Debug)]
pub struct ImportSource {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Path(PathBuf),
    /// It has no name, so that nothing is left of it however the program ends.
    Kept(Arc<File>),
}

/// What is kept, read from its start: others may read it elsewhere at the same time.
#[derive(Debug)]
struct FromStart {
    file: Arc<File>,
    at: u64,
}

impl Read for FromStart {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(buffer, self.at)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl ImportSource {
    /// The file at `path`; with `-`, the standard input.
    pub fn new(path: &Path) -> io::Result<Self> {
        let stdin = path == Path::new("-");
        if !stdin && std::fs::metadata(path)?.is_file() {
            return Ok(ImportSource { kind: Kind::Path(path.to_owned()) });
        }
        let mut kept = tempfile::tempfile()?;
        if stdin {
            io::copy(&mut io::stdin().lock(), &mut kept)?;
        } else {
            io::copy(&mut File::open(path)?, &mut kept)?;
        }
        Ok(ImportSource { kind: Kind::Kept(Arc::new(kept)) })
    }

    /// How long it is.
    pub fn bytes(&self) -> u64 {
        let metadata = match &self.kind {
            Kind::Path(path) => std::fs::metadata(path),
            Kind::Kept(file) => file.metadata(),
        };
        metadata.map_or(0, |metadata| metadata.len())
    }

    /// Opens it from its start.
    pub fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(match &self.kind {
            Kind::Path(path) => Box::new(File::open(path)?),
            Kind::Kept(file) => Box::new(FromStart { file: file.clone(), at: 0 }),
        })
    }
}

/// The text of a file as UTF-8, without the mark at its start that says how it is encoded. Spreadsheets save
/// "Unicode text" as UTF-16.
pub fn text(mut file: impl Read + Send + 'static) -> io::Result<FileText> {
    let mut start = Vec::new();
    (&mut file).take(3).read_to_end(&mut start)?;
    let (skipped, endian) = match start[..] {
        [0xef, 0xbb, 0xbf] => (3, None),
        [0xff, 0xfe, ..] => (2, Some(Endian::Little)),
        [0xfe, 0xff, ..] => (2, Some(Endian::Big)),
        _ => (0, None),
    };
    let rest = Cursor::new(start.split_off(skipped)).chain(BufReader::new(file));
    Ok(match endian {
        Some(endian) => Box::new(BufReader::new(Utf16::new(rest, endian))) as Box<dyn BufRead + Send>,
        None => Box::new(rest),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<u8> {
        let mut read = Vec::new();
        text(Cursor::new(bytes.to_vec())).unwrap().read_to_end(&mut read).unwrap();
        read
    }

    #[test]
    fn text_is_utf_8_however_it_is_encoded() {
        let text = "at\tmodel\r\né\t😀";
        let little: Vec<u8> =
            "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> =
            "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        for bytes in [text.as_bytes().to_vec(), format!("\u{feff}{text}").into_bytes(), little, big] {
            assert_eq!(String::from_utf8(read(&bytes)).unwrap(), text, "{bytes:?}");
        }
        assert_eq!((read(b""), read(b"a"), read(b"\xff\xfe")), (b"".to_vec(), b"a".to_vec(), b"".to_vec()));
    }
}
