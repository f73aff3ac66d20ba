//! The minutes that a live page is told of.

use app::api::live::Bucket;
use domain::rollup::Grain;

use super::{Dashboard, breakdown};
use crate::store::{StoreError, plan};

/// Minutes back from now that may still change: as late as events count in rolling windows.
const RECENT_MINUTES: i64 = 15;

impl Dashboard {
    /// The latest minutes, oldest first, only where there is data.
    pub async fn read_recent_minutes(&self) -> Result<Vec<Bucket>, StoreError> {
        let (now_ms, minute_ms) = (self.now_ms(), Grain::Minute.length_ms());
        let from_ms = now_ms - RECENT_MINUTES * minute_ms;
        let rows = self.read_minutes(&plan::query(&[], &[], from_ms, now_ms + minute_ms, minute_ms)).await?;
        let buckets = rows.into_iter().map(|row| Bucket {
            at: row.bucket_ms / 1_000,
            step_s: Grain::Minute.length_s(),
            partial: row.bucket_ms + minute_ms > now_ms,
            sums: breakdown::shown(&row.sums),
        });
        Ok(buckets.collect())
    }
}
