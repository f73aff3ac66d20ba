//! `bench queue`: a recorded burst of calls through Tacho, once with the policy `queue` and once without.
//!
//! The recording is an hour of a coding service (`tests/fixtures/csv`); its eight fullest minutes hold single ones of
//! 632 and 476 calls. They come twice as fast as they did, as of a service twice as busy: as they were, 500 requests a
//! minute would have refused none of them, since a bucket holds a minute's worth. Both run side by side, each before an
//! API of its own that refuses what its token buckets cannot take.
//!
//! Answers take as long as real ones would by their length, so that many calls are open at the same time and what an
//! answer says of the limits is old when it comes. What a call took beyond that it has waited. Nobody tries again what
//! was refused.

mod replay;
mod trace;

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;

use crate::contestants::tacho;
use crate::figures::Table;
use crate::machine;
use crate::process::Process;
use crate::serve;
use replay::{Outcome, replay};
use trace::Recorded;

/// The part of the recording, and what the API allows.
#[derive(Debug, Args)]
pub struct Queue {
    /// The program `tacho`
    #[arg(long)]
    tacho: PathBuf,
    /// The minute of the recording to begin with; it should follow quiet ones, after which buckets are full
    #[arg(long, default_value_t = 8)]
    from_minute: u32,
    /// How many minutes
    #[arg(long, default_value_t = 8)]
    minutes: u32,
    /// How many times as fast as they were recorded the calls come
    #[arg(long, default_value_t = 2.0)]
    speed: f64,
    /// RPM
    #[arg(long, default_value_t = 500)]
    requests_per_minute: u64,
    /// ITPM
    #[arg(long, default_value_t = 2_000_000)]
    input_tokens_per_minute: u64,
    /// Milliseconds until an answer begins
    #[arg(long, default_value_t = 500)]
    first_token_ms: u64,
    /// Milliseconds for each token of an answer
    #[arg(long, default_value_t = 15)]
    token_ms: u64,
}

/// What is compared: the contents of `tacho.toml`.
const SETTINGS: [(&str, &str); 2] = [("no policy", ""), ("queue", "[[policies]]\npolicy = \"queue\"\n")];

impl Queue {
    /// Measures, and prints what comes out.
    pub async fn run(self) -> Result<()> {
        let program = self.tacho.canonicalize()?;
        ensure!(self.speed > 0.0, "--speed {}: calls must come, at 1 as fast as they did", self.speed);
        let mut calls = trace::calls(self.from_minute, self.minutes)?;
        for call in &mut calls {
            call.at = call.at.div_f64(self.speed);
        }
        println!("{}, {}", tacho::version(&program)?, machine::described());
        println!(
            "{} calls with {} tokens of input in {} minutes, {} times as fast; the API allows {} RPM and {} ITPM",
            calls.len(),
            calls.iter().map(|call| call.input_tokens as u64).sum::<u64>(),
            self.minutes,
            self.speed,
            self.requests_per_minute,
            self.input_tokens_per_minute,
        );

        let folder = tempfile::tempdir()?;
        let mut running = Vec::new();
        let mut targets = Vec::new();
        for (name, settings) in SETTINGS {
            let folder = folder.path().join(name);
            fs::create_dir(&folder)?;
            fs::write(folder.join("tacho.toml"), settings)?;
            let mut command = serve::command("api")?;
            command.args(["--requests-per-minute", &self.requests_per_minute.to_string()]);
            command.args(["--input-tokens-per-minute", &self.input_tokens_per_minute.to_string()]);
            let mut api = Process::start(command, folder.join("api"))?;
            let (target, process) = tacho::start(&program, &folder, api.listening()?)?;
            targets.push(target);
            running.push((folder, process, api));
        }
        let outcomes = replay(&targets, &calls, |call| self.takes_ms(call)).await?;
        for ((folder, process, _api), outcomes) in running.into_iter().zip(&outcomes) {
            process.end().await?;
            let (sent, recorded) = (outcomes.len() as u64, tacho::recorded(&program, &folder)?);
            ensure!(recorded == sent, "{sent} calls were sent through Tacho, and {recorded} are recorded");
        }
        print!("{}", table(&outcomes));
        println!("\nTacho has recorded every call once. Load average at the end: {}", machine::load());
        Ok(())
    }

    /// How long the API takes for an answer.
    fn takes_ms(&self, call: &Recorded) -> u64 {
        self.first_token_ms + self.token_ms * call.output_tokens as u64
    }
}

fn table(measured: &[Vec<Outcome>]) -> Table {
    let head = ["", "answered", "429 of the API", "429 of Tacho", "other", "waited, p50", "p99", "max, s"];
    let mut table = Table::new("What became of the calls", head);
    for ((name, _), outcomes) in SETTINGS.iter().zip(measured) {
        let count = |kind: fn(&&Outcome) -> bool| outcomes.iter().filter(kind).count().to_string();
        let mut cells = vec![
            count(|outcome| matches!(outcome, Outcome::Answered { .. })),
            count(|outcome| matches!(outcome, Outcome::RefusedByApi)),
            count(|outcome| matches!(outcome, Outcome::RefusedByTacho)),
            count(|outcome| matches!(outcome, Outcome::Other(_))),
        ];
        cells.extend(replay::waits(outcomes).map(|seconds| format!("{seconds:.3}")));
        table.line(name, cells);
    }
    table
}
