//! The command line: one file per command, listed once in `Command`.
//!
//! Every command works on the data directory, whether or not a server runs on it.

mod check;
mod check_config;
mod demo;
mod events;
mod import;
mod keys;
mod log;
mod secrets;
mod serve;
mod sessions;
mod sign_in_link;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use vocabulary::wording;

use crate::config::{Config, ConfigError, Loaded, SettingSources};
use crate::http::Bundle;

/// What a command fails with: a sentence that says what to do.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Says on standard error why a command failed.
pub fn explain(failure: &Failure) {
    eprintln!("tacho: {}", wording::passage(&failure.to_string()));
}

/// Answers a command line that asks for help or the version, or cannot be understood. What was typed may hold a name
/// that somebody else chose.
pub fn answer(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        error.exit();
    }
    eprint!("{}", wording::passage(&error.render().to_string()));
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// Tacho: an instrument panel for Claude API usage and its limits.
///
/// Without a command Tacho serves: it prints its address and, the first time, a one-time sign-in link and an
/// ingest key with a line to paste.
#[derive(Debug, Parser)]
#[command(name = "tacho", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Settings,
}

/// Where settings come from.
#[derive(Debug, Clone, Args)]
pub struct Settings {
    /// Address and port to listen on; port 0 takes a free one [default: 127.0.0.1:8787]
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// Where everything is kept [default: ./tacho-data]
    #[arg(long, global = true, value_name = "DIRECTORY")]
    pub data_dir: Option<PathBuf>,
    /// The settings file [default: ./tacho.toml if it is there]
    #[arg(long, global = true, env = "TACHO_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the interface and the API (what `tacho` does by itself)
    Serve,
    /// Show a week of made-up traffic, and live traffic on top, in a throw-away directory
    Demo(demo::Demo),
    /// Read events from a file: NDJSON as posted, or any CSV by column mapping
    Import(import::Import),
    /// Delete events that are wrong, or put them right
    #[command(subcommand)]
    Events(events::Events),
    /// Make, list and revoke keys
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Give up secrets whose key is lost
    #[command(subcommand)]
    Secrets(secrets::SecretsCommand),
    /// List and end the sessions of browsers
    #[command(subcommand)]
    Sessions(sessions::Sessions),
    /// Print a new one-time sign-in link
    SignInLink,
    /// Check the integrity of the data, and that every event is counted once in every rollup
    Check(check::Check),
    /// Check the settings, or print the defaults with their documentation
    CheckConfig(check_config::CheckConfig),
}

impl Cli {
    /// Runs the command; `bundle` is what a server sends to browsers beside pages.
    pub async fn run(self, bundle: Bundle) -> Result<ExitCode, Failure> {
        if !matches!(self.command, None | Some(Command::Serve | Command::Demo(_))) {
            log::start("server=warn");
        }
        match self.command {
            None | Some(Command::Serve) => serve::run(&self.settings, bundle).await,
            Some(Command::Demo(demo)) => demo.run(&self.settings, bundle).await,
            Some(Command::Import(import)) => import.run(&self.settings).await,
            Some(Command::Events(events)) => events.run(&self.settings).await,
            Some(Command::Keys(keys)) => keys.run(&self.settings).await,
            Some(Command::Secrets(secrets)) => secrets.run(&self.settings).await,
            Some(Command::Sessions(sessions)) => sessions.run(&self.settings).await,
            Some(Command::SignInLink) => sign_in_link::run(&self.settings).await,
            Some(Command::Check(check)) => check.run(&self.settings).await,
            Some(Command::CheckConfig(check)) => check.run(&self.settings),
        }
    }
}

/// A path as it is printed.
fn shown(path: &Path) -> String {
    wording::name(&path.display().to_string())
}

/// Refuses a data directory without data: most likely it is the wrong one.
fn require_data(config: &Config) -> Result<(), Failure> {
    if config.data_dir.join("tacho.db").is_file() {
        return Ok(());
    }
    Err(format!("there is no data in {}; name the right directory with --data-dir", shown(&config.data_dir))
        .into())
}

impl Settings {
    fn load(&self) -> Result<Loaded, ConfigError> {
        Config::load(SettingSources {
            file: self.config.clone(),
            environment: std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
            listen: self.listen.clone(),
            data_dir: self.data_dir.clone(),
        })
    }
}
