//! What a stream can tell beside ticks, and what of it has changed.

use std::collections::HashMap;

use app::api::standing::{Standing, Window};
use serde::Serialize;

use super::sse;
use crate::dashboard::Dashboard;
use crate::watch::snapshot::Pick;

/// Standings that are told of: the worst.
const MOST_STANDINGS: usize = 200;
/// Alerts that are told of: the latest.
const MOST_ALERTS: u32 = 20;

/// What there is to tell at one moment.
#[derive(Default)]
pub struct Told(Vec<Item>);

struct Item {
    name: &'static str,
    /// What it is about.
    about: String,
    /// What of it counts as a change.
    counts: String,
    /// What is told.
    json: String,
}

impl Told {
    /// What there is to tell now.
    pub async fn now(dashboard: &Dashboard) -> Self {
        let mut told = Told::default();
        for bucket in dashboard.read_recent_minutes().await.unwrap_or_default() {
            told.add("bucket", format!("bucket {}", bucket.at), &bucket, &bucket);
        }
        for standing in dashboard.read_standings(Pick::Worst(MOST_STANDINGS)).await.standings.standings {
            let value = standing.scope.value.as_deref().unwrap_or_default();
            let about = format!("standing {} {value}", standing.limit_id);
            // A rolling window moves with every look at it, and so does what is read off it; and that others have come
            // under its limit is no news of this one.
            let still = Standing {
                values: 0,
                window: Window::default(),
                replica: None,
                unseen: None,
                learned: None,
                ..standing.clone()
            };
            told.add("standing", about, &still, &standing);
        }
        let alerts = dashboard.read_feed(MOST_ALERTS, None).await.map(|feed| feed.items).unwrap_or_default();
        for alert in alerts.iter().rev() {
            told.add("alert", format!("alert {} {}", alert.incident_key, alert.sequence), alert, alert);
        }
        told
    }

    fn add(&mut self, name: &'static str, about: String, counts: &impl Serialize, told: &impl Serialize) {
        if let (Ok(counts), Ok(json)) = (serde_json::to_string(counts), serde_json::to_string(told)) {
            self.0.push(Item { name, about, counts, json });
        }
    }

    /// What is new since `before`, as a stream has it.
    pub fn since(&self, before: &Told, id: &str) -> String {
        let before: HashMap<&str, &str> =
            before.0.iter().map(|item| (item.about.as_str(), item.counts.as_str())).collect();
        let is_new = |item: &&Item| before.get(item.about.as_str()) != Some(&item.counts.as_str());
        self.0.iter().filter(is_new).map(|item| sse(item.name, id, &item.json)).collect()
    }
}
