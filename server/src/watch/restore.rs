//! Rebuilds the watch from the store: at start, after somebody else has written, after a failed commit.

use std::collections::HashMap;
use std::sync::Arc;

use domain::alert::machine::recover;
use domain::limits::learned::Book;
use domain::limits::{Board, Limit, Scope, Source, WindowShape, kind};
use domain::usage::Endpoints;

use super::flood::Flood;
use super::{AlertBehaviour, Watch, recount};
use crate::store::{Store, StoreError, TransitionRecord};

/// Knows how to rebuild a [`Watch`].
pub struct Restorer {
    settings: Arc<AlertBehaviour>,
}

impl Restorer {
    /// A restorer with the settings of the watches it builds.
    pub fn new(settings: AlertBehaviour) -> Self {
        Restorer { settings: Arc::new(settings) }
    }

    /// Reads limits, recent events, sums of open calendar windows and open alerts.
    pub async fn restore(&self, store: &dyn Store, now_ms: i64) -> Result<Watch, StoreError> {
        let limits = store.limits().await?;
        let mut board = Board::new(limits.clone(), self.settings.time_zone.clone());
        let book = Book::new(store.learned().await?);
        for limit in &limits {
            let Some(seen) = book.seen(&limit.id) else { continue };
            if let Some(length_ms) = seen.place.limiter.length_ms() {
                board.set_length(&limit.id, length_ms);
            }
            if let Some(report) = seen.report {
                board.recall(&limit.id, report, now_ms);
            }
        }
        let mut instances = HashMap::new();
        let mut departed = HashMap::new();
        for instance in store.open_instances().await? {
            let id = &instance.limit_id;
            if !limits.iter().any(|limit| limit.id == *id) {
                let told = store.last_transition(&instance).await?;
                departed.extend(told.and_then(last_told).map(|limit| (id.clone(), limit)));
            }
            let key = (id.clone(), instance.scope_value.clone());
            instances.insert(key, recover(instance, now_ms));
        }
        recount::calendar(store, &limits, &instances, &mut board, now_ms).await?;
        if limits.iter().any(|limit| matches!(limit.kind.window, WindowShape::Rolling { .. })) {
            recount::rolling(store, &mut board, now_ms).await?;
        }
        let closed = store.closed_instances(now_ms).await?.into_iter().map(|instance| {
            ((instance.limit_id.clone(), instance.scope_value.clone(), instance.span.start_ms()), instance)
        });
        let closed = closed.collect();
        let limits = limits.into_iter().map(|limit| (limit.id.clone(), limit)).collect();
        Ok(Watch {
            settings: self.settings.clone(),
            limits,
            departed,
            board,
            instances,
            closed,
            book,
            mistaken: Vec::new(),
            is_doubtful: false,
            flood: Flood::default(),
            now_ms,
        })
    }
}

/// A limit that is gone, as far as its history still says.
fn last_told(record: TransitionRecord) -> Option<Limit> {
    let dimension = record.scope_dimension.parse();
    Some(Limit {
        id: record.limit_id,
        name: record.limit_name,
        kind: kind(&record.kind)?,
        amount: record.transition.amount,
        scope: dimension.map_or(Scope::Everything, Scope::Each),
        time_zone: None,
        warn_percent: 0,
        critical_percent: 0,
        source: Source::Typed,
        enabled: false,
        enforce: false,
        endpoints: Endpoints::default(),
        revision: 0,
    })
}
