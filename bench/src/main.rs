//! Benchmarks of Tacho beside its neighbours, on one machine. `cargo xtask bench` builds and starts them.
//!
//! A benchmark is a file here and a word in [`Bench`]. What takes part in one runs in processes of its own, so that
//! each can be asked what it used: programs, and small servers that this program starts as `bench serve` (`serve/`).
//! Everything ends with the benchmark, also when that is interrupted.

mod calls;
mod connection;
mod contestants;
mod figures;
mod load;
mod machine;
mod process;
mod proxy;
mod queue;
mod serve;
mod stack;

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Parser;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

/// Measures Tacho beside its neighbours.
#[derive(Debug, Parser)]
#[command(name = "bench", max_term_width = 100)]
enum Bench {
    /// What the proxy adds to a call, beside nginx, a minimal proxy, and none
    Proxy(proxy::Proxy),
    /// What the policy `queue` does for a recorded burst of calls, in real time
    Queue(queue::Queue),
    /// One of the servers that take part
    #[command(hide = true, subcommand)]
    Serve(serve::Serve),
}

fn main() -> ExitCode {
    let done = match Bench::parse() {
        Bench::Proxy(proxy) => measure(proxy.run()),
        Bench::Queue(queue) => measure(queue.run()),
        Bench::Serve(server) => serve(server),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn serve(server: serve::Serve) -> Result<()> {
    Runtime::new()?.block_on(server.run())
}

/// Runs a benchmark. Who calls has one thread: handing a call from one to another would be measured, too.
fn measure(benchmark: impl Future<Output = Result<()>>) -> Result<()> {
    machine::allow_many_connections();
    Builder::new_current_thread().enable_all().build()?.block_on(async {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            measured = benchmark => measured,
            _ = interrupt.recv() => bail!("interrupted"),
            _ = terminate.recv() => bail!("terminated"),
        }
    })
}
