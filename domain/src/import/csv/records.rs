//! Cutting a table into rows and cells, strictly about quotes.
//!
//! Readers of CSV commonly forgive everything: a quote that is never closed makes the rest of the file one cell,
//! and rows are gone without a word. Here that is damage, and has a line. Cells that nobody reads are not kept, so
//! that a column of prompts costs no memory.

use std::io::{self, BufRead};

/// Bytes that are kept of one row, at most. What is read of a row are names and numbers.
const MOST_KEPT_BYTES: usize = 1 << 20;
/// Cells of one row that are told apart, at most.
pub(super) const MOST_CELLS: usize = 1 << 14;

/// The rows of a table, one at a time.
pub(super) struct Records<R> {
    input: R,
    delimiter: u8,
    /// The line the next byte is on, from 1.
    line: u64,
    /// The last byte was a carriage return: a line feed after it ends the same line.
    after_cr: bool,
}

/// One row.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// The line it begins on, from 1.
    pub line: u64,
    /// How many cells it has.
    pub width: usize,
    /// Up to which cell there is something in them: 0 when all are blank.
    pub filled: usize,
    /// More than is kept of a row.
    pub too_large: bool,
    text: Vec<u8>,
    /// Where each cell ends in `text`.
    ends: Vec<usize>,
}

/// Quotes that do not say where their cell ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Damage {
    /// The line on which the quote opens.
    pub opened: u64,
    /// The line on which it closes with more text behind it; nothing when it never closes.
    pub closed: Option<u64>,
}

/// Why there is no next row.
#[derive(Debug)]
pub(super) enum Broken {
    Quotes(Damage),
    Read(io::Error),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the first byte of a cell that is not a blank.
    Start,
    Plain,
    Quoted,
    /// Right behind a quote: another one is a quote in the text.
    Closing,
    /// Behind the closing quote and a blank.
    Closed,
}

impl Record {
    /// The text of a cell without the blanks around it; empty when the row has no such cell.
    pub fn cell(&self, place: usize) -> &[u8] {
        let Some(end) = self.ends.get(place) else { return &[] };
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text[start..*end].trim_ascii()
    }

    fn clear(&mut self, line: u64) {
        *self = Record {
            line,
            text: std::mem::take(&mut self.text),
            ends: std::mem::take(&mut self.ends),
            ..Record::default()
        };
        self.text.clear();
        self.ends.clear();
    }

    fn keep(&mut self, byte: u8, wanted: &[bool]) {
        if !byte.is_ascii_whitespace() {
            self.filled = self.width + 1;
        }
        if !wanted.is_empty() && !wanted.get(self.width).is_some_and(|wanted| *wanted) {
            return;
        }
        if self.text.len() < MOST_KEPT_BYTES {
            self.text.push(byte);
        } else {
            self.too_large = true;
        }
    }

    /// Forgets the blanks before a quote.
    fn restart_cell(&mut self) {
        self.text.truncate(self.ends.last().copied().unwrap_or(0));
    }

    fn end_cell(&mut self) {
        if self.width < MOST_CELLS {
            self.ends.push(self.text.len());
        } else {
            self.too_large = true;
        }
        self.width += 1;
    }
}

impl<R: BufRead> Records<R> {
    /// The rows of `input`, whose first line is number `line` of its file.
    pub fn new(input: R, delimiter: u8, line: u64) -> Self {
        Records { input, delimiter, line, after_cr: false }
    }

    /// Reads the next row that is not an empty line; false at the end. Of the cells those that are `wanted` are
    /// kept; all of them when it is empty.
    pub fn read(&mut self, record: &mut Record, wanted: &[bool]) -> Result<bool, Broken> {
        record.clear(self.line);
        let mut place = Place::Start;
        let mut opened = self.line;
        loop {
            let buffer = self.input.fill_buf().map_err(Broken::Read)?;
            if buffer.is_empty() {
                return match place {
                    Place::Quoted => Err(Broken::Quotes(Damage { opened, closed: None })),
                    Place::Start if record.width == 0 => Ok(false),
                    _ => {
                        record.end_cell();
                        Ok(true)
                    }
                };
            }
            let (mut used, mut ended) = (0, false);
            for &byte in buffer {
                used += 1;
                let line_feed_of_cr = byte == b'\n' && self.after_cr;
                self.after_cr = byte == b'\r';
                let ends_line = matches!(byte, b'\n' | b'\r');
                if ends_line && !line_feed_of_cr {
                    self.line += 1;
                }
                match (place, byte) {
                    (Place::Quoted, b'"') => place = Place::Closing,
                    (Place::Quoted, _) => record.keep(byte, wanted),
                    (Place::Closing, b'"') => {
                        record.keep(byte, wanted);
                        place = Place::Quoted;
                    }
                    // The rest of an end of line whose row is over.
                    _ if line_feed_of_cr && record.width == 0 && place == Place::Start => {
                        record.clear(self.line);
                    }
                    _ if byte == self.delimiter => {
                        record.end_cell();
                        place = Place::Start;
                    }
                    (Place::Start, _) if ends_line && record.width == 0 => record.clear(self.line),
                    _ if ends_line => {
                        record.end_cell();
                        ended = true;
                        break;
                    }
                    (Place::Start, b'"') => {
                        record.restart_cell();
                        opened = self.line;
                        place = Place::Quoted;
                    }
                    (Place::Closing | Place::Closed, b' ' | b'\t') => place = Place::Closed,
                    (Place::Closing | Place::Closed, _) => {
                        return Err(Broken::Quotes(Damage { opened, closed: Some(self.line) }));
                    }
                    (Place::Start, b' ' | b'\t') => record.keep(byte, wanted),
                    _ => {
                        record.keep(byte, wanted);
                        place = Place::Plain;
                    }
                }
            }
            self.input.consume(used);
            if ended {
                return Ok(true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, delimiter: u8) -> Result<Vec<(u64, Vec<String>)>, Damage> {
        // A buffer of few bytes, so that rows go over its ends.
        let mut records = Records::new(io::BufReader::with_capacity(3, text.as_bytes()), delimiter, 1);
        let (mut record, mut rows) = (Record::default(), Vec::new());
        loop {
            match records.read(&mut record, &[]) {
                Ok(true) => {
                    let cell = |place| String::from_utf8(record.cell(place).to_vec()).unwrap();
                    rows.push((record.line, (0..record.width).map(cell).collect()));
                }
                Ok(false) => return Ok(rows),
                Err(Broken::Quotes(damage)) => return Err(damage),
                Err(Broken::Read(error)) => panic!("{error}"),
            }
        }
    }

    #[test]
    fn rows_have_the_lines_they_begin_on() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["a,b", "", "1,\"x", "y\"", " , \"p \"\"q\"\"\" ,z", "5\" disk,", ""].join(end);
            let row = |line, cells: &[&str]| (line, cells.iter().map(|cell| (*cell).to_owned()).collect());
            let expected = [
                row(1, &["a", "b"]),
                row(3, &["1", &format!("x{end}y")]),
                row(5, &["", "p \"q\"", "z"]),
                row(6, &["5\" disk", ""]),
            ];
            assert_eq!(rows(&text, b',').unwrap(), expected, "{end:?}");
        }
        assert_eq!(rows("a\t b\tc", b'\t').unwrap(), [(1, vec!["a".into(), "b".into(), "c".into()])]);
        assert_eq!(rows("\n\n", b',').unwrap(), []);
    }

    #[test]
    fn quotes_that_swallow_rows_have_the_line_on_which_they_open() {
        let open = Damage { opened: 2, closed: None };
        assert_eq!(rows("a,b\n1,\"open\n2,b\n3,c\n", b','), Err(open));
        assert_eq!(rows("a,b\n1,\"", b','), Err(open));
        // The next quote opens a cell of its own: what lies between is not one cell.
        assert_eq!(rows("a,b\n1,\"open\n2,\"b\"\n3,c\n", b','), Err(Damage { opened: 2, closed: Some(3) }));
        assert_eq!(rows("a,b\n1,\"he said \\\"hi\\\"\"\n", b','), Err(Damage { opened: 2, closed: Some(2) }));
        assert!(rows("a,b\n1,\"closed\"", b',').is_ok());
    }

    #[test]
    fn what_nobody_reads_is_not_kept() {
        let text = format!("1,\"{}\",2\n", "x".repeat(3 * MOST_KEPT_BYTES));
        let mut record = Record::default();
        let mut read = |wanted: &[bool]| {
            assert!(Records::new(text.as_bytes(), b',', 1).read(&mut record, wanted).unwrap());
            (record.cell(2).to_vec(), record.text.len(), record.too_large, record.filled)
        };
        assert_eq!(read(&[true, false, true]), (b"2".to_vec(), 2, false, 3));
        assert_eq!(read(&[]), (Vec::new(), MOST_KEPT_BYTES, true, 3));
    }
}
