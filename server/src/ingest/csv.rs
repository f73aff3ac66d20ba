//! Tables with a header line: one event per row.

use std::io;

use csv::{ByteRecord, Reader, ReaderBuilder, Trim};

use super::bounds::Bounds;
use super::file::{FileItem, Format, ImportError, Input, Items};
use super::mapping::{Mapping, Row, is_field};
use super::refusal::{Code, Refusal};

/// Comma-separated values.
pub const FORMAT: Format = Format {
    name: "csv",
    extensions: &["csv"],
    begins_with: |byte| byte.is_ascii_alphanumeric() || byte == b'"' || byte == b'_',
    open,
};

/// Columns are read as the mapping says; a column that is called like a field needs no mapping.
fn open<'a>(input: Input<'a>, mapping: &Mapping, bounds: &Bounds) -> Result<Items<'a>, ImportError> {
    let mut reader = ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(input);
    let header = reader.byte_headers().map_err(into_io)?;
    let header: Vec<String> = header.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    let columns = columns(&header, mapping)?;
    let (width, set, max) = (header.len(), mapping.set.clone(), bounds.item_bytes);
    Ok(Box::new(Rows { reader, width, columns, set, max }))
}

/// The fields to read, and where each stands in a row.
fn columns(header: &[String], mapping: &Mapping) -> Result<Vec<(String, usize)>, ImportError> {
    let mut columns = Vec::new();
    for (field, column) in &mapping.columns {
        let place =
            header.iter().position(|name| name == column).ok_or_else(|| ImportError::MissingColumn {
                field: field.clone(),
                column: column.clone(),
                columns: header.join(", "),
            })?;
        columns.push((field.clone(), place));
    }
    for (place, name) in header.iter().enumerate() {
        if is_field(name) && !mapping.names(name) && !columns.iter().any(|(field, _)| field == name) {
            columns.push((name.clone(), place));
        }
    }
    if !mapping.names("model") && !columns.iter().any(|(field, _)| field == "model") {
        return Err(ImportError::NoModel { columns: header.join(", ") });
    }
    Ok(columns)
}

struct Rows<'a> {
    reader: Reader<Input<'a>>,
    width: usize,
    columns: Vec<(String, usize)>,
    set: Vec<(String, String)>,
    max: usize,
}

impl Iterator for Rows<'_> {
    type Item = io::Result<FileItem>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut row = ByteRecord::new();
        match self.reader.read_byte_record(&mut row) {
            Ok(false) => None,
            Ok(true) => {
                let line = row.position().map_or(0, csv::Position::line);
                Some(Ok(FileItem { line, json: self.item(&row) }))
            }
            Err(error) => Some(Err(into_io(error))),
        }
    }
}

impl Rows<'_> {
    /// The item a row says, in the names of the API. A cell that is empty says nothing.
    fn item(&self, row: &ByteRecord) -> Result<String, Refusal> {
        if row.len() != self.width {
            let message = format!(
                "the row has {} cells, but the header has {}; put quotes around text with commas",
                row.len(),
                self.width
            );
            return Err(Refusal::new(Code::InvalidRow, message));
        }
        let mut item = Row::default();
        for (field, text) in &self.set {
            item.put(field, text);
        }
        for (field, place) in &self.columns {
            let cell = row.get(*place).unwrap_or_default();
            let text = std::str::from_utf8(cell).map_err(|_| Refusal::not_utf8())?;
            if !text.is_empty() {
                item.put(field, text);
            }
        }
        let item = item.into_json();
        if item.len() > self.max { Err(Refusal::item_too_large(self.max)) } else { Ok(item) }
    }
}

fn into_io(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::new(io::ErrorKind::InvalidData, format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(map: &str, set: &str) -> Mapping {
        Mapping::parse(&[map.into()], &[set.into()]).unwrap()
    }

    fn items(file: &str, mapping: &Mapping) -> Vec<(u64, Result<String, &'static str>)> {
        let items = open(Box::new(file.as_bytes()), mapping, &Bounds::default()).unwrap();
        items
            .map(|item| item.unwrap())
            .map(|item| (item.line, item.json.map_err(|refusal| refusal.code.word())))
            .collect()
    }

    #[test]
    fn rows_become_items_in_the_names_of_the_api() {
        let file = "\u{feff}when , in,user,label.team,other\n\
            2023-11-16 18:17:03.9799600,12, u_1 ,\"a,\"\"b\"\"\",ignored\n\
            \n\
            then,many,,,\n\
            1,2\n";
        let mapping =
            mapping("at=when,input_tokens=in", "model=m,cache_write_1h_tokens=3,label.team=x,label.env=prod");
        let first = concat!(
            r#"{"at":1700158623979,"labels":{"env":"prod","team":"x"},"model":"m","#,
            r#""usage":{"cache_creation":{"ephemeral_1h_input_tokens":3},"input_tokens":12},"user":"u_1"}"#
        );
        let second = concat!(
            r#"{"at":"then","labels":{"env":"prod","team":"x"},"model":"m","#,
            r#""usage":{"cache_creation":{"ephemeral_1h_input_tokens":3},"input_tokens":"many"}}"#
        );
        let expected = [(2, Ok(first.to_owned())), (3, Ok(second.to_owned())), (5, Err("invalid_row"))];
        assert_eq!(items(file, &mapping), expected);
    }

    #[test]
    fn a_missing_column_is_named_beside_those_there_are() {
        let refused =
            |map, set| match open(Box::new(&b"a,b\n1,2\n"[..]), &mapping(map, set), &Bounds::default()) {
                Ok(_) => panic!("not refused"),
                Err(error) => error.to_string(),
            };
        assert_eq!(refused("at=c", "model=m"), "the file has no column `c` for `at`; it has: a, b");
        assert_eq!(
            refused("at=a", ""),
            "nothing says which model was used; give --map model=COLUMN or --set model=MODEL. \
             The file has the columns: a, b"
        );
    }
}
