//! Where limits stand, as people see it.

use app::api::standing::{
    HeldAlert, LearnedFrom, ReplicaStanding, Standing, StandingScope, Standings, UnseenTraffic, Window,
};
use domain::limits::Scope;
use domain::time::rfc3339;
use serde::Serialize;

use super::Dashboard;
use crate::watch::snapshot::{self, LimitStanding, Pick, Snapshot, StillOpen};

/// The answer of `GET /v1/limits/status`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AllStandings {
    /// The worst, at most so many as were asked for.
    #[serde(flatten)]
    pub standings: Standings,
    /// How many there are in all.
    pub total: u64,
}

impl Dashboard {
    /// Where limits stand, worst first.
    pub async fn read_standings(&self, pick: Pick) -> AllStandings {
        self.standings(&*self.snapshot().await, pick)
    }

    /// The same of a snapshot.
    pub(super) fn standings(&self, snapshot: &Snapshot, pick: Pick) -> AllStandings {
        let as_of_ms = snapshot.as_of_ms;
        let standings = Standings {
            as_of: rfc3339(as_of_ms),
            as_of_ms,
            utc_offset_s: self.utc_offset_s(as_of_ms),
            limits: snapshot.limits,
            not_learned: snapshot.not_learned,
            standings: snapshot.pick(pick).into_iter().map(|standing| shown(snapshot, standing)).collect(),
        };
        AllStandings { standings, total: snapshot.total }
    }
}

/// A standing of a snapshot.
pub(super) fn shown(snapshot: &Snapshot, standing: &LimitStanding) -> Standing {
    let LimitStanding {
        limit,
        scope_value,
        state,
        fraction,
        reading,
        window,
        spoke,
        measured,
        values,
        held,
        ..
    } = standing;
    let unit = limit.kind.unit;
    // Amounts are far below where these would differ.
    let display = |amount: u64| unit.display(i64::try_from(amount).unwrap_or(i64::MAX));
    Standing {
        limit_id: limit.id.clone(),
        name: limit.name.clone(),
        kind: limit.kind.word.to_owned(),
        unit: unit.word().to_owned(),
        scope: scope(&limit.scope, Some(scope_value)),
        used: unit.display(reading.used),
        amount: unit.display(limit.amount),
        fraction: *fraction,
        state: *state,
        values: *values,
        warn_percent: limit.warn_percent,
        critical_percent: limit.critical_percent,
        enforced: limit.enforce,
        window_start_ms: window.0,
        window: Window { start: rfc3339(window.0), end: rfc3339(window.1) },
        resets_at: reading.resets_at_ms.map(rfc3339),
        resets_at_ms: reading.resets_at_ms,
        source: limit.source.word().to_owned(),
        usage_incomplete: reading.incomplete,
        spoke: spoke.word().to_owned(),
        count_used: measured.counted.map(|counted| unit.display(counted)),
        replica: measured.replica.as_ref().map(|replica| ReplicaStanding {
            used: display(replica.used),
            remaining: display(replica.remaining),
            band: display(replica.band),
            as_of: rfc3339(replica.as_of_ms),
            full_at: replica.full_at_ms.map(rfc3339),
        }),
        unseen: measured.unseen.as_ref().map(|unseen| UnseenTraffic {
            amount: display(unseen.amount),
            band: display(unseen.band),
            since: rfc3339(unseen.since_ms),
        }),
        held: held.map(|StillOpen { since_ms, below_percent, for_ms }| HeldAlert {
            since_ms,
            below_percent,
            for_ms,
        }),
        learned: snapshot.learned.get(&limit.id).map(learned),
    }
}

/// Where a limit was learned from.
pub(super) fn learned(of: &snapshot::Learned) -> LearnedFrom {
    let place = &of.place;
    LearnedFrom {
        organization: place.organization.clone(),
        workspace: place.workspace.clone(),
        pool: place.pool.clone(),
        limiter: place.limiter.word(),
        first_seen: rfc3339(of.first_seen_ms),
        last_seen: rfc3339(of.last_seen_ms),
        last_seen_ms: of.last_seen_ms,
        header: place.limiter.header(),
    }
}

/// A scope as people see it; of a limit on each value, for this one.
pub(super) fn scope(scope: &Scope, value: Option<&str>) -> StandingScope {
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
