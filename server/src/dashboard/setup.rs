//! How applications are connected, and what was heard of them.

use app::api::setup::{Heard, Way};
use domain::limits::Source;
use vocabulary::{Problem, wording};

use super::Dashboard;
use super::ways::{INGEST_KEY, Place, ways};
use crate::store::EventQuery;
use crate::watch::snapshot::Pick;

impl Dashboard {
    /// What to paste.
    pub fn ways(&self) -> Vec<Way> {
        ways(&Place {
            base_url: self.sources.base_url.clone(),
            ingest_key: self.sources.first_key.clone().unwrap_or_else(|| INGEST_KEY.to_owned()),
            proxy_needs_key: self.sources.proxy_needs_key,
        })
    }

    /// What was heard.
    pub async fn read_heard(&self) -> Result<Heard, Problem> {
        let to_ms = self.now_ms() + 86_400_000;
        let query =
            EventQuery { from_ms: 0, to_ms, filters: Vec::new(), only_long: false, before: None, limit: 1 };
        let latest = self.store().page_of_events(&query).await?.into_iter().next();
        let snapshot = self.snapshot().await;
        let limits = snapshot.pick(Pick::EACH).into_iter();
        let learned = limits.filter(|standing| standing.limit.source == Source::Learned).count() as u64;
        Ok(Heard {
            latest: latest.map(|latest| (wording::name(&latest.event.dimensions.model), latest.event.at_ms)),
            learned,
            delivered: self.store().last_arrival_ms().await?,
        })
    }
}
