//! Where a limit stands, as a gauge with a tick at its warning threshold.

use leptos::prelude::*;
use vocabulary::{Severity, wording};

use super::Erase;
use crate::api::standing::Standing;

/// The width of a gauge's scale; it shows up to a quarter beyond the limit.
const FULL: f64 = 100.0;
const BEYOND: f64 = 1.25;

/// A state in a word, and its sign: never colour alone.
pub fn state_word(state: Severity) -> (&'static str, &'static str) {
    match state {
        Severity::Ok => ("✓", "ok"),
        Severity::Warning => ("▲", "warning"),
        Severity::Critical => ("■", "critical"),
    }
}

/// One standing.
#[component]
pub fn Gauge(
    /// Where it stands.
    standing: Standing,
    /// Now, Unix milliseconds.
    as_of_ms: i64,
    /// Whether it says the limit's name; beside it, it need not.
    #[prop(default = true)]
    named: bool,
) -> impl IntoView {
    let (sign, word) = state_word(standing.state);
    let place = |fraction: f64| wording::plain(fraction.clamp(0.0, BEYOND) / BEYOND * FULL, 2);
    let warn = place(f64::from(standing.warn_percent) / 100.0);
    let limit = place(1.0);
    let unit =
        if standing.unit == "usd" { String::new() } else { format!(" {}", standing.unit.replace('_', " ")) };
    let used = wording::amount(standing.used, &standing.unit);
    let amount = wording::amount(standing.amount, &standing.unit);
    let exact = if standing.unit == "usd" {
        format!("{} of {}", wording::usd(standing.used), wording::usd(standing.amount))
    } else {
        format!("{} of {}{unit}", wording::exact(standing.used), wording::exact(standing.amount))
    };
    let reset = standing
        .resets_at_ms
        .map(|at_ms| format!("resets in {}", wording::duration((at_ms - as_of_ms) / 1_000)));
    let scope = standing.scope.value.clone().map(|value| match standing.values {
        of if named && of > 1 => format!("{value}, worst of {of}"),
        _ => value,
    });
    // The name of a learned limit says its pool.
    let scope = scope.or_else(|| standing.scope.workspace.clone());
    let note = note(&standing, as_of_ms);
    view! {
        <li class="gauge" data-state=word>
            <div class="gauge-head">
                <span class="gauge-name">
                    {named.then(|| standing.name.clone())} " "
                    {scope.map(|scope| view! { <span class="gauge-scope">{scope}</span> })}
                </span>
                <span class="gauge-percent">{standing.usage_incomplete.then_some("≥ ")} {wording::percent(standing.fraction)}</span>
            </div>
            <svg class="gauge-bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label=exact.clone()>
                <rect class="gauge-scale" width="100" height="8"></rect>
                <rect class="gauge-used" width=place(standing.fraction) height="8"></rect>
                <path class="gauge-warn" d=format!("M{warn} 0V8")></path>
                <path class="gauge-limit" d=format!("M{limit} 0V8")></path>
            </svg>
            <div class="gauge-foot">
                <span class="state"><span aria-hidden="true">{sign}</span> " " {word}</span>
                <span title=exact>
                    {standing.usage_incomplete.then_some("at least ")} {used} " of " {amount} {unit}
                </span>
                {reset.map(|reset| view! { <span>{reset}</span> })}
            </div>
            {note.map(|note| view! { <p class="gauge-note">{note}</p> })}
        </li>
    }
    .erased()
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
    use super::*;
    use crate::api::standing::{Learned, StandingScope, Unseen, Window};

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
            unseen: Some(Unseen { amount: others, band: 30.0, since: String::new() }),
            learned: Some(Learned {
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
