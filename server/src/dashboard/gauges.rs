//! Where limits stand in the words that pages show.

use app::api::gauges::GaugeLine;
use app::api::standing::Standing;
use vocabulary::wording;

/// A standing as a gauge; its names are as they are shown already. Beside the limit's name it says which is the worst of
/// how many.
pub(super) fn gauge(standing: &Standing, as_of_ms: i64, named: bool) -> GaugeLine {
    let unit = match standing.unit.as_str() {
        "usd" => String::new(),
        unit => format!(" {}", unit.replace('_', " ")),
    };
    let exact = |amount: f64| match standing.unit.as_str() {
        "usd" => wording::usd(amount),
        _ => wording::exact(amount),
    };
    let short = |amount: f64| wording::amount(amount, &standing.unit);
    let (used, amount, is_least) = (standing.used, standing.amount, standing.usage_incomplete);
    let scope = standing.scope.value.clone().map(|value| match standing.values {
        of if named && of > 1 => format!("{value}, worst of {of}"),
        _ => value,
    });
    let resets = standing.resets_at_ms.map(|at_ms| (at_ms - as_of_ms) / 1_000);
    GaugeLine {
        // The name of a learned limit says its pool.
        scope: scope.or_else(|| standing.scope.workspace.clone()),
        state: standing.state,
        fraction: standing.fraction,
        warn_percent: standing.warn_percent,
        share: format!("{}{}", if is_least { "≥ " } else { "" }, wording::percent(standing.fraction)),
        used: format!(
            "{}{} of {}{unit}",
            if is_least { "at least " } else { "" },
            short(used),
            short(amount)
        ),
        exact: format!("{} of {}{unit}", exact(used), exact(amount)),
        resets: resets.map(|after_s| format!("resets in {}", wording::duration(after_s))),
        note: note(standing, as_of_ms),
        values: standing.values,
        limit_id: standing.limit_id.clone(),
        name: standing.name.clone(),
    }
}

/// Of a limit learned from headers: how old they are, whose word the gauge takes, and what was used unseen.
fn note(standing: &Standing, as_of_ms: i64) -> Option<String> {
    let seen = wording::ago(standing.learned.as_ref()?.last_seen_ms, as_of_ms);
    let spoke = match (standing.spoke.as_str(), standing.count_used) {
        _ if standing.amount == 0.0 => "not provisioned".to_owned(),
        ("replica", Some(counted)) => {
            format!("the headers speak, own count {}", wording::amount(counted, &standing.unit))
        }
        ("count", _) => "own count speaks".to_owned(),
        _ => "the headers speak".to_owned(),
    };
    let unseen = standing.unseen.as_ref().filter(|unseen| unseen.amount > 0.0).map(|unseen| {
        let [least, most] = [unseen.amount, unseen.amount + unseen.band]
            .map(|amount| wording::amount(amount, &standing.unit));
        format!(" · unseen by Tacho: {least} to {most}")
    });
    Some(format!("from headers, seen {seen} · {spoke}{}", unseen.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use vocabulary::Severity;

    use super::*;
    use app::api::standing::{LearnedFrom, StandingScope, UnseenTraffic, Window};

    fn learned(spoke: &str, count_used: Option<f64>, others: f64) -> Standing {
        Standing {
            limit_id: String::new(),
            name: String::new(),
            kind: String::new(),
            unit: "requests".to_owned(),
            scope: StandingScope::default(),
            used: 900.0,
            amount: 1_000.0,
            fraction: 0.9,
            state: Severity::Warning,
            values: 1,
            warn_percent: 80,
            critical_percent: 100,
            window: Window::default(),
            resets_at: None,
            resets_at_ms: None,
            source: "learned".to_owned(),
            usage_incomplete: false,
            spoke: spoke.to_owned(),
            count_used,
            replica: None,
            unseen: Some(UnseenTraffic { amount: others, band: 30.0, since: String::new() }),
            learned: Some(LearnedFrom {
                organization: String::new(),
                workspace: String::new(),
                pool: String::new(),
                limiter: String::new(),
                first_seen: String::new(),
                last_seen: String::new(),
                last_seen_ms: 0,
                header: String::new(),
            }),
        }
    }

    #[test]
    fn a_learned_gauge_says_whose_word_it_takes_and_how_old_that_is() {
        for (standing, text) in [
            (
                learned("replica", Some(12.0), 870.0),
                "from headers, seen 2 min ago · the headers speak, own count 12 · unseen by Tacho: 870 to 900",
            ),
            (learned("count", Some(900.0), 0.0), "from headers, seen 2 min ago · own count speaks"),
            (learned("headers", None, 0.0), "from headers, seen 2 min ago · the headers speak"),
            (
                Standing { amount: 0.0, ..learned("count", Some(1.0), 0.0) },
                "from headers, seen 2 min ago · not provisioned",
            ),
        ] {
            assert_eq!(note(&standing, 120_000).as_deref(), Some(text));
        }
        assert_eq!(note(&Standing { learned: None, ..learned("count", None, 0.0) }, 0), None);
    }
}
