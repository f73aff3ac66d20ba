//! JSON lines: one event per line, of any number.

use std::io::{self, BufRead, Read};

use super::file::{FileItem, FileOptions, FileText, Format, ImportError, Items, Reopen, Survey};
use super::mapping::{GivenTime, Mapping};
use crate::read::bounds::Bounds;
use crate::read::refusal::Refusal;
use crate::read::scan;

/// JSON lines.
pub const FORMAT: Format = Format {
    name: "ndjson",
    extensions: &["ndjson", "jsonl", "json"],
    begins_with: |byte| byte == b'{',
    survey,
};

/// Lines need no look ahead: what they leave open is refused line by line.
fn survey(_: &Reopen, told: &FileOptions, bounds: &Bounds) -> Result<Survey, ImportError> {
    let FileOptions { mapping: Mapping { columns, set, at }, delimiter, decimal, time_format, .. } = told;
    if !columns.is_empty()
        || !set.is_empty()
        || delimiter.is_some()
        || decimal.is_some()
        || time_format.is_some()
    {
        return Err(ImportError::MappingNotTaken);
    }
    let max = bounds.item_bytes;
    let given_ms = match at {
        Some(GivenTime::At(at_ms)) => Some(*at_ms),
        Some(GivenTime::Now) | None => None,
    };
    let items = move |input| Ok(lines(input, max, given_ms));
    Ok(Survey { notes: Vec::new(), items: Box::new(items) })
}

/// The items of a file of lines, each of at most `max` bytes. Those that give no time have the `given_ms`, if any.
pub fn lines(input: FileText, max: usize, given_ms: Option<i64>) -> Items {
    Box::new(Lines { input, line: 0, max, given_ms })
}

/// The lines of a file. Holds one line of at most `max` bytes at a time, however long lines are.
struct Lines<R> {
    input: R,
    line: u64,
    max: usize,
    /// The time of lines that give none.
    given_ms: Option<i64>,
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<FileItem>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.read_line() {
                Ok(None) => return None,
                Ok(Some(Ok(text))) if text.is_empty() => {}
                Ok(Some(json)) => {
                    let json = json.map(|json| with_time(json, self.given_ms));
                    return Some(Ok(FileItem { line: self.line, json }));
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl<R: BufRead> Lines<R> {
    /// The next line; nothing at the end of the file.
    fn read_line(&mut self) -> io::Result<Option<Result<String, Refusal>>> {
        let mut bytes = Vec::new();
        // Room for the line's end, and for one byte that shows that the line goes on.
        let limit = u64::try_from(self.max).unwrap_or(u64::MAX).saturating_add(3);
        if self.input.by_ref().take(limit).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
        self.line += 1;
        if !bytes.ends_with(b"\n") {
            self.input.skip_until(b'\n')?;
        }
        let line = bytes.trim_ascii();
        if line.len() > self.max {
            return Ok(Some(Err(Refusal::item_too_large(self.max))));
        }
        Ok(Some(std::str::from_utf8(line).map(str::to_owned).map_err(|_| Refusal::not_utf8())))
    }
}

/// The item with the time it is given, if it gives none itself.
fn with_time(json: String, given_ms: Option<i64>) -> String {
    let Some(at_ms) = given_ms else { return json };
    // What is no object is refused by the reader of items.
    let Ok(members) = scan::members(&json, usize::MAX) else { return json };
    if members.iter().any(|(name, value)| *name == AT && *value != "null") {
        return json;
    }
    let others =
        members.iter().filter(|(name, _)| *name != AT).map(|(name, value)| format!(",{name}:{value}"));
    format!("{{{AT}:{at_ms}{}}}", others.collect::<String>())
}

const AT: &str = "\"at\"";

#[cfg(test)]
mod tests {
    use super::*;

    fn survey_as(told: &FileOptions, max: usize) -> Result<Survey, ImportError> {
        let bounds = Bounds { item_bytes: max, ..Bounds::default() };
        survey(&|| Ok(Box::new(io::empty())), told, &bounds)
    }

    fn items_as(file: &[u8], told: &FileOptions, max: usize) -> Vec<(u64, Result<String, &'static str>)> {
        let items = (survey_as(told, max).unwrap().items)(Box::new(io::Cursor::new(file.to_vec()))).unwrap();
        items
            .map(|item| item.unwrap())
            .map(|item| (item.line, item.json.map_err(|refusal| refusal.code.word())))
            .collect()
    }

    fn items(file: &[u8], max: usize) -> Vec<(u64, Result<String, &'static str>)> {
        items_as(file, &FileOptions::default(), max)
    }

    #[test]
    fn every_line_is_an_item() {
        let file = b"{\"a\":1}\r\n\n  \n{\"a\":\"\xff\"}\n {\"b\":2}";
        let expected =
            [(1, Ok("{\"a\":1}".into())), (4, Err("invalid_unicode")), (5, Ok("{\"b\":2}".into()))];
        assert_eq!(items(file, 100), expected);
        assert_eq!(items(b"", 100), []);
    }

    #[test]
    fn a_line_too_long_is_passed_over() {
        for end in ["", "\n", "\r\n"] {
            for (length, fits) in
                [(9, true), (10, true), (11, false), (12, false), (13, false), (10_000, false)]
            {
                let file = format!("{}{end}{{}}", "x".repeat(length));
                let found = items(file.as_bytes(), 10);
                if end.is_empty() {
                    assert_eq!(found.len(), 1);
                } else {
                    assert_eq!(found[0].1.is_ok(), fits, "{length} and {end:?}");
                    assert_eq!(found[1], (2, Ok("{}".into())), "{length} and {end:?}");
                }
            }
        }
    }

    #[test]
    fn columns_are_not_taken() {
        let told = |set: &str| FileOptions {
            mapping: Mapping::parse(&[], &[set.into()]).unwrap(),
            ..FileOptions::default()
        };
        assert!(matches!(survey_as(&told("model=m"), 100), Err(ImportError::MappingNotTaken)));
        let delimiter = FileOptions { delimiter: Some(";".parse().unwrap()), ..FileOptions::default() };
        assert!(matches!(survey_as(&delimiter, 100), Err(ImportError::MappingNotTaken)));
        assert!(survey_as(&told("at=now"), 100).is_ok());
    }

    #[test]
    fn lines_without_a_time_get_the_one_that_is_set() {
        let told = FileOptions {
            mapping: Mapping::parse(&[], &["at=2026-11-20".into()]).unwrap(),
            ..FileOptions::default()
        };
        let file = b"{\"model\":\"m\"}\n{\"at\": 1, \"b\":2}\n{\"a\":[1, 2],\"at\":null}\n{}\n[]\n";
        let expected = [
            r#"{"at":1795132800000,"model":"m"}"#,
            r#"{"at": 1, "b":2}"#,
            r#"{"at":1795132800000,"a":[1, 2]}"#,
            r#"{"at":1795132800000}"#,
            "[]",
        ];
        let items: Vec<_> = items_as(file, &told, 100).into_iter().map(|(_, item)| item.unwrap()).collect();
        assert_eq!(items, expected);
    }
}
