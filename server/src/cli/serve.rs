//! `tacho serve`

use std::io::Write;
use std::process::ExitCode;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Failure, Settings, log};
use crate::assembly::{Running, start};
use crate::clock::Clock;
use crate::http::Bundle;

pub async fn run(settings: &Settings, bundle: Bundle) -> Result<ExitCode, Failure> {
    let loaded = settings.load()?;
    log::start(&loaded.config.log);
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    let stop = StopSignal::new()?;
    let running = start(&loaded.config, Clock::system(), bundle).await?;
    greet(&running)?;
    until_stopped(running, stop).await
}

/// Prints where Tacho is and, the first time, how to begin.
pub fn greet(running: &Running) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "Tacho {} is listening on {}", env!("CARGO_PKG_VERSION"), running.base_url)?;
    if let Some(welcome) = &running.welcome {
        writeln!(out, "\nSign in (works once, for 15 minutes):\n  {}", welcome.sign_in_link)?;
        writeln!(out, "\nIngest key:\n  {}", welcome.ingest_key)?;
        writeln!(
            out,
            "\nSend a first event:\n  curl {}/v1/events -H 'Authorization: Bearer {}' \
             -d '{{\"model\":\"claude-sonnet-5-5\",\"usage\":{{\"input_tokens\":412,\"output_tokens\":231}}}}'\n",
            running.base_url, welcome.ingest_key
        )?;
    }
    out.flush()
}

/// Runs until a signal, or until the storage fails.
pub async fn until_stopped(mut running: Running, mut stop: StopSignal) -> Result<ExitCode, Failure> {
    tokio::select! {
        () = stop.received() => {
            tracing::info!("Stopping: open requests are finished, what was taken is stored");
            running.stop().await;
            Ok(ExitCode::SUCCESS)
        }
        error = running.failed() => Err(error.into()),
    }
}

/// Notices that the program should stop, from the moment it is made.
pub struct StopSignal {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignal {
    /// Begins to listen for Ctrl-C and for a service manager.
    pub fn new() -> std::io::Result<Self> {
        Ok(StopSignal {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn received(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
