//! `tacho events`

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Subcommand;
use domain::import::ndjson;
use domain::pricing::PriceBook;
use domain::read::context::Context;
use domain::read::event::read;
use domain::read::plausible::Implausible;
use domain::usage::Dimensions;
use vocabulary::wording;

use super::{Failure, Settings, shown};
use crate::assembly::{fingerprints, open_store};
use crate::clock::Clock;
use crate::config::Config;
use crate::record::intake::correct::{deletion, named, refusal, replacement};
use crate::record::recorder::Unwatched;
use crate::store::sqlite::SqliteStore;
use crate::store::{Author, Corrected, Correction, Corrections};

/// Corrections in one commit: a server beside it stores in between, and ids without a project are looked for in each
/// of some hundred projects.
const GROUP: usize = 500;

/// A server on the same data notices within a second, and counts its limits anew.
#[derive(Debug, Subcommand)]
pub enum Events {
    /// Delete an event: it counts no more, and does not come back when it is sent again
    Delete {
        /// Its id
        id: String,
        /// Its project, where several have an event with this id; empty for none
        #[arg(long)]
        project: Option<String>,
    },
    /// Put events right: each line of a file is an event as posted, found by its id, and takes the place of what is
    /// stored
    Correct {
        /// The file, one JSON object per line
        file: PathBuf,
        /// The project the events are in, where several have events with these ids; empty for none
        #[arg(long)]
        project: Option<String>,
    },
}

impl Events {
    pub async fn run(self, settings: &Settings) -> Result<ExitCode, Failure> {
        let config = settings.load()?.config;
        super::require_data(&config)?;
        let store = open_store(&config).await?;
        let done = match self {
            Events::Delete { id, project } => delete(&store, &id, project.as_deref()).await,
            Events::Correct { file, project } => correct(&store, &config, &file, project.as_deref()).await,
        };
        store.close().await;
        done
    }
}

async fn delete(store: &SqliteStore, id: &str, project: Option<&str>) -> Result<ExitCode, Failure> {
    match make(store, &[deletion(id, project)]).await?.as_slice() {
        [Corrected::Changed] => println!("deleted {}", wording::name(id)),
        fates => {
            let fate = fates.first().unwrap_or(&Corrected::NotFound);
            return Err(refusal(id.to_owned(), fate).message.into());
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn correct(
    store: &SqliteStore,
    config: &Config,
    file: &Path,
    project: Option<&str>,
) -> Result<ExitCode, Failure> {
    let bounds = config.ingest.bounds();
    let fingerprints = fingerprints(store).await?;
    let context = Context {
        now_ms: Clock::system().now_ms(),
        accepts_old: true,
        just_sent: false,
        shift_ms: 0,
        implausible: Implausible::Refused,
        bounds: &bounds,
        key_defaults: &Dimensions::default(),
        fingerprints: &fingerprints,
    };
    let prices = Arc::new(PriceBook::embedded());
    let opened =
        std::fs::File::open(file).map_err(|error| format!("cannot read {}: {error}", shown(file)))?;
    let items = ndjson::lines(Box::new(std::io::BufReader::new(opened)), bounds.item_bytes, None);
    let (mut corrected, mut unchanged, mut refused) = (0u64, 0u64, 0u64);
    let mut refuse = |line: u64, message: &str| {
        refused += 1;
        eprintln!("{}, line {line}: {}", shown(file), wording::passage(message));
    };
    let mut group: Vec<(u64, Correction)> = Vec::new();
    let mut items = items.peekable();
    while let Some(item) = items.next() {
        let item = item?;
        let line = item.line;
        match item.json.and_then(|json| read(&json, &context)).and_then(named) {
            Ok(reading) => group.push((line, replacement(reading, project, prices.clone()))),
            Err(refusal) => refuse(line, &refusal.message),
        }
        if group.len() < GROUP && items.peek().is_some() {
            continue;
        }
        let (lines, corrections): (Vec<u64>, Vec<Correction>) = group.drain(..).unzip();
        for (line, fate) in lines.into_iter().zip(make(store, &corrections).await?) {
            match fate {
                Corrected::Changed => corrected += 1,
                Corrected::Unchanged => unchanged += 1,
                other => refuse(line, &refusal(String::new(), &other).message),
            }
        }
    }
    println!("{}: {corrected} events corrected, {unchanged} unchanged, {refused} refused", shown(file));
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn make(store: &SqliteStore, corrections: &[Correction]) -> Result<Vec<Corrected>, Failure> {
    let author = Author::command_line();
    let now_ms = Clock::system().now_ms();
    Ok(store.correct(corrections, &mut Unwatched { author, now_ms }).await?)
}
