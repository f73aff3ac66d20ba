//! What the figures say together: Tacho held against the others, round by round, beside what it aims at.

use super::many_connections::Throughput;
use super::one_connection::Latency;
use crate::contestants::{CONTESTANTS, Kind, direct, nginx, tacho, tee};
use crate::figures::{Rounds, Spread, Table, paired};

/// The ratios, each with its goal.
pub fn table(small: &[Latency], first: &[Latency], many: &[Throughput], streams: &[Throughput]) -> Table {
    let mut table = Table::new("Tacho beside the others, of the same round", ["", "", "goal"]);
    let mut line = |what: &str, rounds: &Rounds, digits, goal: &str| {
        table.line(what, [Spread::of(rounds, digits).to_string(), goal.to_owned()]);
    };
    let added =
        |measured: &[Latency], kind: &Kind| of(measured, kind).beyond(of(measured, &direct::KIND)).p50;
    let by = |this: &Rounds, other: &Rounds| paired(this, other, |this, other| this / other);

    let tachos = added(small, &tacho::KIND);
    for other in [&tee::KIND, &nginx::KIND] {
        let name = format!("added p50, tacho / {}", other.name);
        line(&name, &by(&tachos, &added(small, other)), 2, "at most 1.5");
    }
    let first_ms = added(first, &tacho::KIND).iter().map(|us| us / 1e3).collect();
    line("added p50 of a stream's first byte, ms", &first_ms, 3, "at most 0.3");
    for (what, measured) in [("small calls", many), ("streams", streams)] {
        let tachos = of(measured, &tacho::KIND);
        for (other, goal) in [(&tee::KIND, "at least 0.7"), (&nginx::KIND, "")] {
            let others = of(measured, other);
            let per_s = format!("{what} a second, tacho / {}", other.name);
            line(&per_s, &by(&tachos.per_s, &others.per_s), 2, goal);
            let cpu = format!("CPU time of {what}, tacho / {}", other.name);
            line(&cpu, &by(&tachos.cpu_us, &others.cpu_us), 2, "");
        }
    }
    table
}

/// What one of them measured.
fn of<'a, T>(measured: &'a [T], kind: &Kind) -> &'a T {
    let place = CONTESTANTS.iter().position(|listed| listed.name == kind.name);
    &measured[place.unwrap_or_default()]
}
