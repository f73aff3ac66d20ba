//! `bench proxy`: what a proxy adds to calls, in one paired run. In each round everyone has a turn, so that what else
//! the machine does hits all of them; a difference or a ratio is one of the same round.
//!
//! Every contestant is warm before it is measured, works alone while it is, and comes to rest before the next: what
//! Tacho still stores after the last answer is part of its own CPU time and of nobody else's latency.

mod many_connections;
mod one_connection;
mod open_streams;
mod ratios;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::Args;

use crate::calls::Target;
use crate::contestants::{nginx, tacho};
use crate::machine;
use crate::stack::Stack;

/// What is measured, and how often.
#[derive(Debug, Args)]
pub struct Proxy {
    /// The program `tacho`
    #[arg(long)]
    tacho: PathBuf,
    /// Rounds of each part; medians of fewer than five say little
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// Calls in a turn on one connection
    #[arg(long, default_value_t = 1_000)]
    calls: usize,
    /// Seconds of a turn on many connections
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// How many connections are many
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Streams that are open at once, for the memory they take
    #[arg(long, default_value_t = 500)]
    open_streams: usize,
}

impl Proxy {
    /// Measures, and prints what comes out.
    pub async fn run(self) -> Result<()> {
        let program = self.tacho.canonicalize()?;
        println!("{}, {}, {}", tacho::version(&program)?, nginx::version()?, machine::described());
        println!("Medians of {} rounds (least..most)", self.rounds);

        let mut stack = Stack::start("api", &program)?;
        let small = one_connection::measure(&mut stack, &self, Target::small, |times| times.whole).await?;
        print!("{}", one_connection::table("A small call, one connection", "", &small));
        let first =
            one_connection::measure(&mut stack, &self, Target::stream, |times| times.first_byte).await?;
        print!("{}", one_connection::table("A stream, one connection", " of the first byte", &first));
        print!("{}", open_streams::measure(&mut stack, self.open_streams).await?);
        let mut recorded = stack.end().await?;

        let mut stack = Stack::start("lean", &program)?;
        let many = many_connections::measure(&mut stack, &self, Target::small).await?;
        print!("{}", many_connections::table("Small calls", self.connections, &many));
        let streams = many_connections::measure(&mut stack, &self, Target::stream).await?;
        print!("{}", many_connections::table("Streams", self.connections, &streams));
        recorded += stack.end().await?;

        print!("{}", ratios::table(&small, &first, &many, &streams));
        println!("\nTacho has recorded every call once: {recorded} of {recorded}.");
        println!("Load average at the end: {}", machine::load());
        Ok(())
    }

    fn time(&self) -> Duration {
        Duration::from_secs_f64(self.seconds)
    }
}

/// Takes its turn before each that is measured.
const WARM_UP_CALLS: usize = 100;
/// The same, for many connections.
const WARM_UP: Duration = Duration::from_millis(300);
