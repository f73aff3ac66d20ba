//! Where every limit stands, as people see it.

use std::collections::HashMap;

use app::api::standing::{Learned, Replica, Standing, StandingScope, Unseen, Window};
use domain::alert::machine::raised;
use domain::limits::{Kind, Limit, Reading, Scope, StandingReading, WindowShape};
use domain::time::rfc3339;
use vocabulary::Severity;

use super::Watch;

/// Which standings are asked for, and how many at most.
#[derive(Debug, Clone, Copy)]
pub enum Pick {
    /// The worst.
    Worst(usize),
    /// The worst of each limit, up to so many of each; the worst of every limit comes before the second worst of any.
    OfEach {
        /// Of one limit.
        each: usize,
        /// Of all.
        most: usize,
    },
}

/// The worst of every limit.
pub const EVERY_LIMIT: Pick = Pick::OfEach { each: 1, most: usize::MAX };

impl Watch {
    /// How many limits are evaluated.
    pub fn limits_evaluated(&self) -> u64 {
        self.limits.values().filter(|limit| limit.enabled).count() as u64
    }

    /// How often response headers named a limit that was not learned, since there were too many already.
    pub fn not_learned(&self) -> u64 {
        self.book.not_kept()
    }

    /// The limits on each value of which some values are counted together, since there are too many.
    pub fn overflowing(&self) -> impl Iterator<Item = &Limit> {
        self.board.overflowing()
    }

    /// The worst standings that are picked, worst first, and how many there are in all. A limit that nothing has touched
    /// stands at 0.
    pub fn standings(&self, now_ms: i64, pick: Pick) -> (Vec<Standing>, u64) {
        let readings = self.board.readings(now_ms).into_iter();
        let mut all: Vec<(Severity, f64, &Limit, StandingReading)> = readings
            .filter_map(|reading| {
                let limit = self.limits.get(&reading.limit_id)?;
                let (state, fraction) = self.state(limit, &reading, now_ms);
                Some((state, fraction, limit, reading))
            })
            .collect();
        all.sort_by(|a, b| {
            b.0.cmp(&a.0)
                .then(b.1.total_cmp(&a.1))
                .then_with(|| a.2.name.cmp(&b.2.name))
                .then_with(|| a.3.scope_value.cmp(&b.3.scope_value))
        });
        let count = all.len() as u64;
        let mut values: HashMap<&str, u64> = HashMap::new();
        // Where each is among those of its limit.
        let places = all.iter().map(|(_, _, limit, _)| {
            let place = values.entry(&limit.id).or_default();
            *place += 1;
            *place
        });
        let mut picked: Vec<(u64, usize)> = places.zip(0..).collect();
        if let Pick::OfEach { each, .. } = pick {
            picked.retain(|(place, _)| *place <= each as u64);
            picked.sort_by_key(|(place, _)| *place);
        }
        let (Pick::Worst(most) | Pick::OfEach { most, .. }) = pick;
        picked.truncate(most);
        let mut picked: Vec<usize> = picked.into_iter().map(|(_, index)| index).collect();
        picked.sort_unstable();
        let standings = picked.into_iter().filter_map(|index| {
            let (state, fraction, limit, reading) = all.get(index)?;
            let values = values.get(limit.id.as_str()).copied().unwrap_or(1);
            Some(Standing { values, ..self.standing(limit, *state, *fraction, reading.clone(), now_ms) })
        });
        (standings.collect(), count)
    }

    /// The worst threshold reached, and how much of the amount is used.
    fn state(&self, limit: &Limit, standing: &StandingReading, now_ms: i64) -> (Severity, f64) {
        let key = (standing.limit_id.clone(), standing.scope_value.clone());
        // An alert that is still firing is shown as firing, while its usage falls.
        let firing = self.instances.get(&key).map_or(Severity::Ok, |instance| instance.severity_at(now_ms));
        let used = standing.reading.used;
        if limit.is_not_provisioned() {
            return (firing, 0.0);
        }
        (raised(used, &self.rule(limit)).max(firing), fraction(used, limit.amount))
    }

    fn standing(
        &self,
        limit: &Limit,
        state: Severity,
        fraction: f64,
        standing: StandingReading,
        now_ms: i64,
    ) -> Standing {
        let StandingReading { limit_id, scope_value, reading, spoke, counted, replica } = standing;
        let unseen = self.board.unseen(&limit_id, now_ms);
        let scope = scope(&limit.scope, Some(&scope_value));
        let (starts_at_ms, ends_at_ms) = self.window(limit, &reading, now_ms);
        let unit = limit.kind.unit;
        // Amounts are far below where these would differ.
        let shown = |amount: u64| unit.display(i64::try_from(amount).unwrap_or(i64::MAX));
        Standing {
            learned: self.learned(&limit_id),
            limit_id,
            name: limit.name.clone(),
            kind: limit.kind.word.to_owned(),
            unit: unit.word().to_owned(),
            scope,
            used: unit.display(reading.used),
            amount: unit.display(limit.amount),
            fraction,
            state,
            values: 1,
            warn_percent: limit.warn_percent,
            critical_percent: limit.critical_percent,
            window: Window { start: rfc3339(starts_at_ms), end: rfc3339(ends_at_ms) },
            resets_at: reading.resets_at_ms.map(rfc3339),
            resets_at_ms: reading.resets_at_ms,
            source: limit.source.word().to_owned(),
            usage_incomplete: reading.incomplete,
            spoke: spoke.word().to_owned(),
            count_used: counted.map(|counted| unit.display(counted)),
            replica: replica.map(|replica| Replica {
                used: shown(replica.used),
                remaining: shown(replica.remaining),
                band: shown(replica.band),
                as_of: rfc3339(replica.as_of_ms),
                full_at: replica.full_at_ms.map(rfc3339),
            }),
            unseen: unseen.map(|unseen| Unseen {
                amount: shown(unseen.amount),
                band: shown(unseen.band),
                since: rfc3339(unseen.since_ms),
            }),
        }
    }

    /// Start and end of the window of a reading. One that only headers tell of is as long as its name says; once it is
    /// over, the next has begun, of which nothing has been said yet.
    fn window(&self, limit: &Limit, reading: &Reading, now_ms: i64) -> (i64, i64) {
        let (start_ms, end_ms) = reading.window;
        if limit.kind.window != WindowShape::Reported {
            return (start_ms, end_ms);
        }
        let seen = self.book.seen(&limit.id);
        let length_ms = seen.and_then(|seen| seen.place.limiter.length_ms());
        match (reading.resets_at_ms, length_ms) {
            (Some(_), Some(length_ms)) => (end_ms - length_ms, end_ms),
            (Some(_), None) => (start_ms, end_ms),
            (None, _) if end_ms <= now_ms => (end_ms, now_ms),
            (None, _) => (start_ms, now_ms),
        }
    }

    /// The kind of a limit that was learned, also when it has been removed.
    pub fn learned_kind(&self, limit_id: &str) -> Option<&'static Kind> {
        self.book.seen(limit_id).map(|seen| seen.place.limiter.kind())
    }

    /// Where a limit was learned from.
    pub fn learned(&self, limit_id: &str) -> Option<Learned> {
        let seen = self.book.seen(limit_id)?;
        Some(Learned {
            organization: seen.place.organization.clone(),
            workspace: seen.place.workspace.clone(),
            pool: seen.place.pool.clone(),
            limiter: seen.place.limiter.word(),
            first_seen: rfc3339(seen.first_seen_ms),
            last_seen: rfc3339(seen.last_seen_ms),
            last_seen_ms: seen.last_seen_ms,
            header: seen.place.limiter.header(),
        })
    }
}

/// A scope as people see it; of a limit on each value, for this one.
pub fn scope(scope: &Scope, value: Option<&str>) -> StandingScope {
    let known = |text: &String| (!text.is_empty()).then(|| text.clone());
    match scope {
        Scope::Everything => StandingScope::default(),
        Scope::One(dimension, _) | Scope::Each(dimension) => StandingScope {
            dimension: Some(dimension.word().to_owned()),
            value: scope.value().or(value).map(str::to_owned),
            ..StandingScope::default()
        },
        Scope::Pool { organization, workspace, pool } => StandingScope {
            pool: Some(pool.clone()),
            organization: known(organization),
            workspace: known(workspace),
            ..StandingScope::default()
        },
    }
}

/// How much of the amount is used. With an amount of 0 any use is all of it.
fn fraction(used: i64, amount: i64) -> f64 {
    match (used, amount) {
        (0, _) => 0.0,
        (_, 0) => 1.0,
        (used, amount) => used as f64 / amount as f64,
    }
}
