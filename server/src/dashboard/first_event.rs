//! The first event there is: each part of a page asks for it, and it is looked up once.

use std::sync::Arc;

use vocabulary::Problem;

use super::Dashboard;
use crate::store::StoredEvent;

impl Dashboard {
    /// The first event, looked up once for all who ask at one moment.
    pub(super) async fn first_event(self: &Arc<Self>) -> Result<Option<Arc<StoredEvent>>, Problem> {
        let dashboard = self.clone();
        let make = move |()| {
            let dashboard = dashboard.clone();
            async move { Ok(dashboard.store().earliest_event().await?.map(Arc::new)) }
        };
        self.firsts.reply(self.moment(), (), make).await
    }

    /// When it was, Unix milliseconds.
    pub(super) async fn first_ms(self: &Arc<Self>) -> Result<Option<i64>, Problem> {
        Ok(self.first_event().await?.map(|first| first.event.at_ms))
    }

    /// Whether anything is stored: of what others have just written to the same file, a moment knows nothing yet.
    pub async fn has_events(self: &Arc<Self>) -> Result<bool, Problem> {
        Ok(self.first_event().await?.is_some() || self.store().has_events().await?)
    }
}
