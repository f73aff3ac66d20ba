//! The head of a table: what separates its columns, and what they are called.

use std::io::{self, Read};

use vocabulary::wording;

use super::records::{MOST_CELLS, Record, Records};
use crate::import::file::{FileText, ImportError};
use crate::import::mapping::{Mapping, is_field};
use crate::import::notation::Delimiter;

/// Bytes in which the head has to end.
const HEAD_BYTES: u64 = 1 << 18;
/// Columns that a sentence names.
pub(super) const MOST_LISTED: usize = 40;

/// Before the number of a column that has no name.
const NUMBERED: &str = "column ";

/// Characters of a name in a list of many.
const LONGEST_LISTED: usize = 128;

/// Delimiters that are looked for. Between two that fit alike the first is taken, where it makes no difference.
const DELIMITERS: [Delimiter; 4] = [Delimiter(b','), Delimiter(b';'), Delimiter(b'\t'), Delimiter(b'|')];

/// The head of a table.
#[derive(Debug, Clone)]
pub(super) struct Head {
    /// What separates the columns.
    pub delimiter: Delimiter,
    /// What the columns are called, in their order.
    pub names: Vec<String>,
    /// Bytes before the head: the line `sep=;` that spreadsheets write.
    skipped: usize,
}

impl Head {
    /// Reads the head of a table. `told` is what separates its columns, if that was said.
    pub fn read(input: FileText, told: Option<Delimiter>, mapping: &Mapping) -> Result<Self, ImportError> {
        let mut start = Vec::new();
        input.take(HEAD_BYTES).read_to_end(&mut start)?;
        let is_cut = start.len() as u64 == HEAD_BYTES;
        let (said, skipped) = sep_line(&start);
        let names = |delimiter| names(&start[skipped..], delimiter, is_cut);
        let head = |delimiter, names| Head { delimiter, names, skipped };
        if let Some(delimiter) = told.or(said) {
            return Ok(head(delimiter, names(delimiter)?));
        }
        // With the wrong delimiter, sound quotes look damaged, and damaged ones may look like text.
        let (heads, damaged): (Vec<_>, Vec<_>) = DELIMITERS
            .into_iter()
            .map(|delimiter| Ok((delimiter, names(delimiter)?)))
            .partition(Result::is_ok);
        let heads: Vec<_> = heads.into_iter().flatten().collect();
        // A delimiter is the right one if names that were asked for come out.
        let known =
            |names: &[String]| names.iter().filter(|name| is_field(name) || mapping.reads(name)).count();
        let fits = |names: &[String]| (known(names), if known(names) == 0 { names.len() } else { 0 });
        let best = heads.iter().map(|(_, names)| fits(names)).max();
        let mut fitting = heads.iter().filter(|(_, names)| Some(fits(names)) == best);
        let one_column = best.is_none_or(|best| best <= (0, 1));
        if let Some(error) = damaged.into_iter().find_map(Result::err).filter(|_| one_column) {
            return Err(error);
        }
        match (fitting.next(), fitting.next()) {
            (None, _) => Err(ImportError::EmptyTable),
            (Some((one, names)), Some((other, split))) if known(names) > 0 && names != split => {
                Err(ImportError::AmbiguousDelimiter { one: one.word(), other: other.word() })
            }
            (Some((delimiter, names)), _) => Ok(head(*delimiter, names.clone())),
        }
    }

    /// The rows below the head.
    pub fn rows(&self, mut input: FileText) -> io::Result<Records<FileText>> {
        io::copy(&mut input.by_ref().take(self.skipped as u64), &mut io::sink())?;
        let mut records = Records::new(input, self.delimiter.0, if self.skipped > 0 { 2 } else { 1 });
        // It was read before.
        let _ = records.read(&mut Record::default(), &[false]);
        Ok(records)
    }

    /// The names of the columns as a list, for a refusal.
    pub fn listed(&self) -> String {
        let called: Vec<String> = (0..self.names.len()).map(|place| self.called(place)).collect();
        list(called.iter())
    }

    /// What a column is called; one without a name by its number, as programs leave the index of a table.
    pub fn called(&self, place: usize) -> String {
        match self.names.get(place) {
            Some(name) if !name.is_empty() => name.clone(),
            _ => format!("{NUMBERED}{}", place + 1),
        }
    }

    /// The column without a name that is called by its number.
    fn numbered(&self, column: &str) -> Option<usize> {
        let place = column.strip_prefix(NUMBERED)?.parse::<usize>().ok()?.checked_sub(1)?;
        self.names.get(place).is_some_and(String::is_empty).then_some(place)
    }

    /// The place of a column that must be there once.
    pub fn place(&self, field: &str, column: &str) -> Result<usize, ImportError> {
        let places: Vec<_> = self
            .names
            .iter()
            .enumerate()
            .filter(|(_, name)| *name == column)
            .map(|(place, _)| place)
            .collect();
        match places[..] {
            [place] => Ok(place),
            [] if let Some(place) = self.numbered(column) => Ok(place),
            [] => Err(ImportError::MissingColumn {
                field: field.to_owned(),
                column: wording::name(column),
                columns: self.listed(),
            }),
            [first, second, ..] => Err(ImportError::DoubledColumn {
                field: field.to_owned(),
                column: wording::name(column),
                first: first + 1,
                second: second + 1,
            }),
        }
    }

    /// How many cells a row has at least: the last columns may have no name.
    pub fn width(&self) -> usize {
        self.names.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1)
    }
}

/// Names of columns as people read them, one after the other; of many the first.
pub(super) fn list<'a>(names: impl Iterator<Item = &'a String> + Clone) -> String {
    let more = names.clone().count().saturating_sub(MOST_LISTED);
    let shown = |name: &String| match name.char_indices().nth(LONGEST_LISTED) {
        Some((end, _)) => wording::name(&name[..end]) + "…",
        None => wording::name(name),
    };
    let named: Vec<String> = names.take(MOST_LISTED).map(shown).collect();
    let named = named.join(", ");
    if more > 0 { format!("{named}, and {more} more columns") } else { named }
}

/// What separates the columns as the first line says it, and how many bytes that line has.
fn sep_line(start: &[u8]) -> (Option<Delimiter>, usize) {
    let end = start.iter().take(16).position(|byte| *byte == b'\n').map_or(0, |place| place + 1);
    let line = String::from_utf8_lossy(&start[..end]).trim_end_matches(['\r', '\n']).replace('"', "");
    let said = line.to_ascii_lowercase().strip_prefix("sep=").and_then(|said| said.parse().ok());
    (said, if said.is_some() { end } else { 0 })
}

/// The names in `start`, which `is_cut` where the file goes on behind it.
fn names(start: &[u8], delimiter: Delimiter, is_cut: bool) -> Result<Vec<String>, ImportError> {
    let mut head = Record::default();
    let mut rest = start;
    let read = Records::new(&mut rest, delimiter.0, 1).read(&mut head, &[]);
    if head.too_large || (is_cut && rest.is_empty()) {
        return Err(ImportError::HeadTooLarge { bytes: HEAD_BYTES, cells: MOST_CELLS });
    }
    match read {
        Ok(true) => {
            let name = |place| String::from_utf8_lossy(head.cell(place)).trim().to_owned();
            Ok((0..head.width).map(name).collect())
        }
        Ok(false) => Err(ImportError::EmptyTable),
        Err(broken) => Err(broken.into()),
    }
}
