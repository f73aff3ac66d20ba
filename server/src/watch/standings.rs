//! Where every limit stands, as people see it.

use app::api::standing::{Severity, Standing, StandingScope, Window};

use super::Watch;
use crate::alert::machine::raised;
use crate::dashboard::rfc3339;

impl Watch {
    /// How many limits are evaluated.
    pub fn limits_evaluated(&self) -> u64 {
        self.limits.values().filter(|limit| limit.enabled).count() as u64
    }

    /// Every standing, worst first. A limit that nothing has touched stands at 0.
    pub fn standings(&self, now_ms: i64) -> Vec<Standing> {
        let mut standings: Vec<Standing> = self
            .board
            .readings(now_ms)
            .into_iter()
            .filter_map(|standing| {
                let limit = self.limits.get(&standing.limit_id)?;
                let reading = standing.reading;
                let key = (standing.limit_id, standing.scope_value);
                // An alert that is still firing is shown as firing, while its usage falls.
                let firing = self.instances.get(&key).map_or(Severity::Ok, |instance| instance.severity);
                let state = raised(reading.used, &self.rule(limit)).max(firing);
                Some(Standing {
                    limit_id: key.0,
                    name: limit.name.clone(),
                    kind: limit.kind.word.to_owned(),
                    unit: limit.kind.unit.word().to_owned(),
                    scope: match limit.scope.dimension() {
                        None => StandingScope::default(),
                        Some(dimension) => {
                            StandingScope { dimension: Some(dimension.word().to_owned()), value: Some(key.1) }
                        }
                    },
                    used: limit.kind.unit.display(reading.used),
                    amount: limit.kind.unit.display(limit.amount),
                    fraction: fraction(reading.used, limit.amount),
                    state,
                    warn_percent: limit.warn_percent,
                    critical_percent: limit.critical_percent,
                    window: Window { start: rfc3339(reading.window.0), end: rfc3339(reading.window.1) },
                    resets_at: reading.resets_at_ms.map(rfc3339),
                    resets_at_ms: reading.resets_at_ms,
                    source: limit.source.word().to_owned(),
                    usage_incomplete: reading.incomplete,
                })
            })
            .collect();
        standings.sort_by(|a, b| {
            b.state.cmp(&a.state).then(b.fraction.total_cmp(&a.fraction)).then_with(|| a.name.cmp(&b.name))
        });
        standings
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
