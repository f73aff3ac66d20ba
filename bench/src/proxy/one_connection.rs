//! Latency: one call after the other, over one connection that is kept.

use std::time::Duration;

use anyhow::Result;

use super::{Proxy, WARM_UP_CALLS};
use crate::calls::{Call, Target};
use crate::connection::Times;
use crate::contestants::CONTESTANTS;
use crate::figures::{Rounds, Spread, Table, paired, percentile, us};
use crate::load::one_connection;
use crate::stack::Stack;

/// How long calls took, in microseconds.
#[derive(Default)]
pub struct Latency {
    /// Half of them took no longer.
    pub p50: Rounds,
    /// 99 of a hundred took no longer.
    pub p99: Rounds,
}

impl Latency {
    /// What this one's calls took beyond those of another in the same round, percentile by percentile.
    pub fn beyond(&self, other: &Latency) -> Latency {
        let difference = |this: f64, other: f64| this - other;
        Latency {
            p50: paired(&self.p50, &other.p50, difference),
            p99: paired(&self.p99, &other.p99, difference),
        }
    }
}

/// Everyone's latency, in the order of [`CONTESTANTS`].
pub async fn measure(
    stack: &mut Stack,
    options: &Proxy,
    call: fn(&Target) -> Result<Call, http::Error>,
    time: fn(Times) -> Duration,
) -> Result<Vec<Latency>> {
    let mut measured: Vec<Latency> = CONTESTANTS.iter().map(|_| Latency::default()).collect();
    for round in 0..options.rounds {
        for (place, contestant) in stack.turns(round) {
            let target = contestant.target;
            let times = one_connection(&target, &call(&target)?, WARM_UP_CALLS, options.calls).await?;
            contestant.calls += (WARM_UP_CALLS + options.calls) as u64;
            let mut times: Vec<f64> = times.into_iter().map(|times| us(time(times))).collect();
            measured[place].p50.push(percentile(&mut times, 50.0));
            measured[place].p99.push(percentile(&mut times, 99.0));
            if let Some(process) = &contestant.process {
                process.rest().await?;
            }
        }
    }
    Ok(measured)
}

/// What was measured, and what each added.
pub fn table(title: &str, of: &str, measured: &[Latency]) -> Table {
    let title = format!("{title}: time{of}, us");
    let mut table = Table::new(title, ["", "p50", "p99", "added p50", "added p99"]);
    for (kind, latency) in CONTESTANTS.iter().zip(measured) {
        let added = latency.beyond(&measured[0]);
        let columns = [&latency.p50, &latency.p99, &added.p50, &added.p99];
        table.line(kind.name, columns.map(|rounds| Spread::of(rounds, 0).to_string()));
    }
    table
}
