//! Files for `tacho import`: which format one has, and what its items are.

use std::collections::HashMap;
use std::io::{self, BufRead};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::FORMATS;
use super::mapping::Mapping;
use super::notation::{Decimal, Delimiter};
use super::time_format::TimeFormat;
use crate::read::bounds::Bounds;
use crate::read::context::Context;
use crate::read::event::{ReadItem, read};
use crate::read::refusal::{Code, Refusal};

/// A format of files that `tacho import` reads.
pub struct Format {
    /// What `--format` calls it.
    pub name: &'static str,
    /// How its files end, without the dot.
    pub extensions: &'static [&'static str],
    /// Whether a file may begin with this byte, blanks left out.
    pub begins_with: fn(u8) -> bool,
    /// Looks through a file that has this format, before anything of it is stored.
    pub survey: fn(&Reopen, &FileOptions, &Bounds) -> Result<Survey, ImportError>,
}

/// What the command line says about a file. What it leaves open is found in the file, or asked for.
#[derive(Debug, Clone, Default)]
pub struct FileOptions {
    /// Which column is which field.
    pub mapping: Mapping,
    /// What separates columns.
    pub delimiter: Option<Delimiter>,
    /// What begins a fraction.
    pub decimal: Option<Decimal>,
    pub time_format: Option<TimeFormat>,
    /// Now, Unix milliseconds.
    pub now_ms: i64,
}

/// What a file turned out to be.
pub struct Survey {
    /// What was found and what was taken for granted, a sentence each, for people to check.
    pub notes: Vec<String>,
    /// Makes the items of the file, opened anew.
    pub items: Box<dyn Fn(FileText) -> io::Result<Items>>,
}

/// Opens the file from its start.
pub type Reopen<'a> = dyn Fn() -> io::Result<FileText> + 'a;

/// What a format reads from: UTF-8.
pub type FileText = Box<dyn BufRead + Send>;

/// The items of a file, in order and one at a time. An error ends them: the file itself cannot be read.
pub type Items = Box<dyn Iterator<Item = io::Result<FileItem>> + Send>;

/// One item of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileItem {
    /// The line it begins on, from 1.
    pub line: u64,
    /// The item as JSON, or why it has none.
    pub json: Result<String, Refusal>,
}

/// Why a file is not imported at all.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// No format has this name.
    #[error("`{name}` is no format; there are: auto, {}", names())]
    UnknownFormat {
        /// The name given.
        name: String,
    },
    /// Neither its name nor its first byte say what the file is.
    #[error(
        "the file is neither JSON lines nor CSV; say which with --format, and turn a JSON array into lines with `jq -c '.[]'`"
    )]
    Unrecognised,
    #[error("the file is {what}; {remedy}")]
    NoText {
        what: &'static str,
        /// What makes text of it.
        remedy: &'static str,
    },
    /// There is nothing in a table.
    #[error("the file is empty; it needs a line with the names of its columns, and rows below")]
    EmptyTable,
    /// Only tables have columns.
    #[error(
        "--map, --set (but for --set at=...), --delimiter, --decimal and --time-format are for CSV files; put the fields into the lines of this one"
    )]
    MappingNotTaken,
    /// The head does not end.
    #[error(
        "the first line, with the names of the columns, is longer than {bytes} bytes or has more than {cells} cells; leave the columns out that nobody needs, or say with --delimiter what separates them"
    )]
    HeadTooLarge {
        /// Bytes it may have.
        bytes: u64,
        /// Cells it may have.
        cells: usize,
    },
    /// A column the mapping asks for is not there.
    #[error("the file has no column `{column}` for `{field}`; it has: {columns}")]
    MissingColumn {
        /// The field it is for.
        field: String,
        column: String,
        /// The columns there are.
        columns: String,
    },
    /// A column that is read is there twice, so which one counts is unclear.
    #[error(
        "columns {first} and {second} are both called `{column}`; rename one of them in the first line, or name another column with --map {field}=COLUMN"
    )]
    DoubledColumn {
        /// The field it is for.
        field: String,
        /// What both are called.
        column: String,
        /// Where the first is, from 1.
        first: usize,
        /// Where the second is, from 1.
        second: usize,
    },
    /// Nothing says which model it was.
    #[error(
        "nothing says which model was used; give --map model=COLUMN{try_this}, or --set model=MODEL. The file has the columns: {columns}"
    )]
    NoModel {
        /// The columns there are.
        columns: String,
        try_this: String,
    },
    /// Nothing says when requests were.
    #[error(
        "nothing says when the requests were; give --map at=COLUMN{try_this}, or --set at=2026-11-20T10:00:00Z for one time for all, or --set at=now if they are of this moment. The file has the columns: {columns}"
    )]
    NoTimes {
        /// The columns there are.
        columns: String,
        try_this: String,
    },
    /// Two delimiters fit the head.
    #[error("the first line may be separated by {one} or by {other}; say which with --delimiter")]
    AmbiguousDelimiter {
        /// One of them.
        one: String,
        other: String,
    },
    /// The times of a column can be read in more than one way.
    #[error(
        "column `{column}` does not say for sure when requests were: it holds {found}; say how its times are written with --time-format {choices}, or a pattern such as \"%d.%m.%Y %H:%M\""
    )]
    AmbiguousTimes {
        /// What it is called.
        column: String,
        /// What it holds, with the lines.
        found: String,
        /// Words for `--time-format`.
        choices: String,
    },
    /// The numbers of a file can be read in more than one way.
    #[error("{found}; say what begins a fraction with `--decimal .` or `--decimal ,`")]
    AmbiguousNumbers {
        /// What it holds, with the lines.
        found: String,
    },
    /// A quote does not say where its cell ends.
    #[error(
        "line {line}: a quote opens a cell and {}; close it there, and double quotes that belong to the text (\"\"). Nothing was imported",
        closed.map_or_else(|| "never closes, so that all rows behind it would be one cell".to_owned(), |closed| format!("closes on line {closed} with more text behind it"))
    )]
    OpenQuote {
        /// Where it opens.
        line: u64,
        /// Where it closes, if it does.
        closed: Option<u64>,
    },
    #[error("could not read the file: {0}")]
    Read(#[from] io::Error),
}

impl ImportError {
    /// The stable word for it.
    pub fn code(&self) -> &'static str {
        match self {
            ImportError::UnknownFormat { .. } => "unknown_format",
            ImportError::Unrecognised => "unrecognised_format",
            ImportError::NoText { .. } => "no_text",
            ImportError::EmptyTable => "empty_file",
            ImportError::MappingNotTaken => "mapping_not_taken",
            ImportError::HeadTooLarge { .. } => "head_too_large",
            ImportError::MissingColumn { .. } => "missing_column",
            ImportError::DoubledColumn { .. } => "doubled_column",
            ImportError::NoModel { .. } => "no_model",
            ImportError::NoTimes { .. } => "no_times",
            ImportError::AmbiguousDelimiter { .. } => "ambiguous_delimiter",
            ImportError::AmbiguousTimes { .. } => "ambiguous_times",
            ImportError::AmbiguousNumbers { .. } => "ambiguous_numbers",
            ImportError::OpenQuote { .. } => "open_quote",
            ImportError::Read(_) => "file_unreadable",
        }
    }
}

/// How files begin that hold usage, but no text, and what makes text of them.
const NO_TEXT: [(&[u8], &str, &str); 5] = [
    (
        b"PK\x03\x04",
        "an Excel workbook or another ZIP archive",
        "save the sheet as \"CSV UTF-8\", or unpack it",
    ),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as \"CSV UTF-8\""),
    (b"\x1f\x8b", "compressed", "pass it on with `gunzip -c FILE | tacho import - ...`"),
    (b"\x28\xb5\x2f\xfd", "compressed", "pass it on with `zstd -dc FILE | tacho import - ...`"),
    (b"PAR1", "a Parquet file", "save it as CSV, for example with pandas"),
];

/// Refuses what begins like something else than text.
fn require_text(head: &[u8]) -> Result<(), ImportError> {
    let known = NO_TEXT
        .iter()
        .find(|(start, _, _)| head.starts_with(start))
        .map(|(_, what, remedy)| (*what, *remedy));
    let nul =
        head.contains(&0).then_some(("no text, or encoded as UTF-16 without saying so", "save it as UTF-8"));
    match known.or(nul) {
        Some((what, remedy)) => Err(ImportError::NoText { what, remedy }),
        None => Ok(()),
    }
}

/// The format called `name`; with `auto`, the one that the path ends like or the content begins like.
pub fn format(name: &str, path: &Path, head: &[u8]) -> Result<&'static Format, ImportError> {
    require_text(head)?;
    if name != "auto" {
        let named = FORMATS.iter().find(|format| format.name == name);
        return named.ok_or_else(|| ImportError::UnknownFormat { name: name.to_owned() });
    }
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    let by_name = FORMATS
        .iter()
        .find(|format| extension.as_deref().is_some_and(|extension| format.extensions.contains(&extension)));
    let first = head.trim_ascii_start().first();
    by_name
        .or_else(|| FORMATS.iter().find(|format| first.is_some_and(|byte| (format.begins_with)(*byte))))
        .ok_or(ImportError::Unrecognised)
}

fn names() -> String {
    FORMATS.iter().map(|format| format.name).collect::<Vec<_>>().join(", ")
}

/// Ids for items without one, made of what they say: importing a file again adds nothing, whatever the file
/// is called. Items that say the same are told apart by how many of them came before.
#[derive(Debug, Default)]
pub struct ImportIds(HashMap<[u8; 16], u64>);

impl ImportIds {
    /// The id of the next item that says this: `imp_` and 32 hexadecimal digits.
    pub fn next(&mut self, item: &str) -> String {
        let hash = Sha256::digest(item);
        let mut content = [0; 16];
        content.copy_from_slice(&hash[..16]);
        let before = self.0.entry(content).or_insert(0);
        let id = Sha256::new().chain_update(content).chain_update(before.to_le_bytes()).finalize();
        *before += 1;
        let digits: String = id.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        format!("imp_{digits}")
    }
}

/// Reads one item of a file as [`read`] does, with an id made of its content if it has none. One that gives no time
/// is refused, unless `now` was said to be its time.
pub fn read_item(
    item: FileItem,
    context: &Context,
    now: bool,
    ids: &mut ImportIds,
) -> Result<ReadItem, Refusal> {
    let json = item.json?;
    let mut reading = read(&json, context)?;
    if reading.event.at_assigned && !now {
        let message = "`at` is missing, so nothing says when the request was; fill it in, or say it for all that have none with --set at=2026-11-20T10:00:00Z or --set at=now";
        return Err(Refusal::new(Code::MissingTime, message));
    }
    if reading.id_assigned {
        reading.event.id = ids.next(&json);
        reading.id_assigned = false;
    }
    Ok(reading)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::import::shift::{newest_ms, offset_ms};
    use crate::read::plausible::Implausible;
    use crate::usage::{Dimensions, Fingerprints};

    const AZURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/csv/azure-llm-2023.csv");
    const NOW_MS: i64 = 1_795_000_000_000;

    fn azure(bounds: &Bounds) -> Items {
        let map = "at=TIMESTAMP,input_tokens=ContextTokens,output_tokens=GeneratedTokens";
        let mapping = Mapping::parse(&[map.into()], &["model=claude-sonnet-5-5".into()]).unwrap();
        let open = || Ok(Box::new(io::BufReader::new(std::fs::File::open(AZURE)?)) as FileText);
        let told = FileOptions { mapping, now_ms: NOW_MS, ..FileOptions::default() };
        let survey = (format("auto", Path::new(AZURE), b"").unwrap().survey)(&open, &told, bounds).unwrap();
        (survey.items)(open().unwrap()).unwrap()
    }

    fn read_all(bounds: &Bounds, shift_ms: i64) -> Vec<ReadItem> {
        let context = Context {
            now_ms: NOW_MS,
            accepts_old: true,
            just_sent: false,
            shift_ms,
            implausible: Implausible::Refused,
            bounds,
            key_defaults: &Dimensions::default(),
            fingerprints: &Fingerprints::new([0; 32]),
        };
        let mut ids = ImportIds::default();
        azure(bounds).map(|item| read_item(item.unwrap(), &context, false, &mut ids).unwrap()).collect()
    }

    #[test]
    fn an_hour_of_real_traffic_is_read_the_same_every_time() {
        let bounds = Bounds::default();
        let first = read_all(&bounds, 0);
        assert_eq!(first.len(), 8_819);
        assert_eq!(first[0].event.at_ms, 1_700_158_623_979);
        assert_eq!(first[0].event.usage.input_tokens, Some(4_808));
        assert_eq!(first[0].event.usage.output_tokens, Some(10));
        let ids: HashSet<_> = first.iter().map(|reading| &reading.event.id).collect();
        assert_eq!(ids.len(), 8_819);
        assert_eq!(read_all(&bounds, 0), first);
    }

    #[test]
    fn a_recording_can_be_moved_to_now() {
        let bounds = Bounds::default();
        let newest = newest_ms(azure(&bounds)).unwrap();
        let shifted = read_all(&bounds, offset_ms(newest, NOW_MS));
        assert_eq!(shifted.iter().map(|reading| reading.event.at_ms).max(), Some(NOW_MS));
        let original = read_all(&bounds, 0);
        for (moved, original) in shifted.iter().zip(&original) {
            assert_eq!(moved.event.at_ms - original.event.at_ms, NOW_MS - newest.unwrap());
            assert_eq!(moved.event.id, original.event.id);
        }
        assert_eq!(offset_ms(None, NOW_MS), 0);
    }

    #[test]
    fn rows_that_say_the_same_count_each() {
        let mut ids = ImportIds::default();
        let (first, second, other) = (ids.next("a"), ids.next("a"), ids.next("b"));
        assert!(first != second && second != other && first != other);
        assert!(first.starts_with("imp_") && first.len() == 36);
        let mut again = ImportIds::default();
        assert_eq!((again.next("b"), again.next("a"), again.next("a")), (other, first, second));
    }

    #[test]
    fn the_format_is_told_by_name_then_by_content() {
        let of = |name, path: &str, head: &str| {
            format(name, Path::new(path), head.as_bytes())
                .map(|format| format.name)
                .map_err(|error| error.to_string())
        };
        assert_eq!(of("csv", "x.ndjson", "{"), Ok("csv"));
        assert_eq!(of("auto", "x.JSONL", "a,b"), Ok("ndjson"));
        assert_eq!(of("auto", "x.csv", "{"), Ok("csv"));
        assert_eq!(of("auto", "x", "\n {\"model\""), Ok("ndjson"));
        assert_eq!(of("auto", "x.tsv", ""), Ok("csv"));
        assert_eq!(of("auto", "x.txt", ";at;model"), Ok("csv"));
        assert_eq!(of("auto", "x.txt", "\"at\",model"), Ok("csv"));
        assert_eq!(of("xml", "x", ""), Err("`xml` is no format; there are: auto, ndjson, csv".into()));
        assert!(of("auto", "x", "[{}]").unwrap_err().contains("jq -c"));
        assert!(of("auto", "x", "").is_err());
        for (head, remedy) in [("PK\u{3}\u{4}...", "CSV UTF-8"), ("a\0t\0", "UTF-8"), ("PAR1", "CSV")] {
            assert!(of("auto", "x.csv", head).unwrap_err().contains(remedy), "{head}");
        }
    }
}
