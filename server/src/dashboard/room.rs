//! How much room there is: where limits stand, and when calls were last refused.

use std::sync::Arc;

use app::api::room::{RefusedMinute, Room};
use vocabulary::{Problem, wording};

use super::shown::standing_as_shown;
use super::{Dashboard, LATELY_MS};
use crate::store::StoreError;
use crate::watch::snapshot::Pick;

impl Dashboard {
    /// Where every limit stands at its worst, made once for all who ask at one moment.
    pub async fn read_room(self: &Arc<Self>) -> Result<Arc<Room>, Problem> {
        let dashboard = self.clone();
        let make = move |()| {
            let dashboard = dashboard.clone();
            async move { Ok(Arc::new(dashboard.make_room().await?)) }
        };
        self.rooms.reply(self.moment(), (), make).await
    }

    async fn make_room(&self) -> Result<Room, Problem> {
        let snapshot = self.snapshot().await;
        let mut standings = self.standings(&snapshot, Pick::EACH).standings.standings;
        standings.iter_mut().for_each(standing_as_shown);
        let now_ms = self.now_ms();
        let throttled = self.store().last_throttled(now_ms - LATELY_MS, now_ms + 60_000, &[]).await;
        let refusal = match throttled {
            // The page is worth more than this word of it.
            Err(StoreError::OverBudget | StoreError::Crowded) => None,
            throttled => throttled?.map(|throttled| RefusedMinute {
                at_s: throttled.minute_ms / 1_000,
                model: wording::name(&throttled.model),
                project: wording::name(&throttled.project),
                calls: throttled.calls,
            }),
        };
        Ok(Room { as_of_ms: snapshot.as_of_ms, limits: snapshot.limits, standings, refusal })
    }
}
