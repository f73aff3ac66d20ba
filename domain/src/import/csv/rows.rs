//! The rows of a table as items, once it is known how to read them.

use std::io;

use serde_json::Value;
use vocabulary::wording;

use super::head::Head;
use super::numbers::{NotWhole, nearest, whole};
use super::records::{Broken, Record, Records};
use super::times::How;
use crate::import::file::{FileItem, FileText};
use crate::import::mapping::{FieldKind, GivenTime, Mapping, Row};
use crate::import::notation::Decimal;
use crate::read::bounds::Bounds;
use crate::read::refusal::{Code, Refusal};

/// Words that programs write where they know nothing. In text, fewer: `NA` may well be a name.
const UNKNOWN: [&str; 8] = ["nan", "none", "null", "nat", "<na>", "#n/a", "#n/a n/a", "\\n"];
const UNKNOWN_NUMBERS: [&str; 4] = ["na", "n/a", "-nan", "#na"];

/// A column that is read.
#[derive(Debug, Clone)]
pub(super) struct Column {
    /// The field it holds.
    pub field: String,
    /// What it is called.
    pub name: String,
    /// Which one it is, from 0.
    pub place: usize,
    /// What its cells are.
    pub kind: FieldKind,
}

/// The text of a cell; nothing when it says nothing, or is no text.
pub(super) fn cell<'a>(record: &'a Record, column: &Column) -> Option<&'a str> {
    let text = std::str::from_utf8(record.cell(column.place)).ok()?.trim();
    let says_nothing = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    let unknown = text.is_empty()
        || says_nothing(&UNKNOWN)
        || column.kind != FieldKind::Text && says_nothing(&UNKNOWN_NUMBERS);
    (!unknown).then_some(text)
}

/// Which cells of a row are kept, one answer per column.
pub(super) fn wanted(head: &Head, columns: &[Column]) -> Vec<bool> {
    (0..head.names.len()).map(|place| columns.iter().any(|column| column.place == place)).collect()
}

/// How the rows of a table are read.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    head: Head,
    columns: Vec<Column>,
    mapping: Mapping,
    how: How,
    decimal: Decimal,
    max: usize,
}

impl Rows {
    pub fn new(
        head: Head,
        columns: Vec<Column>,
        mapping: Mapping,
        how: How,
        decimal: Decimal,
        bounds: &Bounds,
    ) -> Self {
        Rows { head, columns, mapping, how, decimal, max: bounds.item_bytes }
    }

    /// The items of a file that is opened.
    pub fn of(self, input: FileText) -> io::Result<impl Iterator<Item = io::Result<FileItem>> + Send> {
        let wanted = wanted(&self.head, &self.columns);
        let mut records: Records<FileText> = self.head.rows(input)?;
        let mut record = Record::default();
        Ok(std::iter::from_fn(move || {
            loop {
                match records.read(&mut record, &wanted) {
                    Ok(false) => return None,
                    // Spreadsheets leave rows of nothing but delimiters at the end.
                    Ok(true) if record.filled == 0 => {}
                    Ok(true) => return Some(Ok(FileItem { line: record.line, json: self.item(&record) })),
                    Err(Broken::Read(error)) => return Some(Err(error)),
                    Err(Broken::Quotes(damage)) => {
                        let message = format!("a quote opens on line {} and does not close", damage.opened);
                        return Some(Err(io::Error::new(io::ErrorKind::InvalidData, message)));
                    }
                }
            }
        }))
    }

    /// The item a row says, in the names of the API. A cell that is empty says nothing.
    fn item(&self, record: &Record) -> Result<String, Refusal> {
        if record.filled > self.head.names.len() || record.width < self.head.width() {
            let message = format!(
                "the row has {} cells, but the head has {}; put quotes around text that holds {}",
                record.width,
                self.head.names.len(),
                self.head.delimiter.word()
            );
            return Err(Refusal::new(Code::InvalidRow, message));
        }
        if record.too_large {
            return Err(Refusal::item_too_large(self.max));
        }
        let mut item = Row::default();
        if let Some(GivenTime::At(at_ms)) = self.mapping.at {
            item.put("at", at_ms.into());
        }
        for (field, value) in &self.mapping.set {
            item.put(field, value.clone());
        }
        for column in &self.columns {
            std::str::from_utf8(record.cell(column.place)).map_err(|_| Refusal::not_utf8())?;
            if let Some(text) = cell(record, column) {
                item.put(&column.field, self.value(column, text)?);
            }
        }
        let item = item.into_json();
        if item.len() > self.max { Err(Refusal::item_too_large(self.max)) } else { Ok(item) }
    }

    fn value(&self, column: &Column, text: &str) -> Result<Value, Refusal> {
        let refuse = |code, problem: &str| {
            let Column { field, name, .. } = column;
            let place =
                if name == field { String::new() } else { format!(" (column `{}`)", wording::name(name)) };
            Refusal::new(code, format!("`{field}`{place} {problem}"))
        };
        if text.contains(['\n', '\r']) {
            let problem = "goes over several lines; close a quote that is open, or take the line breaks out";
            return Err(refuse(Code::InvalidRow, problem));
        }
        match column.kind {
            FieldKind::Text => Ok(text.into()),
            FieldKind::Duration if let Some(nearest) = nearest(text, self.decimal) => Ok(nearest.into()),
            FieldKind::Number | FieldKind::Duration => whole(text, self.decimal).map(Value::from).map_err(|not| {
                let problem = match not {
                    NotWhole::Fraction => format!("has a fraction behind its {}", self.decimal.word()),
                    NotWhole::NoNumber => "is no number in figures without sign and exponent".to_owned(),
                };
                let problem = format!("{problem}; it must be a whole number, and an empty cell when it is unknown");
                refuse(Code::InvalidNumber, &problem)
            }),
            FieldKind::Time => self.how.read(text).map(Value::from).ok_or_else(|| {
                let has_exponent = text.contains(['e', 'E']) && text.parse::<f64>().is_ok();
                refuse(
                    Code::InvalidTime,
                    if has_exponent {
                        "is a number with an exponent, which has lost its last digits; write the column as whole numbers, or as 2026-11-20T10:00:00Z"
                    } else {
                        "is no time that can be read for sure; write it as 2026-11-20T10:00:00Z, with an offset instead of a zone's letters, or say how it is written with --time-format"
                    },
                )
            }),
        }
    }
}
