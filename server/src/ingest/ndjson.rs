//! JSON lines: one event per line, of any number.

use std::io::{self, BufRead, Read};

use super::bounds::Bounds;
use super::file::{FileItem, Format, ImportError, Input, Items};
use super::mapping::Mapping;
use super::refusal::Refusal;

/// JSON lines.
pub const FORMAT: Format = Format {
    name: "ndjson",
    extensions: &["ndjson", "jsonl", "json"],
    begins_with: |byte| byte == b'{',
    open,
};

fn open<'a>(input: Input<'a>, mapping: &Mapping, bounds: &Bounds) -> Result<Items<'a>, ImportError> {
    if !mapping.is_empty() {
        return Err(ImportError::MappingNotTaken);
    }
    Ok(Box::new(Lines { input, line: 0, max: bounds.item_bytes }))
}

/// The lines of a file. Holds one line of at most `max` bytes at a time, however long lines are.
struct Lines<R> {
    input: R,
    line: u64,
    max: usize,
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<FileItem>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.read_line() {
                Ok(None) => return None,
                Ok(Some(Ok(text))) if text.is_empty() => {}
                Ok(Some(json)) => return Some(Ok(FileItem { line: self.line, json })),
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
        let start = if self.line == 1 { bytes.strip_prefix(b"\xef\xbb\xbf") } else { None };
        let line = start.unwrap_or(&bytes).trim_ascii();
        if line.len() > self.max {
            return Ok(Some(Err(Refusal::item_too_large(self.max))));
        }
        Ok(Some(std::str::from_utf8(line).map(str::to_owned).map_err(|_| Refusal::not_utf8())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(file: &[u8], max: usize) -> Vec<(u64, Result<String, &'static str>)> {
        let bounds = Bounds { item_bytes: max, ..Bounds::default() };
        let items = open(Box::new(file), &Mapping::default(), &bounds).unwrap();
        items
            .map(|item| item.unwrap())
            .map(|item| (item.line, item.json.map_err(|refusal| refusal.code.word())))
            .collect()
    }

    #[test]
    fn every_line_is_an_item() {
        let file = b"\xef\xbb\xbf{\"a\":1}\r\n\n  \n{\"a\":\"\xff\"}\n {\"b\":2}";
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
        let mapping = Mapping::parse(&[], &["model=m".into()]).unwrap();
        let refused = open(Box::new(&b"{}"[..]), &mapping, &Bounds::default());
        assert!(matches!(refused, Err(ImportError::MappingNotTaken)));
    }
}
