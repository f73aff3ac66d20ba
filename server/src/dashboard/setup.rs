//! What to paste until the first event arrives.

use app::api::setup::{Refused, Setup};

use super::Dashboard;
use crate::store::StoreError;

/// How far back refused events are told of.
const LATELY_MS: i64 = 24 * 3_600_000;

impl Dashboard {
    pub(super) async fn read_setup(&self) -> Result<Setup, StoreError> {
        let first_key = &self.sources.first_key;
        let refusals = self.store().refusals(self.now_ms() - LATELY_MS).await?;
        let refused = refusals.first().map(|latest| Refused {
            count: refusals.iter().map(|refusal| refusal.items).sum(),
            key: latest.api_key_public.clone(),
            message: latest.message.clone(),
        });
        Ok(Setup {
            has_events: self.store().has_events().await?,
            base_url: self.sources.base_url.clone(),
            ingest_key: first_key.clone().unwrap_or_else(|| "YOUR_INGEST_KEY".to_owned()),
            key_is_real: first_key.is_some(),
            refused,
        })
    }
}
