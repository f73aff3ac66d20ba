//! `tacho import`

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use app::wording;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::{Failure, Settings};
use crate::assembly::{fingerprints, open_store};
use crate::clock::Clock;
use crate::ingest::bounds::Bounds;
use crate::ingest::file::{Format, ImportIds, Items, format, read_item};
use crate::ingest::intake::entry;
use crate::ingest::mapping::Mapping;
use crate::ingest::read::Context;
use crate::ingest::shift::{newest_ms, offset_ms};
use crate::pricing::PriceBook;
use crate::store::sqlite::SqliteStore;
use crate::store::{AlertChanges, Entry, Fate, Ledger};
use crate::usage::Dimensions;

/// Events in one commit.
const GROUP: usize = 5_000;
/// Refusals printed; the others are counted.
const PRINTED: usize = 10;

/// Events of any age are taken and rolled up; windows that have ended raise no alerts. Importing a file again
/// adds nothing.
#[derive(Debug, Args)]
pub struct Import {
    /// The file
    file: PathBuf,
    /// auto, ndjson or csv
    #[arg(long, default_value = "auto")]
    format: String,
    /// Fields and the columns that hold them, e.g. at=TIMESTAMP,input_tokens=ContextTokens
    #[arg(long, value_name = "FIELD=COLUMN,...")]
    map: Vec<String>,
    /// Fields and the value they have in every row, e.g. model=claude-sonnet-5-5
    #[arg(long, value_name = "FIELD=VALUE,...")]
    set: Vec<String>,
    /// Move all times so that the newest event is now
    #[arg(long)]
    shift_to_now: bool,
}

#[derive(Default)]
struct Summary {
    added: u64,
    known: u64,
    conflicts: u64,
    refused: u64,
    printed: usize,
}

impl Import {
    pub async fn run(self, settings: &Settings) -> Result<ExitCode, Failure> {
        let config = settings.load()?.config;
        let bounds = config.ingest.bounds();
        let now_ms = Clock::system().now_ms();
        let mapping = Mapping::parse(&self.map, &self.set)?;
        let format = format(&self.format, &self.file, &head(&self.file)?)?;
        let hidden = ProgressBar::hidden();
        let shift_ms = if self.shift_to_now {
            offset_ms(newest_ms(self.open(format, &mapping, &bounds, &hidden)?)?, now_ms)
        } else {
            0
        };

        let store = open_store(&config).await?;
        let fingerprints = fingerprints(&store).await?;
        let defaults = Dimensions::default();
        let context = Context {
            now_ms,
            accepts_old: true,
            just_sent: false,
            shift_ms,
            bounds: &bounds,
            key_defaults: &defaults,
            fingerprints: &fingerprints,
        };
        let progress = ProgressBar::new(std::fs::metadata(&self.file).map_or(0, |metadata| metadata.len()));
        progress.set_style(ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {eta} left {msg}")?);
        let summary = self.import(&store, format, &mapping, &context, &progress).await?;
        progress.finish_and_clear();
        store.close().await;
        println!(
            "{}: {} events added, {} known already, {} in conflict, {} refused",
            shown(&self.file),
            summary.added,
            summary.known,
            summary.conflicts,
            summary.refused
        );
        Ok(if summary.conflicts + summary.refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn open<'a>(
        &self,
        format: &Format,
        mapping: &Mapping,
        bounds: &Bounds,
        progress: &ProgressBar,
    ) -> Result<Items<'a>, Failure> {
        let input = progress.wrap_read(opened(&self.file)?);
        Ok((format.open)(Box::new(BufReader::new(input)), mapping, bounds)?)
    }

    async fn import(
        &self,
        store: &SqliteStore,
        format: &Format,
        mapping: &Mapping,
        context: &Context<'_>,
        progress: &ProgressBar,
    ) -> Result<Summary, Failure> {
        let prices = PriceBook::embedded();
        let mut ids = ImportIds::default();
        let mut summary = Summary::default();
        let mut group = Vec::with_capacity(GROUP);
        for item in self.open(format, mapping, context.bounds, progress)? {
            let item = item?;
            let line = item.line;
            match read_item(item, context, &mut ids) {
                Ok(reading) => group.push(entry(reading.event, reading.digest, None, &prices)),
                Err(refusal) => summary.refuse(&self.file, line, &refusal.message, progress),
            }
            if group.len() == GROUP {
                summary.commit(store, &mut group).await?;
                progress.set_message(format!("{} events", summary.added));
            }
        }
        summary.commit(store, &mut group).await?;
        Ok(summary)
    }
}

impl Summary {
    async fn commit(&mut self, store: &SqliteStore, group: &mut Vec<Entry>) -> Result<(), Failure> {
        // A server on the same data notices, and judges what falls into open windows.
        let mut judge = |_: &[&Entry]| AlertChanges::default();
        for fate in store.ingest(group, &mut judge).await? {
            match fate {
                Fate::Accepted => self.added += 1,
                Fate::Duplicate => self.known += 1,
                Fate::Conflict => self.conflicts += 1,
            }
        }
        group.clear();
        Ok(())
    }

    fn refuse(&mut self, file: &Path, line: u64, message: &str, progress: &ProgressBar) {
        self.refused += 1;
        if self.printed < PRINTED {
            self.printed += 1;
            progress.suspend(|| eprintln!("{}, line {line}: {}", shown(file), wording::passage(message)));
        }
    }
}

/// A path as it is printed.
fn shown(path: &Path) -> String {
    wording::name(&path.display().to_string())
}

fn opened(path: &Path) -> Result<File, Failure> {
    File::open(path).map_err(|error| format!("cannot read {}: {error}", shown(path)).into())
}

fn head(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut head = Vec::new();
    opened(path)?.take(4_096).read_to_end(&mut head)?;
    Ok(head)
}
