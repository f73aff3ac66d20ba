//! Where a limit stands, as a gauge with a tick at its warning threshold.

use leptos::prelude::*;

use super::Erase;

use crate::api::standing::{Severity, Standing};
use crate::wording;

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
    /// How many values the limit has standings for, when this is the worst of them.
    #[prop(default = 1)]
    of: usize,
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
    let scope = standing.scope.value.clone().map(|value| match of {
        1 => value,
        of => format!("{value}, worst of {of}"),
    });
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
        </li>
    }
    .erased()
}
