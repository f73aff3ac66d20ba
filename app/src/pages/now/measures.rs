//! What the stretch adds up to, measure by measure: the tabs of the plot.

use leptos::prelude::*;
use vocabulary::view::View as Shown;
use vocabulary::{Measure, wording};

use crate::api::breakdown::BreakdownSums;
use crate::parts::{MEASURES, figure};
use crate::reader::{JOIN, MANY_TIMES, Reader};

/// Of fewer requests than these a share says nothing.
const FEW: f64 = 20.0;

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
    let left_out = totals.sums.left_out(measure);
    let shown = reader.sum(value, measure.unit(), left_out);
    let exact = reader.exact_sum(value, measure.unit(), left_out);
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
    let amount = |value: f64| reader.amount(value, measure.unit());
    let before = amount(then);
    if (now - then).abs() < 1e-9 {
        return ("=".to_owned(), (text.as_before)(&before));
    }
    // Of few, a share says nothing; what was nothing has none.
    let has_share = then > 0.0 && !(measure.unit() == "requests" && then < FEW);
    if has_share && now / then >= MANY_TIMES {
        let times = reader.times(now / then);
        return (format!("×{times}"), (text.times_as_much)(&times, &before));
    }
    let share = if has_share { changed_by(reader, now, then) } else { None };
    let difference = share.unwrap_or_else(|| amount((now - then).abs()));
    if now > then {
        (format!("+{difference}"), (text.more_than)(&difference, &before))
    } else {
        (format!("−{difference}"), (text.less_than)(&difference, &before))
    }
}

/// By what share of what was there it has changed, in percent; nothing where that is next to nothing. Where something
/// remains, not all of it is gone.
fn changed_by(reader: &Reader, now: f64, then: f64) -> Option<String> {
    let percent = (now - then).abs() / then * 100.0;
    let tenths = percent * 10.0;
    let said = match percent {
        percent if percent < 0.05 => return None,
        percent if percent < 9.95 => wording::plain(tenths.round() / 10.0, 1),
        percent if percent > 99.0 && now < then => wording::plain(tenths.floor() / 10.0, 1),
        percent => reader.exact(percent.round()),
    };
    Some(format!("{said}{JOIN}%"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::zone::Zone;
    use crate::text::Language;

    fn said(language: Language, now: f64, then: f64, measure: Measure) -> (String, String) {
        let zone = Zone { name: "UTC".to_owned(), offsets: Vec::new() };
        delta(&Reader { language, zone, now_ms: 0 }, now, then, measure)
    }

    #[test]
    fn a_change_is_never_told_as_none_and_what_remains_never_as_gone() {
        for (now, then, sign, words) in [
            (900.0, 900.0, "=", "as before: 900"),
            (897.0, 900.0, "−0.3 %", "0.3 % less than 900 before"),
            (900.0, 897.0, "+0.3 %", "0.3 % more than 897 before"),
            (2.0, 897.0, "−99.7 %", "99.7 % less than 897 before"),
            (1.0, 90_000.0, "−99.9 %", "99.9 % less than 90,000 before"),
            (0.0, 897.0, "−100 %", "100 % less than 897 before"),
            (90_001.0, 90_000.0, "+1", "1 more than 90,000 before"),
            (945.0, 900.0, "+5 %", "5 % more than 900 before"),
            (1_197.0, 900.0, "+33 %", "33 % more than 900 before"),
            (8_991.0, 900.0, "+899 %", "899 % more than 900 before"),
            (10_800.0, 900.0, "×12", "12 times as much as before: 900"),
            (900.0, 30.0, "×30", "30 times as much as before: 30"),
            (900.0, 2.0, "+898", "898 more than 2 before"),
            (3.0, 0.0, "+3", "3 more than 0 before"),
        ] {
            let told = said(Language::English, now, then, Measure::Requests);
            let told = (told.0.replace(JOIN, " "), told.1.replace(JOIN, " "));
            assert_eq!(told, (sign.to_owned(), words.to_owned()), "{now} after {then}");
        }
        let korean = said(Language::Korean, 900.0, 30.0, Measure::Requests);
        assert_eq!(korean, ("×30".to_owned(), "이전 30의 30배".to_owned()));
    }
}
