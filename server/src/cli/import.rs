//! `tacho import`

mod source;
mod utf16;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use domain::import::file::{FileOptions, ImportError, ImportIds, Items, Reopen, Survey, format, read_item};
use domain::import::mapping::{GivenTime, Mapping};
use domain::import::notation::{Decimal, Delimiter};
use domain::import::shift::{newest_ms, offset_ms};
use domain::import::time_format::TimeFormat;
use domain::pricing::PriceBook;
use domain::read::bounds::Bounds;
use domain::read::context::Context;
use domain::read::plausible::Implausible;
use domain::read::refusal::Refusal;
use domain::usage::{Dimensions, Remarks};
use indicatif::{ProgressBar, ProgressStyle};
use vocabulary::wording;

use self::source::{ImportSource, text};
use super::{Failure, Settings, shown};
use crate::assembly::{fingerprints, open_store};
use crate::clock::Clock;
use crate::record::intake::entry;
use crate::store::sqlite::SqliteStore;
use crate::store::{AlertChanges, Entry, Fate, Ledger};

/// Events in one commit.
const GROUP: usize = 5_000;
/// Refusals printed, conflicts, and events added without all of it, each; the others are counted.
const PRINTED: u64 = 10;

/// What to read, and what is known of it.
#[derive(Debug, Args)]
#[command(after_help = "\
Events of any age are taken and rolled up; windows that have ended raise no alerts. Importing a file again adds \
nothing.

What a table leaves open is found in it and said: what separates its columns, whether a point or a comma begins a \
fraction, how its times are written. Where that would be a guess, nothing is imported until an option says it. \
Times without a zone are UTC.")]
pub struct Import {
    /// The file; - reads the standard input
    file: PathBuf,
    /// auto, ndjson or csv
    #[arg(long, default_value = "auto")]
    format: String,
    /// Fields and the columns that hold them, e.g. at=TIMESTAMP,input_tokens=ContextTokens
    #[arg(long, value_name = "FIELD=COLUMN,...")]
    map: Vec<String>,
    /// Fields and the value they have in every row, e.g. model=claude-sonnet-5-5. For rows and lines that give no
    /// time, at=2026-11-20T10:00:00Z or at=now
    #[arg(long, value_name = "FIELD=VALUE,...")]
    set: Vec<String>,
    /// What separates the columns of a table: a character such as ; or |, or the word tab
    #[arg(long, value_name = "CHARACTER")]
    delimiter: Option<Delimiter>,
    /// What begins a fraction in the numbers of a table: . or ,
    #[arg(long, value_name = "MARK")]
    decimal: Option<Decimal>,
    /// How the times of a table are written: s, ms, us or ns (since 1970), excel (days since 1900), stamp
    /// (20261120103000), dmy or mdy (what comes first in 03/04/2026), or a pattern such as "%d.%m.%Y %H:%M"
    #[arg(long, value_name = "FORMAT")]
    time_format: Option<TimeFormat>,
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
    /// Events added, of which some fields could not be taken as they are.
    remarked: u64,
}

/// A line that was read, and is stored together with others.
struct Waiting {
    line: u64,
    id: String,
    remarks: Remarks,
}

impl Import {
    pub async fn run(self, settings: &Settings) -> Result<ExitCode, Failure> {
        let config = settings.load()?.config;
        let bounds = config.ingest.bounds();
        let now_ms = Clock::system().now_ms();
        let mapping =
            Mapping::parse(&self.map, &self.set).map_err(|error| format!("{error} [{}]", error.code()))?;
        let told = FileOptions {
            mapping,
            delimiter: self.delimiter,
            decimal: self.decimal,
            time_format: self.time_format.clone(),
            now_ms,
        };
        let source = ImportSource::new(&self.file)
            .map_err(|error| format!("cannot read {}: {error}", shown(&self.file)))?;
        let progress = ProgressBar::new(source.bytes());
        progress.set_style(ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {eta} left {msg}")?);
        let open = || {
            progress.reset();
            text(progress.wrap_read(source.open()?))
        };
        progress.set_message("looking it through");
        let survey = self.survey(&open, &told, &bounds).map_err(|error| {
            format!("{}: {} [{}]", shown(&self.file), wording::passage(&error.to_string()), error.code())
        })?;
        let shift_ms =
            if self.shift_to_now { offset_ms(newest_ms((survey.items)(open()?)?)?, now_ms) } else { 0 };

        let store = open_store(&config).await?;
        let fingerprints = fingerprints(&store).await?;
        let defaults = Dimensions::default();
        let context = Context {
            now_ms,
            accepts_old: true,
            just_sent: false,
            shift_ms,
            implausible: Implausible::Refused,
            bounds: &bounds,
            key_defaults: &defaults,
            fingerprints: &fingerprints,
        };
        let now = told.mapping.at == Some(GivenTime::Now);
        let summary = self.import(&store, (survey.items)(open()?)?, &context, now, &progress).await?;
        progress.finish_and_clear();
        store.close().await;
        let file = shown(&self.file);
        let Summary { added, known, conflicts, refused, remarked } = summary;
        for (count, are) in [
            (refused, "are refused"),
            (conflicts, "are in conflict"),
            (remarked, "are added without all of it"),
        ] {
            if count > PRINTED {
                eprintln!("{file}: {} more {are}", count - PRINTED);
            }
        }
        println!(
            "{file}: {added} events added, {known} known already, {conflicts} in conflict, {refused} refused"
        );
        for note in &survey.notes {
            println!("  {}", wording::passage(note));
        }
        Ok(if conflicts + refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn survey(&self, open: &Reopen, told: &FileOptions, bounds: &Bounds) -> Result<Survey, ImportError> {
        let mut head = Vec::new();
        open()?.take(4_096).read_to_end(&mut head)?;
        (format(&self.format, &self.file, &head)?.survey)(open, told, bounds)
    }

    async fn import(
        &self,
        store: &SqliteStore,
        items: Items,
        context: &Context<'_>,
        now: bool,
        progress: &ProgressBar,
    ) -> Result<Summary, Failure> {
        let prices = PriceBook::embedded();
        let mut ids = ImportIds::default();
        let mut summary = Summary::default();
        let mut group = Vec::with_capacity(GROUP);
        let mut waiting = Vec::with_capacity(GROUP);
        for item in items {
            let item = item?;
            let line = item.line;
            match read_item(item, context, now, &mut ids) {
                Ok(reading) => {
                    let (id, remarks) = (reading.event.id.clone(), reading.event.remarks.clone());
                    waiting.push(Waiting { line, id, remarks });
                    group.push(entry(reading.event, reading.digest, None, &prices));
                }
                Err(refusal) => summary.refuse(&self.file, line, &refusal, progress),
            }
            if group.len() == GROUP {
                let fates = commit(store, &mut group).await?;
                summary.tell(&self.file, waiting.drain(..), fates, progress);
                progress.set_message(format!("{} events", summary.added));
            }
        }
        let fates = commit(store, &mut group).await?;
        summary.tell(&self.file, waiting.drain(..), fates, progress);
        Ok(summary)
    }
}

async fn commit(store: &SqliteStore, group: &mut Vec<Entry>) -> Result<Vec<Fate>, Failure> {
    // A server on the same data notices, and judges what falls into open windows.
    let mut judge = |_: &[&Entry]| AlertChanges::default();
    let fates = store.ingest(group, &mut judge).await?;
    group.clear();
    Ok(fates)
}

impl Summary {
    /// Says what became of the lines of one commit.
    fn tell(
        &mut self,
        file: &Path,
        lines: impl Iterator<Item = Waiting>,
        fates: Vec<Fate>,
        progress: &ProgressBar,
    ) {
        for (Waiting { line, id, remarks }, fate) in lines.zip(fates) {
            match fate {
                Fate::Accepted => {
                    self.added += 1;
                    self.remark(file, line, &remarks, progress);
                }
                Fate::Duplicate => self.known += 1,
                Fate::Conflict => {
                    let said = "is known with other content; the first stays (put it right with tacho events correct)";
                    self.conflict(file, line, &id, said, "conflict", progress);
                }
                Fate::Deleted => {
                    let said = "was deleted, or moved to another project, and said something else; send what is new \
                                under an id of its own";
                    self.conflict(file, line, &id, said, "deleted", progress);
                }
            }
        }
    }

    /// Says that another event has the id of a line.
    fn conflict(&mut self, file: &Path, line: u64, id: &str, said: &str, code: &str, progress: &ProgressBar) {
        self.conflicts += 1;
        if self.conflicts <= PRINTED {
            let (file, id) = (shown(file), wording::name(id));
            progress.suspend(|| eprintln!("{file}, line {line}: the id `{id}` {said} [{code}]"));
        }
    }

    /// Says which fields of an event that is added could not be taken as they are.
    fn remark(&mut self, file: &Path, line: u64, remarks: &Remarks, progress: &ProgressBar) {
        if remarks.is_empty() {
            return;
        }
        self.remarked += 1;
        if self.remarked <= PRINTED {
            let remarks = remarks.iter().map(|remark| format!("`{}` ({})", remark.field, remark.code.word()));
            let remarks: Vec<_> = remarks.collect();
            let (file, remarks) = (shown(file), wording::passage(&remarks.join(", ")));
            progress.suspend(|| eprintln!("{file}, line {line}: added without all of it: {remarks}"));
        }
    }

    fn refuse(&mut self, file: &Path, line: u64, refusal: &Refusal, progress: &ProgressBar) {
        self.refused += 1;
        if self.refused <= PRINTED {
            let (message, code) = (wording::passage(&refusal.message), refusal.code.word());
            progress.suspend(|| eprintln!("{}, line {line}: {message} [{code}]", shown(file)));
        }
    }
}
