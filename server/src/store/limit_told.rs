//! A limit as the audit log tells of it: what somebody decides.

use domain::limits::{Limit, Scope};
use serde_json::{Value, json};

/// The limit as JSON.
pub fn limit_told(limit: &Limit) -> Value {
    let known = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let (organization, workspace, pool) = match &limit.scope {
        Scope::Pool { organization, workspace, pool } => (known(organization), known(workspace), Some(pool)),
        Scope::Everything | Scope::One(..) | Scope::Each(_) => (None, None, None),
    };
    json!({
        "name": limit.name,
        "kind": limit.kind.word,
        "amount": limit.kind.unit.display(limit.amount),
        "scope": {
            "dimension": limit.scope.dimension().map(vocabulary::Dimension::word),
            "value": limit.scope.value(),
            "pool": pool,
            "organization": organization,
            "workspace": workspace,
        },
        "window": { "tz": limit.time_zone },
        "warn_percent": limit.warn_percent,
        "critical_percent": limit.critical_percent,
        "enabled": limit.enabled,
        "enforce": limit.enforce,
        "endpoints": limit.endpoint_words(),
    })
}
