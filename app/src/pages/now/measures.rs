//! What the stretch adds up to, measure by measure: the tabs of the plot.

use leptos::prelude::*;
use vocabulary::Measure;
use vocabulary::view::View as Shown;

use crate::api::breakdown::BreakdownSums;
use crate::parts::{MEASURES, figure};
use crate::reader::Reader;

/// From so many times as much on, a share says nothing either.
const FAR: f64 = 9.995;

/// What all events of the stretch add up to, and those of the one beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Totals {
    pub sums: BreakdownSums,
    /// Nothing where nothing is set beside it.
    pub compared: Option<BreakdownSums>,
}

/// The tabs.
pub fn measures(reader: &Reader, totals: &Totals, view: &Shown) -> AnyView {
    // One that is asked for by address has its place, too.
    let asked = (!MEASURES.contains(&view.measure)).then_some(view.measure);
    let tabs = MEASURES.into_iter().chain(asked).map(|measure| tab(reader, totals, view, measure));
    view! { <nav class="measures" aria-label=reader.text().now.measures>{tabs.collect_view()}</nav> }
        .into_any()
}

fn tab(reader: &Reader, totals: &Totals, view: &Shown, measure: Measure) -> AnyView {
    let value = totals.sums.measure(measure);
    let is_least = measure == Measure::CostUsd && totals.sums.unpriced > 0
        || measure.unit() == "tokens" && totals.sums.unknown_usage > 0;
    let least = if is_least { "≥\u{a0}" } else { "" };
    let shown = format!("{least}{}", reader.amount(value, measure.unit()));
    let exact = reader.exact_amount(value, measure.unit());
    let delta =
        totals.compared.as_ref().map(|compared| delta(reader, value, compared.measure(measure), measure));
    let is_bad = matches!(measure, Measure::Throttled) && value > 0.0;
    let hotkey = match measure {
        Measure::Requests => Some("r"),
        Measure::CostUsd => Some("c"),
        _ => None,
    };
    view! {
        <a
            href=view.with_measure(measure).address("/")
            aria-current=(measure == view.measure).then_some("true")
            data-bad=is_bad.then_some("")
            data-hotkey=hotkey
            title=exact
        >
            <span class="measure-name">{reader.text().words.measure(measure)}</span>
            {figure(&shown)}
            {delta.map(|(sign, said)| view! { " "<span class="delta" title=said><span aria-hidden="true">{sign}</span><span class="unseen">{said.clone()}</span></span> })}
        </a>
    }
    .into_any()
}

/// How much more or less it is: a sign for the eye, and words.
fn delta(reader: &Reader, now: f64, then: f64, measure: Measure) -> (String, String) {
    let text = &reader.text().now;
    let before = reader.amount(then, measure.unit());
    if (now - then).abs() < 1e-9 {
        return ("=".to_owned(), (text.as_before)(&before));
    }
    let sign = if now > then { "+" } else { "−" };
    // Of few, a share says nothing; what was nothing has none.
    let is_small = measure.unit() == "requests" && then < 20.0;
    let difference = match then {
        then if then <= 0.0 || is_small || (now - then) / then >= FAR => {
            reader.amount((now - then).abs(), measure.unit())
        }
        then => format!("{}\u{a0}%", reader.exact(((now - then).abs() / then * 100.0).round())),
    };
    let shown = format!("{sign}{difference}");
    let said = if now > then {
        (text.more_than)(&difference, &before)
    } else {
        (text.less_than)(&difference, &before)
    };
    (shown, said)
}
