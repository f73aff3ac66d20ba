//! `tacho demo`

use std::process::ExitCode;

use clap::Args;

use super::{Failure, Settings, log, serve, shown};
use crate::assembly::start;
use crate::clock::Clock;
use crate::demo::{self, Traffic};
use crate::http::Bundle;

/// Everything is made up and deterministic; the directory is removed at the end.
#[derive(Debug, Args)]
pub struct Demo {
    /// Another number makes other traffic
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Demo {
    pub async fn run(self, settings: &Settings, bundle: Bundle) -> Result<ExitCode, Failure> {
        let stop = serve::StopSignal::new()?;
        let directory = demo::directory()?;
        let mut settings = settings.clone();
        settings.data_dir = Some(directory.path().to_owned());
        let mut loaded = settings.load()?;
        loaded.config.store.ballast_bytes = 0;
        loaded.config.has_style_page = true;
        let clock = Clock::system();
        let now_ms = clock.now_ms();
        let traffic = Traffic::starting_at(now_ms, self.seed);
        eprintln!("making up a week of traffic ...");
        let made = demo::fill(&loaded.config, traffic, now_ms).await?;
        demo::receive(&loaded.config, now_ms).await?;
        // Only now: alerts of a week that never was would push the sign-in link out of sight.
        log::start(&loaded.config.log);
        eprintln!("{made} events in {}", shown(directory.path()));
        let running = start(&loaded.config, clock.clone(), bundle).await?;
        serve::greet(&running)?;
        let live = tokio::spawn(demo::go_on(running.recorder.clone(), clock, traffic, now_ms));
        let code = serve::until_stopped(running, stop).await;
        live.abort();
        let path = directory.path().to_owned();
        if let Err(error) = directory.close() {
            eprintln!("could not remove {}: {error}", shown(&path));
        }
        code
    }
}
