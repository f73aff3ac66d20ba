//! The oracle: everything in memory, in the plainest way, to hold the other stores against.
//!
//! It keeps no rollups: every sum is counted anew from the events, so that it cannot share a mistake with the stores that
//! do. What it does otherwise than they do, and `tests/it/store/oracle.rs` pins:
//!
//! - It forgets everything at the end of the process, and nobody else can write to it.
//! - It has no cap on series, which is there to bound rollups: every value is told apart, whatever there is room for.
//! - Its sums are of exactly the stretch of time that is asked for. A rollup has no finer than its buckets; whoever plans a
//!   question ([`plan`](super::plan)) asks for whole ones.
//! - It takes as long as it takes: no question is over its budget or crowded out, and no id is in too many projects to be
//!   looked for in each ([`Corrected::Anywhere`](super::Corrected)).
//! - It measures the bytes of notes exactly, and at every note.

mod alerts;
mod answers;
mod audit;
mod corrections;
mod policies;
mod registry;
mod runs;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::rollup::Sums;
use domain::usage::{Dimensions, EventKey, ServiceTier};
use vocabulary::{Dimension, Filter};

use super::{
    CheckReport, Entry, EventQuery, Fate, Judge, KEPT_REFUSALS, LONG_MS, Ledger, NumberedNote, RefusalRecord,
    Remembered, SeriesQuery, SeriesRow, SeriesSource, StoreError, StoredEvent,
};

/// Keeps everything in memory.
#[derive(Default)]
pub struct MemoryStore(Mutex<State>);

#[derive(Default, Clone)]
struct State {
    events: BTreeMap<(i64, EventKey), StoredEvent>,
    known: HashMap<EventKey, Remembered>,
    notes: VecDeque<Arc<NumberedNote>>,
    note_bytes: usize,
    refusals: VecDeque<RefusalRecord>,
    runs: runs::Runs,
    alerts: alerts::State,
    registry: registry::State,
}

impl MemoryStore {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes everything that is to be changed or, on an error, nothing.
    fn change<T>(&self, change: impl FnOnce(&mut State) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut state = self.state();
        let mut changed = state.clone();
        let done = change(&mut changed)?;
        *state = changed;
        Ok(done)
    }
}

#[async_trait]
impl Ledger for MemoryStore {
    async fn ingest(&self, batch: &[Entry], judge: &mut Judge<'_>) -> Result<Vec<Fate>, StoreError> {
        self.change(|state| {
            let mut fresh = Vec::new();
            let mut fates = Vec::with_capacity(batch.len());
            for entry in batch {
                fates.push(match state.known.get(&entry.key) {
                    Some(known) => known.fate(entry.digest),
                    None => {
                        state.known.insert(entry.key, Remembered::now(entry.digest));
                        let Entry { event, key, cost, .. } = entry.clone();
                        state.events.insert((event.at_ms, key), StoredEvent { key, event, cost });
                        fresh.push(entry);
                        Fate::Accepted
                    }
                });
            }
            if !fresh.is_empty() {
                fresh.retain(|entry| !entry.event.handling.answered_here);
                let changes = judge(&fresh);
                state.change_alerts(&changes)?;
            }
            Ok(fates)
        })
    }

    async fn series(&self, query: &SeriesQuery) -> Result<Vec<SeriesRow>, StoreError> {
        let mut rows: BTreeMap<(i64, Vec<String>), Sums> = BTreeMap::new();
        for stored in self.state().events.values() {
            let dimensions = &stored.event.dimensions;
            let at_ms = stored.event.at_ms;
            let is_counted = match query.source {
                SeriesSource::Counted(endpoints) => {
                    stored.event.service_tier != ServiceTier::Batch
                        && endpoints.covers(stored.event.endpoint_class)
                }
                SeriesSource::Rollup(..) | SeriesSource::Raw => true,
            };
            if stored.event.handling.answered_here || !is_counted {
                continue;
            }
            if at_ms < query.from_ms || at_ms >= query.to_ms || !passes(dimensions, &query.filters) {
                continue;
            }
            let bucket_ms = query.bucket_ms(at_ms);
            let key = query.by.iter().map(|dimension| dimensions.get(*dimension).to_owned()).collect();
            rows.entry((bucket_ms, key)).or_default().add(&Sums::of(&stored.event, stored.cost));
        }
        Ok(rows.into_iter().map(|((bucket_ms, key), sums)| SeriesRow { bucket_ms, key, sums }).collect())
    }

    async fn events(&self, query: &EventQuery) -> Result<Vec<StoredEvent>, StoreError> {
        let state = self.state();
        let wanted = state.events.iter().rev().filter(|(place, stored)| {
            (query.from_ms..query.to_ms).contains(&place.0)
                && query.before.is_none_or(|before| **place < before)
                && (!query.only_long || stored.event.duration_ms >= Some(LONG_MS.unsigned_abs()))
                && passes(&stored.event.dimensions, &query.filters)
        });
        Ok(wanted.take(query.limit as usize).map(|(_, stored)| stored.clone()).collect())
    }

    async fn has_events(&self) -> Result<bool, StoreError> {
        Ok(!self.state().events.is_empty())
    }

    async fn received_at_ms(&self, key: EventKey) -> Result<Option<i64>, StoreError> {
        let state = self.state();
        let stored = state.events.iter().find(|((_, known), _)| *known == key);
        Ok(stored.map(|(_, stored)| stored.event.received_at_ms))
    }

    async fn earliest_event(&self) -> Result<Option<StoredEvent>, StoreError> {
        Ok(self.state().events.values().next().cloned())
    }

    async fn record_refusals(&self, refusals: &[RefusalRecord]) -> Result<(), StoreError> {
        let kept = &mut self.state().refusals;
        kept.extend(refusals.iter().cloned());
        kept.drain(..kept.len().saturating_sub(KEPT_REFUSALS));
        Ok(())
    }

    async fn refusals(&self, since_ms: i64) -> Result<Vec<RefusalRecord>, StoreError> {
        let state = self.state();
        let since = state.refusals.iter().rev().filter(|refusal| refusal.received_at_ms >= since_ms);
        Ok(since.cloned().collect())
    }

    async fn note_run(&self, from_ms: i64, to_ms: i64) -> Result<(), StoreError> {
        self.state().runs.note(from_ms, to_ms);
        Ok(())
    }

    async fn check(&self) -> Result<CheckReport, StoreError> {
        let state = self.state();
        let mut problems = Vec::new();
        let stored = state.known.values().filter(|known| known.stored.is_some()).count();
        if state.events.len() != stored {
            problems.push(format!("{} events, {stored} ids", state.events.len()));
        }
        let counted = state.events.values().filter(|stored| !stored.event.handling.answered_here);
        Ok(CheckReport { events: counted.count() as u64, problems })
    }

    async fn probe(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn foreign_writes(&self) -> Result<u64, StoreError> {
        Ok(0)
    }
}

/// What fails as it does in a database: something is there already.
fn taken(what: &str, id: impl std::fmt::Debug) -> StoreError {
    StoreError::Unavailable(format!("{what} {id:?} exists").into())
}

/// Whether an event with these dimensions is among those that are asked for.
fn passes(dimensions: &Dimensions, filters: &[Filter]) -> bool {
    let mut verdicts: BTreeMap<Dimension, bool> = BTreeMap::new();
    for Filter { dimension, value, is_excluded } in filters {
        let has = dimensions.get(*dimension) == value;
        if *is_excluded && has {
            return false;
        }
        if !is_excluded {
            *verdicts.entry(*dimension).or_default() |= has;
        }
    }
    verdicts.into_values().all(|passes| passes)
}
