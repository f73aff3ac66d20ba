//! What happened: incidents of alerts, and limits that were learned.

use std::collections::{BTreeMap, HashMap};

use app::api::happened::{Happening, Incident, LearnedAmount, LearnedLately, LearnedPool};
use domain::limits::learned::Place;
use domain::limits::{KINDS, Source};
use vocabulary::{Severity, wording};

use super::Dashboard;
use super::stretch::Resolved;
use crate::store::{StoreError, ToldTransition, TransitionRecord};
use crate::watch::snapshot::Pick;

/// Transitions that incidents are put together from.
const MOST_TRANSITIONS: u32 = 400;
/// The same of a plot, which may be of years.
const MOST_OF_PLOT: u32 = 2_000;
/// How far back limits that were learned are told of.
const LEARNED_LATELY_MS: i64 = 7 * 86_400_000;
const MINUTE_MS: i64 = 60_000;

impl Dashboard {
    /// The latest, newest first.
    pub async fn read_happened(&self, most: usize) -> Result<Vec<Happening>, StoreError> {
        let mut happened: Vec<Happening> =
            self.latest_incidents().await?.into_iter().map(Happening::Incident).collect();
        happened.extend(self.learned_lately().await.into_iter().map(Happening::Learned));
        happened.sort_by_key(|happening| std::cmp::Reverse(happening.at_ms()));
        happened.truncate(most);
        Ok(happened)
    }

    /// Of a stretch that is over, the latest in it, newest first.
    pub async fn read_happened_in(
        &self,
        stretch: &Resolved,
        most: usize,
    ) -> Result<Vec<Happening>, StoreError> {
        let incidents = self.incidents_until(stretch.to_ms).await?.into_iter();
        let inside =
            incidents.filter(|incident| incident.ended_ms.is_none_or(|at_ms| at_ms >= stretch.from_ms));
        Ok(inside.take(most).map(Happening::Incident).collect())
    }

    async fn latest_incidents(&self) -> Result<Vec<Incident>, StoreError> {
        let transitions = self.store().transitions(MOST_TRANSITIONS, None).await?;
        // How far what goes on has gone since, no transition tells.
        let snapshot = self.snapshot().await;
        let present = snapshot
            .standings
            .iter()
            .map(|standing| ((standing.limit.id.as_str(), standing.scope_value.as_str()), standing.fraction));
        Ok(incidents_of(transitions, None, &present.collect()))
    }

    /// Incidents that began before a time, however late they were detected, newest first.
    pub(super) async fn incidents_until(&self, until_ms: i64) -> Result<Vec<Incident>, StoreError> {
        let transitions = self.store().transitions_until(until_ms, MOST_OF_PLOT).await?;
        let until_ms = (until_ms < self.now_ms()).then_some(until_ms);
        Ok(incidents_of(transitions, until_ms, &HashMap::new()))
    }

    /// Limits that were learned lately, those of one minute together.
    async fn learned_lately(&self) -> Vec<LearnedLately> {
        let (snapshot, since_ms) = (self.snapshot().await, self.now_ms() - LEARNED_LATELY_MS);
        let mut all: BTreeMap<(i64, String), Vec<LearnedAmount>> = BTreeMap::new();
        for standing in snapshot.pick(Pick::EACH) {
            let limit = &standing.limit;
            let Some(learned) = snapshot.learned.get(&limit.id).filter(|_| limit.source == Source::Learned)
            else {
                continue;
            };
            let (kind, unit) = (limit.kind, limit.kind.unit);
            if learned.first_seen_ms >= since_ms && !unit.is_share() {
                let of = all.entry((learned.first_seen_ms, learned.place.pool.clone())).or_default();
                of.push(LearnedAmount {
                    kind: kind.word.to_owned(),
                    amount: unit.display(limit.amount),
                    unit: unit.word().to_owned(),
                });
            }
        }
        let mut learned: Vec<LearnedLately> = Vec::new();
        for ((at_ms, pool), mut limits) in all {
            let pool = wording::name(&pool);
            match learned.last_mut().filter(|before| before.at_ms / MINUTE_MS == at_ms / MINUTE_MS) {
                Some(LearnedLately { pools, .. }) => {
                    match pools.iter_mut().find(|known| known.pool == pool) {
                        Some(known) => known.limits.append(&mut limits),
                        None => pools.push(LearnedPool { pool, limits }),
                    }
                }
                None => learned.push(LearnedLately { at_ms, pools: vec![LearnedPool { pool, limits }] }),
            }
        }
        for pool in learned.iter_mut().flat_map(|learned| &mut learned.pools) {
            let place = |word: &str| KINDS.iter().position(|kind| kind.word == word);
            pool.limits.sort_by_key(|limit| place(&limit.kind));
        }
        learned
    }
}

/// An incident whose end is not known yet.
struct Rising {
    /// Where it is among the incidents.
    place: usize,
    /// Its alert is open now.
    is_open: bool,
    /// How it began.
    record: TransitionRecord,
}

/// What rose, until it was over, newest first. Where what came after a time is not looked at, what was open then lasts until
/// then. `present` is how much of each limit, by its id and scope value, is used now.
fn incidents_of(
    mut transitions: Vec<ToldTransition>,
    until_ms: Option<i64>,
    present: &HashMap<(&str, &str), f64>,
) -> Vec<Incident> {
    let mut incidents: Vec<Incident> = Vec::new();
    let mut rising: HashMap<String, Rising> = HashMap::new();
    // As they were detected, one after the other.
    transitions.sort_by_key(|told| {
        let transition = &told.record.transition;
        (transition.detected_at_ms, transition.sequence)
    });
    for ToldTransition { record, open_at } in transitions {
        let key = record.transition.incident_key.clone();
        match (rising.get(&key), record.transition.severity) {
            (Some(risen), Severity::Ok) => {
                incidents[risen.place].ended_ms = Some(record.transition.event_time_ms);
                rising.remove(&key);
            }
            (Some(risen), severity) => {
                let incident = &mut incidents[risen.place];
                incident.worst = incident.worst.max(severity);
                incident.peak = incident.peak.max(peak(&record));
            }
            // Its beginning is further back than what was asked for.
            (None, Severity::Ok) => {}
            (None, _) => {
                incidents.push(incident(&record));
                let place = incidents.len() - 1;
                rising.insert(key, Rising { place, is_open: open_at.is_some(), record });
            }
        }
    }
    for Rising { place, is_open, record } in rising.into_values() {
        let incident = &mut incidents[place];
        incident.ended_ms = match (until_ms, is_open) {
            (Some(_), _) => until_ms,
            (None, true) => None,
            // What is not open any more has ended with its window, or with its limit.
            (None, false) => Some(incident.began_ms),
        };
        let present = present.get(&(record.limit_id.as_str(), record.scope_value.as_str())).copied();
        incident.peak = incident.peak.max(present.filter(|_| is_open).unwrap_or_default());
    }
    incidents.sort_by_key(|incident| std::cmp::Reverse(incident.began_ms));
    incidents
}

fn incident(record: &TransitionRecord) -> Incident {
    let transition = &record.transition;
    Incident {
        key: format!("{}#{}", transition.incident_key, transition.sequence),
        name: wording::name(&record.limit_name),
        kind: record.kind.clone(),
        is_learned: Place::has_limit_id(&record.limit_id),
        value: (!record.scope_value.is_empty()).then(|| wording::name(&record.scope_value)),
        worst: transition.severity,
        peak: peak(record),
        began_ms: transition.event_time_ms,
        ended_ms: None,
    }
}

fn peak(record: &TransitionRecord) -> f64 {
    match (record.transition.used, record.transition.amount) {
        (_, 0) => 1.0,
        (used, amount) => used as f64 / amount as f64,
    }
}
