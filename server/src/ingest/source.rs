//! Where the text of an import comes from: a file that can be read more than once, as UTF-8.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::file::Input;
use super::utf16::{Endian, Utf16};

/// A file, or what came through a pipe, kept in a temporary file until it is imported.
#[derive(Debug)]
pub struct Source {
    path: PathBuf,
    /// Its file is removed together with this.
    _kept: Option<NamedTempFile>,
}

impl Source {
    /// The file at `path`; with `-`, the standard input.
    pub fn new(path: &Path) -> io::Result<Self> {
        let stdin = path == Path::new("-");
        if !stdin && std::fs::metadata(path)?.is_file() {
            return Ok(Source { path: path.to_owned(), _kept: None });
        }
        let mut kept = NamedTempFile::new()?;
        if stdin {
            io::copy(&mut io::stdin().lock(), &mut kept)?;
        } else {
            io::copy(&mut File::open(path)?, &mut kept)?;
        }
        Ok(Source { path: kept.path().to_owned(), _kept: Some(kept) })
    }

    /// How long it is.
    pub fn bytes(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |metadata| metadata.len())
    }

    /// Opens it from its start.
    pub fn open(&self) -> io::Result<File> {
        File::open(&self.path)
    }
}

/// The text of a file as UTF-8, without the mark at its start that says how it is encoded. Spreadsheets save
/// "Unicode text" as UTF-16.
pub fn text(mut file: impl Read + Send + 'static) -> io::Result<Input> {
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
