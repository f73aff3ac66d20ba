//! Made-up traffic, so that every state can be seen without a key.

pub mod traffic;

use std::path::{Path, PathBuf};

use crate::assembly::open_store;
use crate::clock::Clock;
use crate::config::Config;
use crate::ingest::digest::digest;
use crate::ingest::recorder::Recorder;
use crate::limits::{Limit, Scope, Source, kind};
use crate::pricing::PriceBook;
use crate::store::{AlertChanges, Entry, Ledger, Registry, StoreError};
use crate::usage::{Event, EventKey};
use app::api::vocabulary::Dimension;

const WEEK_MS: i64 = 7 * 86_400_000;
const GROUP: usize = 5_000;

/// A directory that goes away with the demo.
pub struct Directory(PathBuf);

impl Directory {
    /// A new, empty directory.
    pub fn new() -> std::io::Result<Self> {
        let path = std::env::temp_dir().join(format!("tacho-demo-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Directory(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("could not remove {}: {error}", self.0.display());
        }
    }
}

/// Stores the demo's limits and a week of traffic up to now; answers how many events there are.
pub async fn fill(config: &Config, clock: &Clock, seed: u64) -> Result<usize, StoreError> {
    let store = open_store(config).await?;
    let now_ms = clock.now_ms();
    for limit in plan() {
        store.put_limit(&limit, now_ms).await?;
    }
    let prices = PriceBook::embedded();
    let mut group = Vec::with_capacity(GROUP);
    let mut made = 0;
    for event in traffic::events(now_ms - WEEK_MS, now_ms, seed) {
        made += 1;
        group.push(entry(event, &prices));
        if group.len() == GROUP {
            store.ingest(&group, &mut |_: &[&Entry]| AlertChanges::default()).await?;
            group.clear();
        }
    }
    store.ingest(&group, &mut |_: &[&Entry]| AlertChanges::default()).await?;
    store.close().await;
    Ok(made)
}

/// Goes on with the same traffic as time goes by.
pub async fn go_on(recorder: Recorder, clock: Clock, seed: u64) {
    let prices = PriceBook::embedded();
    let mut done_ms = clock.now_ms();
    loop {
        clock.sleep_until(done_ms + 500).await;
        let now_ms = clock.now_ms();
        let entries = traffic::events(done_ms, now_ms, seed).map(|event| entry(event, &prices)).collect();
        if let Err(error) = recorder.store(entries).await {
            tracing::warn!(error = %error, "The demo could not go on");
        }
        done_ms = now_ms;
    }
}

fn entry(event: Event, prices: &PriceBook) -> Entry {
    Entry {
        key: EventKey::new(&event.dimensions.project, &event.id),
        digest: digest(&event),
        cost: prices.cost(&event),
        event,
    }
}

/// Limits that the traffic comes near, passes, and stays far below.
fn plan() -> Vec<Limit> {
    let everything = Scope::Everything;
    [
        ("Requests per minute", "requests_per_minute", 50, everything.clone()),
        ("Input tokens per minute", "input_tokens_per_minute", 400_000, everything.clone()),
        ("Output tokens per minute", "output_tokens_per_minute", 40_000, everything.clone()),
        ("Tokens per day", "tokens_per_day", 500_000_000, everything.clone()),
        ("Concurrent requests", "concurrent_requests", 40, everything.clone()),
        (
            "Checkout: spend per day",
            "spend_per_day",
            60_000_000_000,
            Scope::One(Dimension::Project, "checkout".into()),
        ),
        ("Spend per month", "spend_per_month", 2_000_000_000_000, everything),
        ("Each user: tokens per day", "tokens_per_day", 60_000_000, Scope::Each(Dimension::User)),
    ]
    .into_iter()
    .enumerate()
    .filter_map(|(index, (name, word, amount, scope))| {
        Some(Limit {
            id: format!("lim_demo_{index}"),
            name: name.to_owned(),
            kind: kind(word)?,
            amount,
            scope,
            time_zone: None,
            warn_percent: 80,
            critical_percent: 100,
            source: Source::Typed,
            enabled: true,
            revision: 1,
        })
    })
    .collect()
}
