//! Throughput: many connections, each with one call after the other, before an API that is never the slowest part.

use anyhow::Result;

use super::{Proxy, WARM_UP};
use crate::calls::{Call, Target};
use crate::contestants::CONTESTANTS;
use crate::figures::{Rounds, Spread, Table, us};
use crate::load::many_connections;
use crate::process::Process;
use crate::stack::Stack;

/// What one got done, and what that took.
#[derive(Default)]
pub struct Throughput {
    /// Calls answered in a second.
    pub per_s: Rounds,
    /// CPU time per call, in microseconds, with what was done after the last answer; empty for no proxy.
    pub cpu_us: Rounds,
    /// Seconds until it rested after the last answer.
    pub rest_s: Rounds,
}

/// Everyone's throughput, in the order of [`CONTESTANTS`].
pub async fn measure(
    stack: &mut Stack,
    options: &Proxy,
    call: fn(&Target) -> Result<Call, http::Error>,
) -> Result<Vec<Throughput>> {
    let mut measured: Vec<Throughput> = CONTESTANTS.iter().map(|_| Throughput::default()).collect();
    for round in 0..options.rounds {
        for (place, contestant) in stack.turns(round) {
            let (target, throughput) = (contestant.target, &mut measured[place]);
            let before = contestant.process.as_ref().map(Process::cpu).transpose()?;
            let call = call(&target)?;
            let done = many_connections(&target, &call, options.connections, WARM_UP, options.time()).await?;
            contestant.calls += done.calls;
            throughput.per_s.push(done.measured as f64 / options.seconds);
            if let (Some(process), Some(before)) = (&contestant.process, before) {
                throughput.rest_s.push(process.rest().await?.as_secs_f64());
                throughput.cpu_us.push(us(process.cpu()? - before) / done.calls as f64);
            }
        }
    }
    Ok(measured)
}

/// What was measured.
pub fn table(what: &str, connections: usize, measured: &[Throughput]) -> Table {
    let title = format!("{what}, {connections} connections");
    let mut table = Table::new(title, ["", "calls/s", "CPU us per call", "s until it rests"]);
    for (kind, throughput) in CONTESTANTS.iter().zip(measured) {
        let mut cells = vec![Spread::of(&throughput.per_s, 0).to_string()];
        if !throughput.cpu_us.is_empty() {
            cells.push(Spread::of(&throughput.cpu_us, 1).to_string());
            cells.push(Spread::of(&throughput.rest_s, 1).to_string());
        }
        table.line(kind.name, cells);
    }
    table
}
