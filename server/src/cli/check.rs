//! `tacho check`

use std::process::ExitCode;

use clap::Args;

use super::{Failure, Settings};
use crate::assembly::open_store;
use crate::store::Ledger;

/// Exit code 1 when something is wrong.
#[derive(Debug, Args)]
pub struct Check {
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

impl Check {
    pub async fn run(self, settings: &Settings) -> Result<ExitCode, Failure> {
        let config = settings.load()?.config;
        super::require_data(&config)?;
        let store = open_store(&config).await?;
        let report = store.check().await?;
        store.close().await;
        if self.json {
            println!("{}", serde_json::to_string_pretty(&report)?);
        } else if report.problems.is_empty() {
            println!(
                "{} events: the database is sound, and minutes, hours and days hold each of them once",
                report.events
            );
        } else {
            println!("{} events, {} problems:", report.events, report.problems.len());
            for problem in &report.problems {
                println!("  {problem}");
            }
        }
        Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
