//! What is wrong with events on their way here, in numbers: what the notices of the overview say in words.

use domain::time::rfc3339;
use serde::Serialize;

use app::pages::settings;

use super::{Dashboard, LATELY_MS};
use crate::store::{Remarked, StoreError};

/// The answer of `GET /v1/health`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Health {
    /// From when on events are counted below, RFC 3339: a day ago.
    pub since: String,
    /// Events that were taken, but not all of them as they were given: of which fields, by the code of the remark.
    pub remarks: Vec<Remarked>,
    pub refused: u64,
    /// Events of the proxy that wait in a file, in bytes.
    pub waiting_bytes: u64,
    /// Events of the proxy that were lost since Tacho started.
    pub lost: u64,
}

impl Dashboard {
    /// How events fared in the last day.
    pub async fn read_health(&self) -> Result<Health, StoreError> {
        let since_ms = self.now_ms() - LATELY_MS;
        let refusals = self.store().refusals(since_ms).await?;
        let kept = self.sources.journal.kept();
        Ok(Health {
            since: rfc3339(since_ms),
            remarks: self.store().remarked(since_ms).await?,
            refused: refusals.iter().map(|refusal| refusal.items).sum(),
            waiting_bytes: kept.spilled_bytes,
            lost: kept.lost,
        })
    }

    /// What the page of Tacho's own health shows.
    pub async fn health_page(&self) -> Result<settings::HealthPage, StoreError> {
        let health = self.read_health().await?;
        let store = self.store();
        Ok(settings::HealthPage {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            data_dir: self.sources.data_dir.clone(),
            database_bytes: (self.sources.database_bytes)(),
            first_ms: store.earliest_event().await?.map(|first| first.event.at_ms),
            waiting_bytes: health.waiting_bytes,
            lost: health.lost,
            refused: health.refused,
            unreadable: health.remarks.iter().map(|remark| remark.events).sum(),
            stores: !self.sources.recorder.is_read_only(),
            queued_bytes: self.sources.recorder.queued_bytes(),
        })
    }
}
