//! What happened: incidents of alerts, and limits that were learned.

use std::collections::{BTreeMap, HashMap, HashSet};

use app::api::happened::{Happening, Incident, LearnedAmount, LearnedLately};
use domain::limits::learned::Place;
use domain::limits::{KINDS, Source};
use vocabulary::{Severity, wording};

use super::Dashboard;
use crate::store::{StoreError, TransitionRecord};
use crate::watch::snapshot::Pick;

/// Transitions that incidents are put together from.
const MOST_TRANSITIONS: u32 = 400;
/// How far back limits that were learned are told of.
const LATELY_MS: i64 = 7 * 86_400_000;

impl Dashboard {
    /// The latest, newest first.
    pub async fn read_happened(&self, most: usize) -> Result<Vec<Happening>, StoreError> {
        let mut happened: Vec<Happening> =
            self.read_incidents().await?.into_iter().map(Happening::Incident).collect();
        happened.extend(self.learned_lately().await.into_iter().map(Happening::Learned));
        happened.sort_by_key(|happening| std::cmp::Reverse(happening.at_ms()));
        happened.truncate(most);
        Ok(happened)
    }

    /// The latest incidents, newest first: what rose, until it was over.
    pub(super) async fn read_incidents(&self) -> Result<Vec<Incident>, StoreError> {
        let open = self.store().open_instances().await?.into_iter();
        let open: HashSet<String> = open
            .filter(|instance| instance.severity > Severity::Ok)
            .map(|instance| instance.incident_key())
            .collect();
        let mut incidents: Vec<Incident> = Vec::new();
        let mut rising: HashMap<String, usize> = HashMap::new();
        // From the oldest on.
        for record in self.store().transitions(MOST_TRANSITIONS, None).await?.into_iter().rev() {
            let key = record.transition.incident_key.clone();
            match (rising.get(&key).copied(), record.transition.severity) {
                (Some(place), Severity::Ok) => {
                    incidents[place].ended_ms = Some(record.transition.event_time_ms);
                    rising.remove(&key);
                }
                (Some(place), severity) => {
                    let incident = &mut incidents[place];
                    incident.worst = incident.worst.max(severity);
                    incident.peak = incident.peak.max(peak(&record));
                }
                // Its beginning is further back than what was asked for.
                (None, Severity::Ok) => {}
                (None, _) => {
                    rising.insert(key, incidents.len());
                    incidents.push(incident(&record));
                }
            }
        }
        for place in rising.into_values() {
            let incident = &mut incidents[place];
            // What is not open any more has ended with its window, or with its limit.
            if !incident.key.rsplit_once('#').is_some_and(|(key, _)| open.contains(key)) {
                incident.ended_ms = incident.ended_ms.or(Some(incident.began_ms));
            }
        }
        incidents.sort_by_key(|incident| std::cmp::Reverse(incident.began_ms));
        Ok(incidents)
    }

    /// Limits that were learned lately, those of one response together.
    async fn learned_lately(&self) -> Vec<LearnedLately> {
        let (snapshot, since_ms) = (self.snapshot().await, self.now_ms() - LATELY_MS);
        let mut all: BTreeMap<(i64, String), Vec<LearnedAmount>> = BTreeMap::new();
        for standing in snapshot.pick(Pick::OfEach { each: 1, most: usize::MAX }) {
            let limit = &standing.limit;
            let Some(learned) = snapshot.learned.get(&limit.id).filter(|_| limit.source == Source::Learned)
            else {
                continue;
            };
            let (kind, unit) = (limit.kind, limit.kind.unit);
            if learned.first_seen_ms >= since_ms && unit.word() != "percent" {
                let of = all.entry((learned.first_seen_ms, learned.place.pool.clone())).or_default();
                of.push(LearnedAmount {
                    kind: kind.word.to_owned(),
                    amount: unit.display(limit.amount),
                    unit: unit.word().to_owned(),
                });
            }
        }
        let learned = all.into_iter().map(|((at_ms, pool), mut limits)| {
            let place = |word: &str| KINDS.iter().position(|kind| kind.word == word);
            limits.sort_by_key(|limit| place(&limit.kind));
            LearnedLately { at_ms, pool: wording::name(&pool), limits }
        });
        learned.collect()
    }
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
