//! The plot's numbers: a table for who cannot see it, from which the cursor reads, too.

use leptos::prelude::*;

use super::draw::per_window;
use super::nothing::nothing;
use crate::api::plot::Plot;
use crate::reader::Reader;

/// Every bin is a row, so that the row of a bin is found by its place.
pub(super) fn numbers(reader: &Reader, plot: &Plot) -> AnyView {
    let text = &reader.text().plot;
    let unit = plot.measure.unit();
    let limit = tightest(plot);
    let name =
        |name: &str| if name.is_empty() { reader.text().words.none.to_owned() } else { name.to_owned() };
    let heads = plot.stacks.iter().enumerate().map(|(place, stack)| {
        match plot.others > 0 && place + 1 == plot.stacks.len() {
            true => (reader.text().now.others)(&reader.exact(plot.others as f64)),
            false => name(&stack.name),
        }
    });
    let mut values = vec![vec![0.0; plot.stacks.len()]; plot.bins()];
    for (place, stack) in plot.stacks.iter().enumerate() {
        for (at_s, value) in &stack.points {
            if let Some(bin) = plot.bin(*at_s) {
                values[bin][place] += value;
            }
        }
    }
    let mut busiest = vec![None; plot.bins()];
    for (at_s, value) in &plot.busiest {
        if let Some(bin) = plot.bin(*at_s) {
            busiest[bin] = Some(*value);
        }
    }
    let mut compared = vec![0.0; plot.bins()];
    for (at_s, value) in &plot.compared {
        if let Some(bin) = plot.bin(*at_s) {
            compared[bin] += value;
        }
    }
    let has_compared = !plot.compared.is_empty();
    let has_busiest = plot.window_s < plot.step_s;
    let rows = values.iter().enumerate().map(|(bin, values)| {
        let start_s = plot.from_s + bin as i64 * plot.step_s;
        let total: f64 = values.iter().sum();
        let peak = busiest[bin].unwrap_or(total * plot.scale());
        let share = limit.filter(|amount| *amount > 0.0).map(|amount| reader.percent(peak / amount));
        let cell = |value: f64| if value == 0.0 { "·".to_owned() } else { reader.exact_amount(value, unit) };
        let cells = values.iter().map(|value| view! { <td>{cell(*value)}</td> }).collect_view();
        view! {
            <tr
                data-bin=bin.to_string()
                data-value=vocabulary::wording::plain(total, 9)
            >
                <th scope="row">{reader.moment(start_s)}{plot.is_open(bin).then_some(text.so_far)}</th>
                <td>{reader.exact_amount(total, unit)}</td>
                {share.map(|share| view! { <td>{share}</td> })}
                {has_busiest.then(|| view! { <td>{busiest[bin].map_or_else(|| "·".to_owned(), |value| reader.exact_amount(value, unit))}</td> })}
                {has_compared.then(|| view! { <td>{cell(compared[bin])}</td> })}
                {cells}
            </tr>
        }
    });
    view! {
        <details class="numbers" id="plot-numbers">
            <summary>{text.show_numbers}</summary>
            <div class="scroll" tabindex="0" role="region" aria-label=text.show_numbers>
                <table data-end=reader.moment(plot.to_s)>
                    <thead>
                        <tr>
                            <th scope="col">{text.from}</th>
                            <th scope="col">{reader.text().words.measure_short(plot.measure)}</th>
                            {limit.map(|_| view! { <th scope="col">{text.of_limit}</th> })}
                            {has_busiest.then(|| view! { <th scope="col">{(text.busiest)(&reader.step(plot.window_s))}</th> })}
                            {has_compared.then(|| view! { <th scope="col">{text.compared}</th> })}
                            {heads.map(|head| view! { <th scope="col">{head}</th> }).collect_view()}
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
        </details>
    }
    .into_any()
}

/// The tightest limit whose window is what columns are told per.
fn tightest(plot: &Plot) -> Option<f64> {
    let exact = plot.limits.iter().filter(|line| line.window_s == plot.window_s.min(plot.step_s));
    exact.map(|line| per_window(plot, line)).min_by(f64::total_cmp)
}

/// One sentence for who cannot see the picture.
pub(super) fn highest(reader: &Reader, plot: &Plot) -> String {
    let text = &reader.text().plot;
    let mut sums = vec![0.0; plot.bins()];
    for (at_s, value) in plot.stacks.iter().flat_map(|stack| &stack.points) {
        if let Some(bin) = plot.bin(*at_s) {
            sums[bin] += value;
        }
    }
    let highest =
        sums.iter().enumerate().max_by(|one, other| one.1.total_cmp(other.1)).filter(|(_, sum)| **sum > 0.0);
    match highest {
        None => nothing(reader, plot),
        Some((bin, sum)) => {
            let at = reader.moment(plot.from_s + bin as i64 * plot.step_s);
            (text.highest)(&reader.exact_amount(*sum, plot.measure.unit()), &at, &reader.step(plot.step_s))
        }
    }
}
