//! Closed loops: each connection sends the next call when the answer to the last is whole.

use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::task::JoinSet;

use crate::calls::{Call, Target};
use crate::connection::{Connection, Times};

/// One connection: `calls` calls that are measured, after `warm_up` that are not.
pub async fn one_connection(
    target: &Target,
    call: &Call,
    warm_up: usize,
    calls: usize,
) -> Result<Vec<Times>> {
    let mut connection = Connection::open(target.address).await?;
    for _ in 0..warm_up {
        connection.call(call).await?;
    }
    let mut times = Vec::with_capacity(calls);
    for _ in 0..calls {
        times.push(connection.call(call).await?);
    }
    Ok(times)
}

/// What many connections got done.
#[derive(Debug, Clone, Copy, Default)]
pub struct Done {
    /// Every call, those of the warm-up too.
    pub calls: u64,
    /// Those answered within the time that was measured.
    pub measured: u64,
}

/// Many connections at once: for `time`, after a `warm_up`.
pub async fn many_connections(
    target: &Target,
    call: &Call,
    connections: usize,
    warm_up: Duration,
    time: Duration,
) -> Result<Done> {
    let mut open = Vec::with_capacity(connections);
    for _ in 0..connections {
        open.push(Connection::open(target.address).await?);
    }
    let begin = Instant::now() + warm_up;
    let end = begin + time;
    let mut loops = JoinSet::new();
    for mut connection in open {
        let call = call.clone();
        loops.spawn(async move {
            let mut done = Done::default();
            loop {
                connection.call(&call).await?;
                done.calls += 1;
                let now = Instant::now();
                done.measured += u64::from(now >= begin && now < end);
                if now >= end {
                    return anyhow::Ok(done);
                }
            }
        });
    }
    let mut all = Done::default();
    while let Some(done) = loops.join_next().await {
        let done = done??;
        all.calls += done.calls;
        all.measured += done.measured;
    }
    Ok(all)
}
