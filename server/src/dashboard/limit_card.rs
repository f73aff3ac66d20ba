//! A limit as its page shows it: in sentences, so that browsers need not make them.

use app::api::limits::{LimitCard, LimitChange, LimitItem};
use app::api::standing::StandingScope;
use domain::limits::Kind;
use domain::usage::EndpointClass;
use vocabulary::wording;

/// What the page of limits says of one.
pub(super) fn card(limit: LimitItem, default_zone: &str) -> LimitCard {
    let learned = limit.learned.is_some();
    let source = if learned { "learned from headers" } else { &limit.source };
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
    if !limit.endpoints.is_empty() && limit.endpoints != [EndpointClass::Messages.word()] {
        facts.push(format!("counts {}", limit.endpoints.join(", ")));
    }
    LimitCard {
        title: wording::name(&limit.name),
        facts: facts.join(" · "),
        amount: wording::plain(limit.amount, 9),
        warn_percent: limit.warn_percent,
        critical_percent: limit.critical_percent,
        time_zone: limit.window.tz.unwrap_or_default(),
        default_zone: default_zone.to_owned(),
        enforce: limit.enforce,
        endpoints: limit.endpoints.join(","),
        enabled: limit.enabled,
        editable: limit.editable,
        learned,
        history: limit.history.iter().map(|change| (change.at_ms, how(change, &limit.unit))).collect(),
        id: limit.id,
        name: limit.name,
    }
}

/// A kind that can be added: its word, and what it is.
pub(super) fn kind(kind: &Kind) -> (String, String) {
    let unit = kind.unit.word().replace('_', " ");
    (kind.word.to_owned(), format!("{} ({unit}, {})", kind.label, kind.window.words()))
}

fn how(change: &LimitChange, unit: &str) -> String {
    let after = wording::amount(change.after, unit);
    match change.before {
        Some(before) => format!("{} to {after}", wording::amount(before, unit)),
        None => format!("first seen, {after}"),
    }
}

/// What a limit covers, in words.
fn covered(scope: &StandingScope) -> String {
    if let Some(pool) = &scope.pool {
        let of = |word: &str, value: &Option<String>| {
            value.as_ref().map(|value| format!(", {word} {}", wording::name(value))).unwrap_or_default()
        };
        let workspace = of("workspace", &scope.workspace);
        return format!("{}{workspace}{}", wording::name(pool), of("organization", &scope.organization));
    }
    match (&scope.dimension, &scope.value) {
        (None, _) => "everything".to_owned(),
        (Some(dimension), None) => format!("each {}", dimension.replace('_', " ")),
        (Some(dimension), Some(value)) => format!("{} {}", dimension.replace('_', " "), wording::name(value)),
    }
}
