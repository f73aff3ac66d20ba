//! Made-up standings.

use vocabulary::Severity;

use super::NOON_MS;
use crate::api::room::Room;
use crate::api::standing::{LearnedFrom, Standing, StandingScope, UnseenTraffic, Window};

const DAY_MS: i64 = 86_400_000;

/// A limit on everything that is set here, as full as that.
pub(super) fn own(id: &str, kind: &str, unit: &str, amount: f64, fraction: f64) -> Standing {
    let state = match fraction {
        1.0.. => Severity::Critical,
        0.8.. => Severity::Warning,
        _ => Severity::Ok,
    };
    Standing {
        limit_id: format!("style_{id}"),
        name: kind.replace('_', " "),
        kind: kind.to_owned(),
        unit: unit.to_owned(),
        scope: StandingScope::default(),
        used: amount * fraction,
        amount,
        fraction,
        state,
        values: 1,
        warn_percent: 80,
        critical_percent: 100,
        enforced: false,
        window: Window::default(),
        window_start_ms: NOON_MS - 60_000,
        resets_at: None,
        resets_at_ms: None,
        source: "typed".to_owned(),
        usage_incomplete: false,
        spoke: "count".to_owned(),
        count_used: Some(amount * fraction),
        replica: None,
        unseen: None,
        held: None,
        learned: None,
    }
}

/// The same in a window of today, which began at midnight.
pub(super) fn of_day(standing: Standing) -> Standing {
    Standing { window_start_ms: NOON_MS - DAY_MS / 2, resets_at_ms: Some(NOON_MS + DAY_MS / 2), ..standing }
}

/// The worst value of a limit on each user.
pub(super) fn of_user(standing: Standing, user: &str, values: u64) -> Standing {
    let scope = StandingScope {
        dimension: Some("user".to_owned()),
        value: Some(user.to_owned()),
        ..StandingScope::default()
    };
    Standing { scope, values, ..standing }
}

/// A limit of the API.
pub(super) fn learned(pool: &str, workspace: &str, kind: &str, amount: f64, fraction: f64) -> Standing {
    let scope = StandingScope {
        pool: Some(pool.to_owned()),
        organization: Some("org-1".to_owned()),
        workspace: (!workspace.is_empty()).then(|| workspace.to_owned()),
        ..StandingScope::default()
    };
    let limiter = kind.strip_suffix("_per_minute").unwrap_or("unified_5h");
    let seen_ms = NOON_MS - 4_000;
    Standing {
        scope,
        source: "learned".to_owned(),
        spoke: "replica".to_owned(),
        unseen: Some(UnseenTraffic {
            amount: amount / 20.0,
            band: 1.0,
            since: "2026-11-24T11:57:00Z".to_owned(),
        }),
        learned: Some(LearnedFrom {
            organization: "org-1".to_owned(),
            workspace: workspace.to_owned(),
            pool: pool.to_owned(),
            limiter: limiter.to_owned(),
            first_seen: "2026-11-20T08:00:00Z".to_owned(),
            last_seen: "2026-11-24T11:59:56Z".to_owned(),
            last_seen_ms: seen_ms,
            header: format!("anthropic-ratelimit-{}-limit", limiter.replace('_', "-")),
        }),
        ..own(
            &format!("{pool}_{workspace}_{kind}"),
            kind,
            if limiter == "requests" { "requests" } else { "tokens" },
            amount,
            fraction,
        )
    }
}

/// A window of a subscription.
pub(super) fn subscription(fraction: f64) -> Standing {
    Standing {
        unit: "percent".to_owned(),
        name: "5-hour window".to_owned(),
        window_start_ms: NOON_MS - 3 * 3_600_000,
        resets_at_ms: Some(NOON_MS + 2 * 3_600_000),
        unseen: None,
        ..learned("unified", "", "subscription_window", 100.0, fraction)
    }
}

/// All three limits of a pool.
pub(super) fn pool(name: &str, workspace: &str, fractions: [f64; 3]) -> Vec<Standing> {
    let kinds = [
        ("requests_per_minute", 1_000.0),
        ("input_tokens_per_minute", 2_000_000.0),
        ("output_tokens_per_minute", 400_000.0),
    ];
    let each = kinds.iter().zip(fractions);
    each.map(|((kind, amount), fraction)| learned(name, workspace, kind, *amount, fraction)).collect()
}

/// Where these limits stand at noon.
pub(super) fn room(standings: Vec<Standing>) -> Room {
    Room { as_of_ms: NOON_MS, limits: standings.len() as u64, standings, refusal: None }
}
