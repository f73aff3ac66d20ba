//! Where a limit stands, as a gauge with a tick at its warning threshold.

use leptos::prelude::*;
use vocabulary::{Severity, wording};

use super::Erase;
use crate::api::gauges::GaugeLine;

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
    gauge: GaugeLine,
    /// Whether it says the limit's name; beside it, it need not.
    #[prop(default = true)]
    named: bool,
) -> impl IntoView {
    let GaugeLine { name, scope, state, fraction, warn_percent, share, used, exact, resets, note, .. } =
        gauge;
    let (sign, word) = state_word(state);
    let place = |fraction: f64| wording::plain(fraction.clamp(0.0, BEYOND) / BEYOND * FULL, 2);
    let warn = place(f64::from(warn_percent) / 100.0);
    let limit = place(1.0);
    view! {
        <li class="gauge" data-state=word>
            <div class="gauge-head">
                <span class="gauge-name">
                    {named.then_some(name)} " "
                    {scope.map(|scope| view! { <span class="gauge-scope">{scope}</span> })}
                </span>
                <span class="gauge-percent">{share}</span>
            </div>
            <svg class="gauge-bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label=exact.clone()>
                <rect class="gauge-scale" width="100" height="8"></rect>
                <rect class="gauge-used" width=place(fraction) height="8"></rect>
                <path class="gauge-warn" d=format!("M{warn} 0V8")></path>
                <path class="gauge-limit" d=format!("M{limit} 0V8")></path>
            </svg>
            <div class="gauge-foot">
                <span class="state"><span aria-hidden="true">{sign}</span> " " {word}</span>
                <span title=exact>{used}</span>
                {resets.map(|resets| view! { <span>{resets}</span> })}
            </div>
            {note.map(|note| view! { <p class="gauge-note">{note}</p> })}
        </li>
    }
    .erased()
}
