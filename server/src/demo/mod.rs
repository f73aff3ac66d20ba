//! Made-up traffic, so that every state can be seen without a key.

mod provider;
mod receiver;
mod traffic;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use domain::limits::learned::{Observation, Reporter};
use domain::limits::{Limit, Scope, Source, kind};
use domain::pricing::PriceBook;
use domain::read::digest::digest;
use domain::usage::{Endpoints, Event};
use provider::Provider;
use tempfile::TempDir;
use vocabulary::Dimension;

use crate::assembly::{StartError, open_store, watch_settings};
use crate::clock::Clock;
use crate::config::Config;
use crate::record::intake;
use crate::record::recorder::Recorder;
use crate::store::{AlertChanges, Alerts, Entry, Ledger, Registry};
use crate::watch::restore::Restorer;

pub use receiver::receive;
pub use traffic::Traffic;

const MINUTE_MS: i64 = 60_000;
/// How far back alerts are made up, too.
const WATCHED_MS: i64 = 3 * 3_600_000;
const WEEK_MS: i64 = 7 * 86_400_000;
const GROUP: usize = 5_000;

/// A new, empty directory for this user alone, under a name that nobody can foresee; it goes away with the demo.
pub fn directory() -> std::io::Result<TempDir> {
    tempfile::Builder::new().prefix("tacho-demo-").permissions(Permissions::from_mode(0o700)).tempdir()
}

/// Stores the demo's limits, its traffic up to now and the alerts of the last hours; answers how many events
/// there are.
pub async fn fill(config: &Config, traffic: Traffic, now_ms: i64) -> Result<usize, StartError> {
    let store = open_store(config).await?;
    for limit in plan() {
        store.put_limit(&limit, now_ms - WEEK_MS).await?;
    }
    let prices = PriceBook::embedded();
    let watched_from_ms = (now_ms - WATCHED_MS).div_euclid(MINUTE_MS) * MINUTE_MS;
    let mut made = 0;
    let mut group = Vec::with_capacity(GROUP);
    let mut earlier = traffic.events(now_ms - WEEK_MS, watched_from_ms).peekable();
    while earlier.peek().is_some() {
        group.extend(earlier.by_ref().take(GROUP).map(|event| entry(event, None, &prices)));
        made += group.len();
        store.ingest(&group, &mut |_: &[&Entry]| AlertChanges::default()).await?;
        group.clear();
    }
    // From here on as it would have been: minute by minute, with alerts.
    let restorer = Restorer::new(watch_settings(config, String::new())?);
    let mut watch = restorer.restore(&store, watched_from_ms).await?;
    let mut provider = Provider::default();
    for from_ms in (watched_from_ms..now_ms).step_by(MINUTE_MS as usize) {
        let to_ms = (from_ms + MINUTE_MS).min(now_ms);
        let answered = traffic.events(from_ms, to_ms).map(|event| (provider.answer(&event), event));
        let minute: Vec<Entry> = answered.map(|(said, event)| entry(event, said, &prices)).collect();
        made += minute.len();
        store.ingest(&minute, &mut |fresh: &[&Entry]| watch.observe(fresh, to_ms)).await?;
        store.change_alerts(watch.sweep(to_ms)).await?;
    }
    store.close().await;
    Ok(made)
}

/// Goes on with the same traffic as time goes by.
pub async fn go_on(recorder: Recorder, clock: Clock, traffic: Traffic, from_ms: i64) {
    let prices = PriceBook::embedded();
    let mut provider = Provider::default();
    let mut done_ms = from_ms;
    loop {
        let now_ms = clock.now_ms();
        let answered = traffic.events(done_ms, now_ms).map(|event| (provider.answer(&event), event));
        let entries = answered.map(|(said, event)| entry(event, said, &prices)).collect();
        if let Err(error) = recorder.store(entries).await {
            tracing::warn!(error = %error, "The demo could not go on");
        }
        done_ms = now_ms;
        clock.sleep_until(done_ms + 500).await;
    }
}

fn entry(event: Event, said: Option<Box<Observation>>, prices: &PriceBook) -> Entry {
    let digest = digest(&event);
    let said = said.map(|said| said.reported_by(&Reporter::Proxy));
    intake::entry(event, digest, said, prices)
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
            enforce: false,
            endpoints: Endpoints::default(),
            revision: 1,
        })
    })
    .collect()
}
