//! What to paste until the first event arrives.

use app::api::setup::Setup;

use super::Dashboard;
use crate::store::StoreError;

impl Dashboard {
    pub(super) async fn read_setup(&self) -> Result<Setup, StoreError> {
        let first_key = &self.sources.first_key;
        Ok(Setup {
            has_events: self.store().has_events().await?,
            base_url: self.sources.base_url.clone(),
            ingest_key: first_key.clone().unwrap_or_else(|| "YOUR_INGEST_KEY".to_owned()),
            key_is_real: first_key.is_some(),
            has_channels: !self.store().channels().await?.is_empty(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        })
    }
}
