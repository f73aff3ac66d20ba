//! What to paste until the first event arrives, and what an overview says first.

use app::api::setup::Setup;

use super::Dashboard;
use super::ways::{INGEST_KEY, Place, ways};
use crate::store::StoreError;

impl Dashboard {
    pub(super) async fn read_setup(&self) -> Result<Setup, StoreError> {
        let first_key = &self.sources.first_key;
        let earliest = self.store().earliest_event().await?;
        Ok(Setup {
            has_events: earliest.is_some(),
            ways: ways(&Place {
                base_url: self.sources.base_url.clone(),
                ingest_key: first_key.clone().unwrap_or_else(|| INGEST_KEY.to_owned()),
                proxy_needs_key: self.sources.proxy_needs_key,
            }),
            notices: self.notices(earliest).await?,
        })
    }
}
