//! A limit as its page shows it: in sentences, so that browsers need not make them.

use app::api::limits::{LimitCard, LimitItem};
use app::api::standing::StandingScope;
use app::wording;

/// A limit, and what its page says of it.
pub(super) fn card(limit: LimitItem) -> LimitCard {
    let source = if limit.learned.is_some() { "learned from headers" } else { &limit.source };
    let mut facts = vec![
        limit.kind.replace('_', " "),
        wording::amount(limit.amount, &limit.unit),
        covered(&limit.scope),
        format!("warns at {} %, critical at {} %", limit.warn_percent, limit.critical_percent),
        source.to_owned(),
    ];
    if !limit.enabled {
        facts.push("switched off".to_owned());
    }
    if limit.enforce {
        facts.push("the proxy refuses calls when it is exhausted".to_owned());
    }
    LimitCard { title: wording::name(&limit.name), facts: facts.join(" · "), limit }
}

/// What a limit covers, in words.
fn covered(scope: &StandingScope) -> String {
    let named = |text: &String| wording::name(text);
    if let Some(pool) = &scope.pool {
        let of = |word: &str, value: &Option<String>| {
            value.as_ref().map(|value| format!(", {word} {}", named(value))).unwrap_or_default()
        };
        let workspace = of("workspace", &scope.workspace);
        return format!("{}{workspace}{}", named(pool), of("organization", &scope.organization));
    }
    match (&scope.dimension, &scope.value) {
        (None, _) => "everything".to_owned(),
        (Some(dimension), None) => format!("each {}", dimension.replace('_', " ")),
        (Some(dimension), Some(value)) => format!("{} {}", dimension.replace('_', " "), named(value)),
    }
}
