//! Files for `tacho import`: which format one has, and what its items are.

use std::collections::HashMap;
use std::io::{self, BufRead};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::FORMATS;
use super::bounds::Bounds;
use super::mapping::Mapping;
use super::read::{Context, Reading, read};
use super::refusal::Refusal;

/// A format of files that `tacho import` reads.
pub struct Format {
    /// What `--format` calls it.
    pub name: &'static str,
    /// How its files end, without the dot.
    pub extensions: &'static [&'static str],
    /// Whether a file may begin with this byte, blanks left out.
    pub begins_with: fn(u8) -> bool,
    /// Opens a file that has this format.
    pub open: for<'a> fn(Input<'a>, &Mapping, &Bounds) -> Result<Items<'a>, ImportError>,
}

/// What a format reads from.
pub type Input<'a> = Box<dyn BufRead + Send + 'a>;

/// The items of a file, in order and one at a time. An error ends them: the file itself cannot be read.
pub type Items<'a> = Box<dyn Iterator<Item = io::Result<FileItem>> + Send + 'a>;

/// One item of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileItem {
    /// The line it begins on, from 1; in a table, with the blank lines before it.
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
    /// Only tables have columns to map.
    #[error("--map and --set are for CSV files; put the fields into the lines of this one")]
    MappingNotTaken,
    /// A column the mapping asks for is not there.
    #[error("the file has no column `{column}` for `{field}`; it has: {columns}")]
    MissingColumn {
        /// The field it is for.
        field: String,
        /// The column asked for.
        column: String,
        /// The columns there are.
        columns: String,
    },
    /// Nothing says which model it was.
    #[error(
        "nothing says which model was used; give --map model=COLUMN or --set model=MODEL. The file has the columns: {columns}"
    )]
    NoModel {
        /// The columns there are.
        columns: String,
    },
    /// The file cannot be read.
    #[error("could not read the file")]
    Read(#[from] io::Error),
}

/// The format called `name`; with `auto`, the one that the path ends like or the content begins like.
pub fn format(name: &str, path: &Path, head: &[u8]) -> Result<&'static Format, ImportError> {
    if name != "auto" {
        let named = FORMATS.iter().find(|format| format.name == name);
        return named.ok_or_else(|| ImportError::UnknownFormat { name: name.to_owned() });
    }
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    let by_name = FORMATS
        .iter()
        .find(|format| extension.as_deref().is_some_and(|extension| format.extensions.contains(&extension)));
    let first = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start().first();
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

/// Reads one item of a file as [`read`] does, with an id made of its content if it has none.
pub fn read_item(item: FileItem, context: &Context, ids: &mut ImportIds) -> Result<Reading, Refusal> {
    let json = item.json?;
    let mut reading = read(&json, context)?;
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
    use crate::ingest::shift::{newest_ms, offset_ms};
    use crate::usage::{Dimensions, Fingerprints};

    const AZURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/csv/azure-llm-2023.csv");
    const NOW_MS: i64 = 1_795_000_000_000;

    fn azure(bounds: &Bounds) -> Items<'static> {
        let map = "at=TIMESTAMP,input_tokens=ContextTokens,output_tokens=GeneratedTokens";
        let mapping = Mapping::parse(&[map.into()], &["model=claude-sonnet-5-5".into()]).unwrap();
        let input = io::BufReader::new(std::fs::File::open(AZURE).unwrap());
        let format = format("auto", Path::new(AZURE), b"").unwrap();
        (format.open)(Box::new(input), &mapping, bounds).unwrap()
    }

    fn read_all(bounds: &Bounds, shift_ms: i64) -> Vec<Reading> {
        let context = Context {
            now_ms: NOW_MS,
            accepts_old: true,
            just_sent: false,
            shift_ms,
            bounds,
            key_defaults: &Dimensions::default(),
            fingerprints: &Fingerprints::new([0; 32]),
        };
        let mut ids = ImportIds::default();
        azure(bounds).map(|item| read_item(item.unwrap(), &context, &mut ids).unwrap()).collect()
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
        assert_eq!(of("auto", "x", "\u{feff}\n {\"model\""), Ok("ndjson"));
        assert_eq!(of("auto", "x.txt", "\"at\",model"), Ok("csv"));
        assert_eq!(of("xml", "x", ""), Err("`xml` is no format; there are: auto, ndjson, csv".into()));
        assert!(of("auto", "x", "[{}]").unwrap_err().contains("jq -c"));
        assert!(of("auto", "x", "").is_err());
    }
}
