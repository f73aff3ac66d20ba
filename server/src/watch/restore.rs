//! Rebuilds the watch from the store: at start, after somebody else has written, after a failed commit.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Settings, Watch};
use crate::alert::machine::recover;
use crate::dashboard::plan;
use crate::limits::{Board, LATENESS_S, Limit, Scope, Source, WindowShape, kind};
use crate::store::{EventQuery, OVERFLOW, Store, StoreError, TransitionRecord};

/// Events read at a time.
const PAGE: u32 = 5_000;
/// The longest rolling window, in seconds.
const LONGEST_ROLLING_S: i64 = 60;

/// Knows how to rebuild a [`Watch`].
pub struct Restorer {
    settings: Arc<Settings>,
}

impl Restorer {
    /// A restorer with the settings of the watches it builds.
    pub fn new(settings: Settings) -> Self {
        Restorer { settings: Arc::new(settings) }
    }

    /// Reads limits, recent events, sums of open calendar windows and open alerts.
    pub async fn restore(&self, store: &dyn Store, now_ms: i64) -> Result<Watch, StoreError> {
        let limits = store.limits().await?;
        let mut board = Board::new(limits.clone(), self.settings.time_zone.clone());
        for need in board.seed_needs(now_ms) {
            let Some(limit) = limits.iter().find(|limit| limit.id == need.limit_id) else { continue };
            for (scope_value, used, incomplete) in sums(store, limit, need.window_start_ms, now_ms).await? {
                board.seed(&limit.id, &scope_value, need.window_start_ms, used, incomplete);
            }
        }
        if limits.iter().any(|limit| matches!(limit.kind.window, WindowShape::Rolling { .. })) {
            replay(store, &mut board, now_ms).await?;
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
        let closed = store.closed_instances(now_ms).await?.into_iter().map(|instance| {
            let start_ms = instance.window.map_or(0, |(start_ms, _)| start_ms);
            ((instance.limit_id.clone(), instance.scope_value.clone(), start_ms), instance)
        });
        let closed = closed.collect();
        let limits = limits.into_iter().map(|limit| (limit.id.clone(), limit)).collect();
        Ok(Watch { settings: self.settings.clone(), limits, departed, board, instances, closed, now_ms })
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
        revision: 0,
    })
}

/// What a calendar window has used so far, by scope value.
async fn sums(
    store: &dyn Store,
    limit: &Limit,
    from_ms: i64,
    now_ms: i64,
) -> Result<Vec<(String, i64, bool)>, StoreError> {
    let WindowShape::Calendar(_) = limit.kind.window else { return Ok(Vec::new()) };
    let (by, filters) = match &limit.scope {
        Scope::Everything => (vec![], vec![]),
        Scope::Each(dimension) => (vec![*dimension], vec![]),
        Scope::One(dimension, value) => {
            (vec![], vec![app::api::vocabulary::Filter { dimension: *dimension, value: value.clone() }])
        }
    };
    let mut totals: HashMap<String, (i64, bool)> = HashMap::new();
    // Events may lie a little in the future.
    for query in plan::totals(&by, &filters, from_ms, now_ms + LATENESS_S * 1_000) {
        for row in store.series(&query).await? {
            let value = match &limit.scope {
                Scope::Everything => String::new(),
                Scope::One(_, value) => value.clone(),
                Scope::Each(_) => row.key.into_iter().next().unwrap_or_default(),
            };
            // Values beyond the cap on series share a sum that says nothing about any of them.
            if matches!(limit.scope, Scope::Each(_)) && (value.is_empty() || value == OVERFLOW) {
                continue;
            }
            let (used, incomplete) = limit.kind.of_sums(&row.sums);
            let total = totals.entry(value).or_default();
            total.0 = total.0.saturating_add(used);
            total.1 |= incomplete;
        }
    }
    Ok(totals.into_iter().map(|(value, (used, incomplete))| (value, used, incomplete)).collect())
}

/// Counts the recent events again for rolling windows.
async fn replay(store: &dyn Store, board: &mut Board, now_ms: i64) -> Result<(), StoreError> {
    let mut query = EventQuery {
        from_ms: now_ms - (LONGEST_ROLLING_S + LATENESS_S) * 1_000,
        to_ms: i64::MAX,
        filters: Vec::new(),
        before: None,
        limit: PAGE,
    };
    loop {
        let page = store.events(&query).await?;
        for stored in &page {
            board.replay(&stored.event, stored.cost, now_ms);
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => query.before = Some((last.event.at_ms, last.key)),
            _ => return Ok(()),
        }
    }
}
