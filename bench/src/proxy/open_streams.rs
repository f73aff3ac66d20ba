//! Memory: many streams that are open at the same time, and what is left of them afterwards.

use anyhow::Result;

use crate::connection::Connection;
use crate::figures::Table;
use crate::stack::Stack;

/// Everyone's resident memory before, with and after so many streams. Once: memory is not noisy.
pub async fn measure(stack: &mut Stack, streams: usize) -> Result<Table> {
    let title = format!("{streams} open streams: resident memory, MB");
    let mut table = Table::new(title, ["", "before", "open", "closed", "KB per stream"]);
    for (_, contestant) in stack.turns(0) {
        let Some(process) = &contestant.process else { continue };
        let before = process.resident_bytes()?;
        let call = contestant.target.silent_stream()?;
        let mut open = Vec::with_capacity(streams);
        for _ in 0..streams {
            open.push(Connection::open(contestant.target.address).await?.begin(&call).await?);
        }
        contestant.calls += streams as u64;
        process.rest().await?;
        let with = process.resident_bytes()?;
        drop(open);
        process.rest().await?;
        let after = process.resident_bytes()?;
        let per_stream = with.saturating_sub(before) as f64 / streams as f64 / 1e3;
        let bytes = [before, with, after].map(|bytes| format!("{:.1}", bytes as f64 / 1e6));
        table.line(contestant.name, bytes.into_iter().chain([format!("{per_stream:.1}")]));
    }
    Ok(table)
}
